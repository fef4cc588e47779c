package parlour.http.json;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The text of one JSON value, which Parlour stores and passes on without interpreting it: attributes,
 * and the data that a page passes before the chat. In JSON it is a string.
 *
 * <p>{@link #of} and {@link #parse} check a text. {@link #stored} and the codec of internal calls do
 * not parse it again, because a process of this installation has checked it before.
 */
public final class JsonText {
  /** <code>{}</code>, which stands for no attributes and no data. */
  public static final JsonText EMPTY = new JsonText("{}");

  static final Codec CODEC = new TextCodec(JsonText::stored, value -> ((JsonText) value).text);

  private final String text;

  private JsonText(String text) {
    this.text = text;
  }

  /**
   * Checks a text of unknown origin.
   *
   * @param maxBytes the most bytes that it may have in UTF-8
   * @return empty if it is longer, or is not one JSON value
   */
  public static Optional<JsonText> of(String text, int maxBytes) {
    try {
      return text.getBytes(StandardCharsets.UTF_8).length <= maxBytes
          ? Optional.of(parse(text))
          : Optional.empty();
    } catch (Json.Malformed e) {
      return Optional.empty();
    }
  }

  /** Checks a text whose length is bounded otherwise, or throws {@link Json.Malformed}. */
  public static JsonText parse(String text) {
    Object _ = StrictParser.parse(text, _ -> {});
    return new JsonText(text);
  }

  /** Takes a text from the store, which holds only texts that were checked. */
  public static JsonText stored(String text) {
    return text.equals(EMPTY.text) ? EMPTY : new JsonText(text);
  }

  public String text() {
    return text;
  }

  /** This object with another first member; this text if it is not an object, or has such a member. */
  public JsonText withFirst(String member, JsonText value) {
    Optional<Map<String, @Nullable Object>> known = Json.object(text);
    if (known.isEmpty() || known.get().containsKey(member)) {
      return this;
    }
    String rest = text.strip().substring(1).strip();
    return new JsonText("{\"" + member + "\":" + value.text + (rest.equals("}") ? "" : ",") + rest);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonText value && value.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
