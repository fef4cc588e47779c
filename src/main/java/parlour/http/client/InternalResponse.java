package parlour.http.client;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The response of another process.
 *
 * @param headers by their names in lower case; the first one of each name
 */
record InternalResponse(int status, Map<String, String> headers, byte[] body) {

  /** The value of a header; null if the response does not have it. */
  @Nullable
  String header(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }

  boolean hasHeader(String name) {
    return header(name) != null;
  }

  /** The media type without its parameters; null if the response names none. */
  @Nullable
  String mediaType() {
    String type = header("content-type");
    return type == null ? null : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }
}
