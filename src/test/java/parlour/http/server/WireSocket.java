package parlour.http.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A browser's side of a WebSocket, frame by frame, for frames that no correct client sends. */
public final class WireSocket implements AutoCloseable {
  public static final int CONTINUATION = 0;
  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;
  public static final int FIN = 0x80;

  /** The example of RFC 6455 §1.3, whose answer is known. */
  public static final String HANDSHAKE = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
      + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  public static final String ACCEPTED = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

  private final Wire wire;
  private final String head;

  /** One frame; the payload of a close is its code and its reason. */
  public record Frame(int opcode, boolean last, String payload) {
    public boolean isClose(int code) {
      return opcode == CLOSE && code() == code;
    }

    public int code() {
      return payload.length() < 2 ? 1005 : payload.charAt(0) << 8 | payload.charAt(1);
    }
  }

  private WireSocket(Wire wire, String head) {
    this.wire = wire;
    this.head = head;
  }

  public static WireSocket open(int port, String path, String headers) throws IOException {
    var wire = new Wire(port);
    wire.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + HANDSHAKE + "\r\n");
    return new WireSocket(wire, wire.readUntil("\r\n\r\n"));
  }

  /** The answer to the handshake, without its body. */
  public String head() {
    return head;
  }

  public Wire wire() {
    return wire;
  }

  public WireSocket sendText(String text) throws IOException {
    return send(
        FIN | TEXT, new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
  }

  /** Sends a binary message: one byte for each character. */
  public WireSocket sendBytes(String latin1) throws IOException {
    return send(FIN | BINARY, latin1);
  }

  public WireSocket close(int code, String reason) throws IOException {
    return send(FIN | CLOSE, "" + (char) (code >> 8) + (char) (code & 0xff) + reason);
  }

  /**
   * @param first the frame's first byte: FIN, RSV, opcode
   */
  public WireSocket send(int first, String payload) throws IOException {
    return sendHead(first, payload.length(), payload);
  }

  /** Sends a frame that announces a length, and a part of its payload, with a mask of zeros. */
  public WireSocket sendHead(int first, int length, String payload) throws IOException {
    var frame = new StringBuilder().append((char) first);
    if (length < 126) {
      frame.append((char) (0x80 | length));
    } else if (length < 1 << 16) {
      frame.append((char) (0x80 | 126)).append((char) (length >> 8)).append((char) (length & 0xff));
    } else {
      frame.append((char) (0x80 | 127)).append("\0\0\0\0");
      for (int shift = 24; shift >= 0; shift -= 8) {
        frame.append((char) (length >> shift & 0xff));
      }
    }
    wire.send(frame.append("\0\0\0\0").append(payload).toString());
    return this;
  }

  /** The next frame; a close with code 1006 if the connection ended without one. */
  public Frame next() throws IOException {
    try {
      int first = wire.read();
      int length = wire.read();
      if (first < 0 || length < 0) {
        return lost();
      }
      int more = length == 126 ? 2 : length == 127 ? 8 : 0;
      if (more > 0) {
        length = 0;
        for (int i = 0; i < more; i++) {
          length = length << 8 | wire.read();
        }
      }
      var payload = new StringBuilder();
      for (int i = 0; i < length; i++) {
        int next = wire.read();
        if (next < 0) {
          return lost();
        }
        payload.append((char) next);
      }
      return new Frame(first & 0x0f, (first & FIN) != 0, payload.toString());
    } catch (java.net.SocketException reset) {
      return lost();
    }
  }

  private static Frame lost() {
    return new Frame(CLOSE, true, "" + (char) (1006 >> 8) + (char) (1006 & 0xff));
  }

  /** The next whole text, from all its frames. */
  public String receive() throws IOException {
    byte[] bytes = receive(TEXT).getBytes(StandardCharsets.ISO_8859_1);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The next whole binary message: one character for each byte. */
  public String receiveBytes() throws IOException {
    return receive(BINARY);
  }

  private String receive(int opcode) throws IOException {
    var message = new StringBuilder();
    int expected = opcode;
    while (true) {
      Frame frame = next();
      if (frame.opcode() != expected) {
        throw new IOException("not the expected message but " + frame);
      }
      expected = CONTINUATION;
      message.append(frame.payload());
      if (frame.last()) {
        return message.toString();
      }
    }
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
