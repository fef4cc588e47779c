package parlour.http.server;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.util.UrlEncoded;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.PlainText;
import parlour.http.json.FieldNames;
import parlour.http.json.Json;
import parlour.http.json.Json.Malformed;
import parlour.http.json.JsonText;

/**
 * The normaliser: a JSON object or a form as fields whose names match whatever their spelling
 * ({@code deploymentKey}, {@code DeploymentKey}, {@code deployment_key}). Only the fields that are
 * asked for matter; what else a body holds may be anything.
 */
public final class RequestFields {
  private final Map<String, @Nullable Object> values = new HashMap<>();
  private final Set<String> twice = new HashSet<>();

  private RequestFields() {}

  /** Of a JSON object. Throws a 400 that says what is wrong with it. */
  public static RequestFields ofJson(byte[] body) {
    try {
      var fields = new RequestFields();
      Object tree =
          JsonText.parse(Json.text(body), name -> fields.twice.add(FieldNames.normal(name)));
      if (!(tree instanceof Map<?, ?> object)) {
        throw new Malformed("the body is not a JSON object");
      }
      object.forEach((name, value) -> fields.add((String) name, value));
      return fields;
    } catch (Malformed e) {
      throw RefusedRequest.malformed(sentence(e.why()));
    }
  }

  /** Of a form, {@code application/x-www-form-urlencoded} in UTF-8. */
  public static RequestFields ofForm(byte[] body) {
    try {
      var fields = new RequestFields();
      String form = Json.text(body);
      if (form.chars().filter(c -> c == '&').count() >= Limits.FORM_FIELDS) {
        throw new Malformed("the form has more than " + Limits.FORM_FIELDS + " fields");
      }
      UrlEncoded.decodeUtf8To(form, 0, form.length(), fields::add);
      return fields;
    } catch (Malformed e) {
      throw RefusedRequest.malformed(sentence(e.why()));
    } catch (RuntimeException e) {
      throw RefusedRequest.malformed("The form is not percent-encoded UTF-8.");
    }
  }

  /** Of nothing: a body that may be left out. */
  public static RequestFields none() {
    return new RequestFields();
  }

  /** The field's value; a 400 that names it when it is absent, empty, no string, or given twice. */
  public String required(String name) {
    return optional(name)
        .orElseThrow(() -> RefusedRequest.malformed(
            "The field " + FieldNames.quoted(name) + " is missing or empty; send it as a string."));
  }

  /** The field's value; absent, null and empty are the same. */
  public Optional<String> optional(String name) {
    Object value = single(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof String text)) {
      throw RefusedRequest.malformed(
          "The field " + FieldNames.quoted(name) + " is not a string; send a string.");
    }
    if (!isText(text)) {
      throw RefusedRequest.malformed("The field " + FieldNames.quoted(name)
          + " has a NUL or half a surrogate pair; send valid text.");
    }
    if (!PlainText.isPlain(text)) {
      throw RefusedRequest.malformed(
          "The field " + FieldNames.quoted(name) + " " + PlainText.REMEDY + ".");
    }
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  /** The field as a whole number, also where it is written as text; absent and null are the same. */
  public Optional<Long> number(String name) {
    Object value = single(name);
    if (value == null || "".equals(value)) {
      return Optional.empty();
    }
    if (value instanceof Long number) {
      return Optional.of(number);
    }
    if (value instanceof String text && text.matches("-?[0-9]{1,18}")) {
      return Optional.of(Long.valueOf(text));
    }
    throw RefusedRequest.malformed(
        "The field " + FieldNames.quoted(name) + " is no whole number; send one such as 42.");
  }

  /** The field as yes or no, also where it is written as text; absent and null are no. */
  public boolean flag(String name) {
    Object value = single(name);
    if (value == null || value.equals(false) || "false".equals(value) || "".equals(value)) {
      return false;
    }
    if (value.equals(true) || "true".equals(value)) {
      return true;
    }
    throw RefusedRequest.malformed(
        "The field " + FieldNames.quoted(name) + " is neither true nor false.");
  }

  private @Nullable Object single(String name) {
    String key = FieldNames.normal(name);
    if (twice.contains(key)) {
      throw RefusedRequest.malformed(
          "The field " + FieldNames.quoted(name) + " is given twice; send it once.");
    }
    return values.get(key);
  }

  private void add(String name, @Nullable Object value) {
    String key = FieldNames.normal(name);
    if (values.containsKey(key)) {
      twice.add(key);
    }
    values.put(key, value);
  }

  /** Whether a database and another JSON parser would take it: no NUL, no lone surrogates. */
  private static boolean isText(String text) {
    for (int i = 0; i < text.length(); i++) {
      int point = text.codePointAt(i);
      if (point == 0 || (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
        return false;
      }
      i += Character.charCount(point) - 1;
    }
    return true;
  }

  static String sentence(String why) {
    return "The body can not be read: " + why + ".";
  }
}
