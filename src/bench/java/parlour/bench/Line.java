package parlour.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * One connection, on a plain socket: calls one after the other, or a WebSocket. The generator of a
 * load shares the server's cores and must cost little.
 */
final class Line implements AutoCloseable {
  /** A call fails when the server sends nothing for so long. Parlour pings each socket every 25 s. */
  private static final int LONGEST_SILENCE_MILLIS = 60_000;

  private static final String LENGTH = "Content-Length: ";
  private static final int TEXT = 1;

  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int FIN = 0x80;

  private final Socket socket;
  private final BufferedInputStream in;
  private final String headers;
  private long bytesOfMessages;

  /** An answer: its status line's code, one of its headers, its body. */
  record Answer(int status, String cookie, String body) {
    /** A member of the body, which is JSON whose texts hold no quotes. */
    String text(String member) {
      String before = '"' + member + "\":\"";
      int from = body.indexOf(before);
      if (from < 0) {
        throw new IllegalStateException("no " + member + " in " + status + " " + body);
      }
      return body.substring(from + before.length(), body.indexOf('"', from + before.length()));
    }
  }

  /**
   * @param headers sent with every call, each with its line end
   */
  Line(int port, String headers) throws IOException {
    this.headers = "Host: 127.0.0.1:" + port + "\r\n" + headers.replace("\n", "\r\n");
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(LONGEST_SILENCE_MILLIS);
    in = new BufferedInputStream(socket.getInputStream(), 4 * 1024);
  }

  /** Posts, and demands this status. */
  Answer post(String path, String more, String body, int status) throws IOException {
    return demanded(status, post(path, more, body));
  }

  /** Posts, whatever the answer says. */
  Answer post(String path, String more, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return asked("POST %s HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n%s"
        .formatted(path, headers, more, bytes.length, body));
  }

  /** Asks for something, and demands a 200. */
  Answer get(String path, String more) throws IOException {
    return demanded(200, asked("GET %s HTTP/1.1\r\n%s%s\r\n".formatted(path, headers, more)));
  }

  private Answer asked(String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    return answer();
  }

  private static Answer demanded(int status, Answer answer) {
    if (answer.status() != status) {
      throw new IllegalStateException(answer.status() + ": " + answer.body());
    }
    return answer;
  }

  private Answer answer() throws IOException {
    String first = line();
    int length = 0;
    String cookie = "";
    for (String header = line(); !header.isEmpty(); header = line()) {
      if (header.regionMatches(true, 0, LENGTH, 0, LENGTH.length())) {
        length = Integer.parseInt(header.substring(LENGTH.length()));
      } else if (header.startsWith("Set-Cookie: ")) {
        cookie = header.substring("Set-Cookie: ".length(), header.indexOf(';'));
      }
    }
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return new Answer(Integer.parseInt(first.substring(9, 12)), cookie, body);
  }

  /** Turns it into a WebSocket, with the key of RFC 6455 §1.3. */
  Line upgrade(String path) throws IOException {
    socket
        .getOutputStream()
        .write(("GET " + path + " HTTP/1.1\r\n" + headers
                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    Answer answer = answer();
    if (answer.status() != 101) {
      throw new IllegalStateException(answer.status() + ": " + answer.body());
    }
    return this;
  }

  /** Sends a text. */
  void say(String text) throws IOException {
    send(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends a binary message. */
  void send(byte[] message) throws IOException {
    send(BINARY, message);
  }

  /** Sends a message in one frame; its mask is 0, and so none. */
  private void send(int opcode, byte[] payload) throws IOException {
    var frame = new ByteArrayOutputStream(payload.length + 8);
    frame.write(FIN | opcode);
    if (payload.length < 126) {
      frame.write(FIN | payload.length);
    } else {
      frame.write(FIN | 126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    }
    frame.writeBytes(new byte[4]);
    frame.writeBytes(payload);
    socket.getOutputStream().write(frame.toByteArray());
  }

  /** The next text; our server sends each in one frame. */
  String hear() throws IOException {
    return new String(receive(TEXT), StandardCharsets.UTF_8);
  }

  /** The next binary message. */
  byte[] receive() throws IOException {
    return receive(BINARY);
  }

  /** The bytes of all messages that were received on the socket, with the heads of their frames. */
  long bytesOfMessages() {
    return bytesOfMessages;
  }

  private byte[] receive(int wanted) throws IOException {
    while (true) {
      int opcode = byteOrEnd() & 0x0f;
      int length = byteOrEnd();
      int more = length == 126 ? 2 : length == 127 ? 8 : 0;
      if (more > 0) {
        length = 0;
        for (int i = 0; i < more; i++) {
          length = length << 8 | byteOrEnd();
        }
      }
      byte[] payload = in.readNBytes(length);
      bytesOfMessages += 2 + more + length;
      if (opcode == CLOSE) {
        throw new IOException("the server closed the socket");
      }
      if (opcode == wanted) {
        return payload;
      }
    }
  }

  private int byteOrEnd() throws IOException {
    int next = in.read();
    if (next < 0) {
      throw new IOException("the server hung up");
    }
    return next;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = byteOrEnd(); c != '\n'; c = byteOrEnd()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
