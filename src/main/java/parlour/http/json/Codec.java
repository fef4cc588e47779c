package parlour.http.json;

import org.jspecify.annotations.Nullable;
import parlour.http.json.Json.Malformed;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads and writes the values of one type. A value of another type is refused, never converted. */
interface Codec {

  /** Reads the value that begins at the current token, and stops at its last token. */
  Object read(JsonParser json);

  void write(JsonGenerator json, Object value);

  /** The value of a member that is absent or null; null if the member is required. */
  default @Nullable Object ifAbsent() {
    return null;
  }

  static void expect(JsonParser json, JsonToken token, String expected) {
    if (json.currentToken() != token) {
      throw unexpected(expected);
    }
  }

  static Malformed unexpected(String expected) {
    return Json.misfit(expected + " was expected");
  }
}
