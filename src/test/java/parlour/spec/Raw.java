package parlour.spec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.http.Header;
import parlour.http.json.Json;

/** Sends HTTP text over its own socket, also what a correct client cannot send. */
final class Raw {
  private static final int PATIENCE_MILLIS = 30_000;

  private Raw() {}

  /** An answer, with its headers in the order in which they came. */
  record Answer(int status, List<Header> headers, String body) {

    Optional<String> header(String name) {
      return headers.stream()
          .filter(header -> header.name().equalsIgnoreCase(name))
          .map(Header::value)
          .reduce((a, b) -> a + " | " + b); // a second value is never what is expected
    }

    Map<String, @Nullable Object> json() {
      return Json.object(body)
          .orElseThrow(() -> new IllegalStateException("no JSON object: " + this));
    }

    String text(String member) {
      return String.valueOf(json().get(member));
    }
  }

  /**
   * Sends a request and reads the answer to its end.
   *
   * @param head the request line and headers, one a line; Connection: close is added
   */
  static Answer send(URI to, String head, String body) {
    String whole = head.strip().replaceAll("\r?\n", "\r\n") + "\r\nConnection: close\r\n\r\n";
    try (Socket socket = new Socket(to.getHost(), to.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(whole.getBytes(ISO_8859_1));
      socket.getOutputStream().write(body.getBytes(UTF_8));
      socket.getOutputStream().flush();
      return parse(whatComes(socket.getInputStream()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] whatComes(InputStream in) throws IOException {
    var answer = new ByteArrayOutputStream();
    try {
      in.transferTo(answer);
    } catch (SocketException reset) {
      // A server that has answered need not read the rest of what was sent.
      if (answer.size() == 0) {
        throw reset;
      }
    }
    return answer.toByteArray();
  }

  private static Answer parse(byte[] bytes) {
    String all = new String(bytes, ISO_8859_1);
    int end = all.indexOf("\r\n\r\n");
    if (end < 0) {
      throw new IllegalStateException("no HTTP: " + all);
    }
    List<String> lines = List.of(all.substring(0, end).split("\r\n", -1));
    int status = Integer.parseInt(lines.getFirst().split(" ", -1)[1]);
    List<Header> headers = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    byte[] body = Arrays.copyOfRange(bytes, end + 4, bytes.length);
    boolean chunked = headers.stream()
        .anyMatch(header -> header.name().toLowerCase(Locale.ROOT).equals("transfer-encoding"));
    return new Answer(status, headers, new String(chunked ? joined(body) : body, UTF_8));
  }

  private static byte[] joined(byte[] chunks) {
    var body = new ByteArrayOutputStream();
    String text = new String(chunks, ISO_8859_1);
    int at = 0;
    while (true) {
      int line = text.indexOf("\r\n", at);
      int length = Integer.parseInt(text.substring(at, line), 16);
      if (length == 0) {
        return body.toByteArray();
      }
      body.write(chunks, line + 2, length);
      at = line + 2 + length + 2;
    }
  }
}
