package parlour.realtime;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.json.Json;

/**
 * A request in a frame: it looks like HTTP, and its host is only a label.
 *
 * @param path the decoded segments, without the prefix of a site's proxy
 * @param params the query, decoded; of a key that comes twice, the first value
 * @param headers by their names as the client wrote them
 */
record FrameRequest(
    String method,
    List<String> path,
    Map<String, String> params,
    Map<String, String> headers,
    String body) {

  /** A prefix of one segment that leads to this server, as the address of the socket can have. */
  private static final Pattern PREFIX =
      Pattern.compile("^/[A-Za-z0-9._~-]{0,63}\\.twilio\\.com(?=/)");

  private static final Pattern UNSAFE = Pattern.compile("\\.{1,2}|.*[/\\\\%\\p{Cntrl}].*");

  FrameRequest {
    path = List.copyOf(path);
    params = Map.copyOf(params);
    headers = Map.copyOf(headers);
  }

  /** Reads a {@code message}; empty if its path leads nowhere: the answer is then 404. */
  static Optional<FrameRequest> of(TwilsockFrame frame) {
    if (!(frame.member("http_request") instanceof Map<?, ?> request)
        || !(request.get("method") instanceof String method)
        || !(request.get("path") instanceof String path)) {
      throw new TwilsockFrame.Malformed("http_request lacks a method or a path");
    }
    String body;
    try {
      body = text(frame.payload());
    } catch (CharacterCodingException e) {
      throw new TwilsockFrame.Malformed("the payload is not UTF-8");
    }
    return segments(path)
        .map(segments -> new FrameRequest(
            method,
            segments,
            texts(request.get("params"), true),
            texts(request.get("headers"), false),
            body));
  }

  /** Whether the request can only be about subscriptions. Reads no more of it than its path. */
  static boolean isSubscription(TwilsockFrame frame) {
    return frame.member("http_request") instanceof Map<?, ?> request
        && request.get("path") instanceof String path
        && path.endsWith("/v4/Subscriptions");
  }

  private static Optional<List<String>> segments(String path) {
    String rest = PREFIX.matcher(path).replaceFirst("");
    if (!rest.startsWith("/") || rest.length() > Limits.REALTIME_PATH) {
      return Optional.empty();
    }
    List<String> segments = new ArrayList<>();
    for (String encoded : rest.substring(1).split("/", -1)) {
      Optional<String> segment =
          decoded(encoded).filter(one -> !UNSAFE.matcher(one).matches());
      if (segment.isEmpty()) {
        return Optional.empty();
      }
      segments.add(segment.get());
    }
    return Optional.of(segments);
  }

  /**
   * The texts of an object.
   *
   * @param areEncoded whether the values are percent-encoded
   */
  private static Map<String, String> texts(@Nullable Object object, boolean areEncoded) {
    if (!(object instanceof Map<?, ?> members)) {
      return Map.of();
    }
    Map<String, String> texts = new HashMap<>();
    members.forEach((name, value) -> {
      Object first =
          value instanceof List<?> several && !several.isEmpty() ? several.getFirst() : value;
      String text = first instanceof String || first instanceof Number || first instanceof Boolean
          ? String.valueOf(first)
          : null;
      if (text != null) {
        Optional<String> plain = areEncoded ? decoded(text) : Optional.of(text);
        plain.ifPresent(one -> texts.put(String.valueOf(name), one));
      }
    });
    return texts;
  }

  /** Decodes percent-encoding once (RFC 3986 §2.1); empty if it is malformed. */
  private static Optional<String> decoded(String encoded) {
    if (encoded.indexOf('%') < 0) {
      return Optional.of(encoded);
    }
    byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
    ByteBuffer plain = ByteBuffer.allocate(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != '%') {
        plain.put(bytes[i]);
        continue;
      }
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        return Optional.empty();
      }
      plain.put((byte) (high * 16 + low));
      i += 2;
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(plain.flip()).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /**
   * Whether it is this call.
   *
   * @param pattern segments, of which {@code *} stands for any
   */
  boolean is(String method, String... pattern) {
    if (!this.method.equals(method) || path.size() != pattern.length) {
      return false;
    }
    for (int i = 0; i < pattern.length; i++) {
      if (!pattern[i].equals("*") && !pattern[i].equals(path.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** A header, by its name in any case. */
  Optional<String> header(String name) {
    return headers.entrySet().stream()
        .filter(one -> one.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** A number of the query; empty if it is absent or not a whole number. */
  Optional<Long> number(String param) {
    return Optional.ofNullable(params.get(param))
        .filter(text -> text.matches("-?[0-9]{1,15}"))
        .map(Long::valueOf);
  }

  /** The members of the body; empty if it is not a JSON object. */
  Optional<Map<String, @Nullable Object>> json() {
    return Json.object(body);
  }

  /** A field of a form-encoded body. */
  Optional<String> formField(String name) {
    for (String pair : body.split("&", Limits.FORM_FIELDS)) {
      String[] parts = pair.split("=", 2);
      if (parts.length == 2 && parts[0].equals(name)) {
        return decoded(parts[1]);
      }
    }
    return Optional.empty();
  }

  /** Without values: a body is a message, and a query can name a person. */
  @Override
  public String toString() {
    return "FrameRequest[" + method + ", " + path.size() + " segments]";
  }
}
