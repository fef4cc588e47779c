package parlour.http.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
import parlour.http.json.StrictParser;

/**
 * The fields of a JSON object or a form. A name matches in each of its spellings: {@code
 * deploymentKey}, {@code DeploymentKey}, {@code deployment_key}. Fields that are not read are not
 * checked either.
 */
public final class RequestFields {
  private final Map<String, @Nullable Object> values = new HashMap<>();
  private final Set<String> twice = new HashSet<>();

  /** The values of a form's field that came before the last one of that name. */
  private final Map<String, List<@Nullable Object>> earlier = new HashMap<>();

  private RequestFields() {}

  /**
   * Reads a JSON object.
   *
   * @throws RefusedRequest 400, with the reason
   */
  public static RequestFields ofJson(byte[] body) {
    try {
      var fields = new RequestFields();
      Object tree =
          StrictParser.parse(Json.text(body), name -> fields.twice.add(FieldNames.normal(name)));
      if (!(tree instanceof Map<?, ?> object)) {
        throw new Malformed("the body is not a JSON object");
      }
      object.forEach((name, value) -> fields.add((String) name, value));
      return fields;
    } catch (Malformed e) {
      throw RefusedRequest.malformed(sentence(e.why()));
    }
  }

  /**
   * Reads a form, {@code application/x-www-form-urlencoded} in UTF-8.
   *
   * @throws RefusedRequest 400, with the reason
   */
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

  /** The fields of an empty body. */
  public static RequestFields none() {
    return new RequestFields();
  }

  /**
   * The field's value.
   *
   * @throws RefusedRequest 400 if the field is missing, empty, not a string, or repeated
   */
  public String required(String name) {
    return optional(name)
        .orElseThrow(() -> RefusedRequest.malformed(
            "The field " + FieldNames.quoted(name) + " is missing or empty; send it as a string."));
  }

  /** The field's value; empty if it is missing, null or empty. */
  public Optional<String> optional(String name) {
    Object value = single(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof String text)) {
      throw RefusedRequest.malformed(
          "The field " + FieldNames.quoted(name) + " is not a string; send a string.");
    }
    if (!PlainText.isPrintableAscii(text)) {
      demandPlain(name, text);
    }
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static void demandPlain(String name, String text) {
    if (!isText(text)) {
      throw RefusedRequest.malformed("The field " + FieldNames.quoted(name)
          + " has a NUL or half a surrogate pair; send valid text.");
    }
    if (!PlainText.isPlain(text)) {
      throw RefusedRequest.malformed(
          "The field " + FieldNames.quoted(name) + " " + PlainText.REMEDY + ".");
    }
  }

  /**
   * The texts of a field that can have several: an array of strings, or a form's field that is
   * repeated. Empty if it is missing or null.
   *
   * @param max the number of texts that are accepted
   */
  public List<String> texts(String name, int max) {
    String key = FieldNames.normal(name);
    List<@Nullable Object> given = new ArrayList<>(earlier.getOrDefault(key, List.of()));
    Object last = values.get(key);
    if (last instanceof List<?> array) {
      given.addAll(array);
    } else if (last != null) {
      given.add(last);
    }
    if (given.size() > max) {
      throw RefusedRequest.malformed(
          "The field " + FieldNames.quoted(name) + " has more than " + max + " values.");
    }
    return given.stream()
        .map(value -> {
          if (value instanceof String text && isText(text) && PlainText.isPlain(text)) {
            return text;
          }
          throw RefusedRequest.malformed(
              "The field " + FieldNames.quoted(name) + " has a value that is not a text.");
        })
        .toList();
  }

  /** The field as an integer, also if it was sent as a string; empty if it is missing or null. */
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
        "The field " + FieldNames.quoted(name) + " is not an integer; send one such as 42.");
  }

  /** The field as a boolean, also if it was sent as a string; false if it is missing or null. */
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
      earlier.computeIfAbsent(key, _ -> new ArrayList<>()).add(values.get(key));
    }
    values.put(key, value);
  }

  /** Whether databases and other JSON parsers accept the text: no NUL and no lone surrogates. */
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
    return "The body cannot be read: " + why + ".";
  }
}
