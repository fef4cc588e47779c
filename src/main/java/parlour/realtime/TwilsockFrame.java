package parlour.realtime;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.json.Json;

/**
 * One message of Twilsock V3.0, which is one binary message of the socket: a first line with the
 * length of the header, the header as a JSON object, and a payload whose length the header gives.
 * Both lengths count bytes.
 */
final class TwilsockFrame {
  private static final byte[] BEGIN = "TWILSOCK V3.0 ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LINE_END = {'\r', '\n'};
  private static final int LENGTH_DIGITS =
      String.valueOf(Limits.REALTIME_HEADER).length();

  private final String method;
  private final String id;

  /** As it came: the objects of a parsed header would take twenty times as much memory. */
  private final byte[] message;

  private final int headerAt;
  private final int headerEnd;

  private TwilsockFrame(String method, String id, byte[] message, int headerAt, int headerEnd) {
    this.method = method;
    this.id = id;
    this.message = message;
    this.headerAt = headerAt;
    this.headerEnd = headerEnd;
  }

  /** A frame that does not keep the format. An expected outcome, so it has no stack trace. */
  static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Malformed(String why) {
      super(why, null, false, false);
    }
  }

  /** Throws {@link Malformed} on anything but exactly one frame. */
  static TwilsockFrame parse(byte[] message) {
    int headerAt = endOfFirstLine(message);
    int headerBytes = headerLength(message, headerAt - LINE_END.length);
    int headerEnd = headerAt + headerBytes;
    if (headerEnd + LINE_END.length > message.length || !isLineEnd(message, headerEnd)) {
      throw new Malformed("the header does not end where its length says");
    }
    Map<String, @Nullable Object> header = header(message, headerAt, headerEnd);
    int payloadAt = headerEnd + LINE_END.length;
    long payloadBytes = header.getOrDefault("payload_size", 0L) instanceof Long size ? size : -1;
    if (payloadBytes != message.length - payloadAt) {
      throw new Malformed("payload_size is not the number of bytes after the header");
    }
    return new TwilsockFrame(
        String.valueOf(header.get("method")),
        String.valueOf(header.get("id")),
        message,
        headerAt,
        headerEnd);
  }

  private static int endOfFirstLine(byte[] message) {
    int digitsAt = BEGIN.length;
    if (message.length < digitsAt || !Arrays.equals(message, 0, digitsAt, BEGIN, 0, digitsAt)) {
      throw new Malformed("this is not Twilsock V3.0");
    }
    for (int i = digitsAt; i <= digitsAt + LENGTH_DIGITS; i++) {
      if (isLineEnd(message, i)) {
        return i + LINE_END.length;
      }
    }
    throw new Malformed("the first line does not end after a length");
  }

  private static int headerLength(byte[] message, int end) {
    int length = 0;
    for (int i = BEGIN.length; i < end; i++) {
      if (message[i] < '0' || message[i] > '9') {
        throw new Malformed("the length of the header is not a decimal number");
      }
      length = length * 10 + (message[i] - '0');
    }
    if (length < 1 || length > Limits.REALTIME_HEADER) {
      throw new Malformed("the header must have 1 to %d bytes".formatted(Limits.REALTIME_HEADER));
    }
    return length;
  }

  private static boolean isLineEnd(byte[] message, int at) {
    return at + 1 < message.length && message[at] == '\r' && message[at + 1] == '\n';
  }

  private static Map<String, @Nullable Object> header(byte[] message, int from, int to) {
    String text;
    try {
      text = Json.text(Arrays.copyOfRange(message, from, to));
    } catch (Json.Malformed e) {
      throw new Malformed("the header is not a JSON object in UTF-8");
    }
    Map<String, @Nullable Object> header = Json.object(text)
        .orElseThrow(() -> new Malformed("the header is not a JSON object in UTF-8"));
    if (!(header.get("method") instanceof String)
        || !(header.get("id") instanceof String id)
        || id.length() > Limits.REALTIME_FRAME_ID) {
      throw new Malformed("the header lacks a method or an id");
    }
    return header;
  }

  /**
   * Makes the bytes of a frame that we send.
   *
   * @param header without {@code payload_size}, which is added
   */
  static byte[] bytes(JsonObject header, byte[] payload) {
    byte[] head = header.with("payload_size", payload.length).bytes();
    byte[] length = String.valueOf(head.length).getBytes(StandardCharsets.US_ASCII);
    byte[][] parts = {BEGIN, length, LINE_END, head, LINE_END, payload};
    byte[] whole = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return whole;
  }

  String method() {
    return method;
  }

  String id() {
    return id;
  }

  /** Whether the client answers one of our frames. */
  boolean isAcknowledgement() {
    return method.equals("reply");
  }

  /** A member of the header, which is parsed for that; null if it is absent or null. */
  @Nullable
  Object member(String name) {
    return header(message, headerAt, headerEnd).get(name);
  }

  byte[] payload() {
    return Arrays.copyOfRange(message, headerEnd + LINE_END.length, message.length);
  }

  /** The length of the whole message, which is all that a frame keeps. */
  int bytes() {
    return message.length;
  }

  /** Without its content, which can be a token or a message. */
  @Override
  public String toString() {
    return "TwilsockFrame[" + method + ", " + message.length + " bytes]";
  }
}
