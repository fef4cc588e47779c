package parlour.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.LongForm;
import parlour.http.json.Json;
import parlour.spec.Browser;

/** One address requests much data and reads none of it, from a process with little memory. */
@LongForm(instead = "OutflowTest")
class SlowReadersTest {
  private static final List<String> LITTLE_MEMORY =
      List.of("-Xmx256m", "-XX:+ExitOnOutOfMemoryError");

  @TempDir
  private static Path folder;

  @AutoClose
  private final Started up = Started.up(folder, LITTLE_MEMORY, 0);

  /** A guest at another address. */
  private final HttpClient honest = HttpClient.newBuilder()
      .localAddress(InetAddress.ofLiteral("127.0.0.2"))
      .version(HttpClient.Version.HTTP_1_1)
      .build();

  private final List<Socket> readers = new ArrayList<>();
  private String token = "";

  @BeforeEach
  void startChatWithLongHistory() throws Exception {
    HttpResponse<String> chat =
        post("/v2/Webchat/Init", "application/json", """
            {"deploymentKey":"%s"}\
            """.formatted(up.deploymentKey()), "");
    assertThat(chat.statusCode()).as(chat.body()).isEqualTo(201);
    token = text(chat, "token");
    String account = up.awaits("account +(AC[0-9a-f]{32})");
    String server = "Basic "
        + Base64.getEncoder()
            .encodeToString(
                (account + ":" + up.awaits("auth token +([0-9a-f]{32})")).getBytes(UTF_8));
    String longest = "Body=" + "%22".repeat(Limits.MESSAGE_BODY_BYTES); // twice as long in JSON
    for (int i = 0; i < Limits.MAX_PAGE; i++) {
      HttpResponse<String> said = post(
          "/v1/Conversations/" + text(chat, "conversation_sid") + "/Messages",
          "application/x-www-form-urlencoded",
          longest,
          server);
      assertThat(said.statusCode()).isEqualTo(201);
    }
  }

  @Test
  void neither_slow_readers_nor_sockets_that_do_not_read_use_up_the_shared_memory()
      throws Exception {
    try {
      for (int i = 0; i < 50; i++) {
        connect().getOutputStream().write(historyCall().getBytes(ISO_8859_1));
      }
      for (int i = 0; i < 100; i++) {
        openSocketWithoutReading();
      }
      for (int i = 0; i < 20; i++) {
        HttpResponse<String> history = honest.send(
            request("/v2/Webchat/Messages?limit=100", "Bearer " + token).build(),
            HttpResponse.BodyHandlers.ofString());
        assertThat(history.statusCode()).isEqualTo(200);
        assertThat(history.body().length()).isLessThan(Limits.PAGE_BYTES);
      }
      assertThat(up.isAlive()).isTrue();
      assertThat(up.err()).doesNotContain("OutOfMemoryError", "\"log.level\":\"error\"");
    } finally {
      for (Socket reader : readers) {
        reader.close();
      }
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    readers.add(socket);
    socket.setReceiveBufferSize(4_096); // so that the kernel does not read for us
    socket.connect(
        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), up.edge().getPort()));
    socket.setSoTimeout(20_000);
    return socket;
  }

  private String historyCall() {
    var call = new StringBuilder("GET /v2/Webchat/Messages?limit=100 HTTP/1.1\r\nHost: x\r\n");
    Browser.CHROME_ON_WINDOWS
        .headers()
        .forEach((name, value) -> call.append(name + ": " + value + "\r\n"));
    return call + "Authorization: Bearer " + token + "\r\nWebchat-Deployment-Key: "
        + up.deploymentKey() + "\r\n\r\n";
  }

  private void openSocketWithoutReading() throws IOException {
    Socket socket = connect();
    Browser browser = Browser.CHROME_ON_WINDOWS;
    String handshake = "GET /v2/Webchat/Stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key:"
        + " dGhlIHNhbXBsZSBub25jZQ==\r\nUser-Agent: " + browser.headers().get("User-Agent")
        + "\r\nOrigin: " + origin() + "\r\nAccept-Language: "
        + browser.headers().get("Accept-Language") + "\r\n\r\n";
    socket.getOutputStream().write(handshake.getBytes(ISO_8859_1));
    readHead(socket.getInputStream());
    byte[] hello = """
        {"type":"hello","deploymentKey":"%s","token":"%s","after":-1,"signals":%s}\
        """.formatted(
            up.deploymentKey(), token, new String(Json.write(browser.headers()), UTF_8))
        .getBytes(UTF_8);
    var frame = new ByteArrayOutputStream();
    frame.writeBytes(
        new byte[] {(byte) 0x81, (byte) 0xfe, (byte) (hello.length >> 8), (byte) hello.length});
    frame.writeBytes(new byte[4]); // a mask of zeros changes nothing
    frame.writeBytes(hello);
    socket.getOutputStream().write(frame.toByteArray());
  }

  private static void readHead(InputStream in) throws IOException {
    var head = new StringBuilder();
    int next;
    while (head.indexOf("\r\n\r\n") < 0 && (next = in.read()) >= 0) {
      head.append((char) next);
    }
    assertThat(head.toString()).startsWith("HTTP/1.1 101");
  }

  private HttpResponse<String> post(String path, String type, String body, String authorization)
      throws Exception {
    return honest.send(
        request(path, authorization)
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path, String authorization) {
    URI uri = up.edge().resolve(path);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60));
    Browser.CHROME_ON_WINDOWS.headers().forEach(request::header);
    request.header("Webchat-Deployment-Key", up.deploymentKey());
    request.header("Origin", origin());
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return request;
  }

  private String origin() {
    return up.edge().toString();
  }

  private static String text(HttpResponse<String> response, String member) {
    return String.valueOf(
        Objects.requireNonNull(Json.object(response.body()).orElseThrow().get(member)));
  }
}
