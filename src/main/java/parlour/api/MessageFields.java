package parlour.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.MessageIndex;
import parlour.conversations.PageOfMessages;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.JsonText;
import parlour.http.server.RequestFields;

/**
 * Validates the fields of requests about messages, for every API: a new message, an index, a page.
 * An invalid field is a 400 that names the field and the bound.
 */
public final class MessageFields {
  private static final Pattern CLIENT_ID =
      Pattern.compile("[A-Za-z0-9_-]{1," + Limits.CLIENT_ID_CHARACTERS + "}");

  private MessageFields() {}

  /** {@code before} or {@code after} an index, and a {@code limit}; without: the newest. */
  public static PageOfMessages page(RequestFields query) {
    long limit = query.number("limit").orElse((long) Limits.PAGE_DEFAULT);
    if (limit < 1 || limit > Limits.MAX_PAGE) {
      throw new Problem(
          ErrorCode.MALFORMED, "The limit must be from 1 to %d.".formatted(Limits.MAX_PAGE));
    }
    Optional<Long> before = query.number("before");
    Optional<Long> after = query.number("after");
    if (before.isPresent() && after.isPresent()) {
      throw new Problem(ErrorCode.MALFORMED, "Ask for before or after, not for both.");
    }
    return after
        .<PageOfMessages>map(
            index -> new PageOfMessages.After(MessageIndex.orNone(index), (int) limit))
        .orElseGet(() -> new PageOfMessages.Before(
            before.map(MessageIndex::orNone).orElse(MessageIndex.END), (int) limit));
  }

  public static String body(String body) {
    return body("body", body);
  }

  /** The text of a message, from the field of this name. */
  public static String body(String field, String body) {
    if (body.getBytes(StandardCharsets.UTF_8).length > Limits.MESSAGE_BODY_BYTES) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"%s\" has more than %d bytes; send a shorter message, or two."
              .formatted(field, Limits.MESSAGE_BODY_BYTES));
    }
    return body;
  }

  /** The text of a message, which can be empty if the message has files. */
  public static String body(RequestFields fields, List<Sid.Media> files) {
    return body(
        files.isEmpty() ? fields.required("body") : fields.optional("body").orElse(""));
  }

  /**
   * The files of a message.
   *
   * @param name of the field: a name for one, or for several
   */
  public static List<Sid.Media> files(RequestFields fields, String name) {
    return files(name, fields.texts(name, Limits.MEDIA_PER_MESSAGE));
  }

  /** The files that these texts name, which are from the field of this name. */
  public static List<Sid.Media> files(String name, List<String> sids) {
    List<Sid.Media> files = new ArrayList<>();
    for (String sid : sids) {
      try {
        files.add(new Sid.Media(sid));
      } catch (IllegalArgumentException e) {
        throw new Problem(
            ErrorCode.MALFORMED,
            "The field \"%s\" has a value that is not ME and 32 lower-case hex digits."
                .formatted(name));
      }
    }
    return files;
  }

  /** The attributes of a message. */
  public static JsonText attributes(Optional<String> given) {
    return given.map(text -> attributes(text, Limits.ATTRIBUTES_BYTES)).orElse(JsonText.EMPTY);
  }

  public static JsonText attributes(String attributes, int maxBytes) {
    return JsonText.of(attributes, maxBytes)
        .orElseThrow(() -> new Problem(
            ErrorCode.MALFORMED,
            "The field \"attributes\" must be the text of a JSON value of at most %d bytes."
                .formatted(maxBytes)));
  }

  public static String clientId(String clientId) {
    if (!CLIENT_ID.matcher(clientId).matches()) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"client_id\" must have 1 to %d letters, digits, - or _."
              .formatted(Limits.CLIENT_ID_CHARACTERS));
    }
    return clientId;
  }

  public static MessageIndex index(RequestFields fields) {
    return fields
        .number("index")
        .filter(index -> index >= 0)
        .map(MessageIndex::new)
        .orElseThrow(() -> new Problem(
            ErrorCode.MALFORMED,
            "The field \"index\" is missing; send the index of the last message that was read."));
  }
}
