package parlour.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.http.Header;
import parlour.http.client.PostingHttpClient.Reply;

/** Posts to a server with every kind of fault. */
@Timeout(120)
class PostingHttpClientTest {
  private static final Duration DEADLINE = Duration.ofSeconds(2);

  /** Longer than a loaded machine lets anything wait. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @AutoClose
  private final PostingHttpClient client = new PostingHttpClient();

  @Test
  void it_sends_the_given_headers_and_adds_none() throws Exception {
    try (Peer peer = new Peer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
      assertThat(client.post(
              peer.url(),
              List.of(new Header("Parlour-X", "y")),
              "{}".getBytes(StandardCharsets.UTF_8),
              DEADLINE))
          .isEqualTo(answered(200));
      assertThat(peer.request().lines().toList())
          .contains(
              "POST /hook?a=b HTTP/1.1",
              "Content-Type: application/json",
              "User-Agent: Parlour",
              "Parlour-X: y")
          .noneMatch(line -> line.startsWith("Upgrade") || line.startsWith("Cookie"));
    }
  }

  @Test
  void a_redirect_a_demand_for_a_password_and_an_error_are_answers() throws Exception {
    for (int status : new int[] {302, 307, 401, 407, 500}) {
      try (Peer peer = new Peer("HTTP/1.1 " + status + " X\r\nLocation: http://127.0.0.1:1/\r\n"
          + "WWW-Authenticate: Basic realm=\"x\"\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
          + "Content-Length: 0\r\n\r\n")) {
        assertThat(post(peer.url())).isEqualTo(answered(status));
      }
    }
  }

  @Test
  void the_status_counts_even_if_the_body_is_endless_or_incomplete() throws Exception {
    try (Peer peer =
        new Peer("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + "x".repeat(200_000))) {
      assertThat(post(peer.url(), DEADLINE)).isEqualTo(answered(200));
    }
    try (Peer peer = new Peer("HTTP/1.1 202 OK\r\nContent-Length: 10\r\n\r\nx")) {
      assertThat(post(peer.url(), DEADLINE)).isEqualTo(answered(202));
    }
  }

  @Test
  void a_silent_server_is_given_up_at_the_deadline() throws Exception {
    try (Peer peer = new Peer("")) {
      assertThat(post(peer.url(), DEADLINE))
          .isEqualTo(new Reply.Unanswered("no answer within 2 s"));
    }
  }

  @Test
  void a_refused_connection_an_unknown_name_and_failed_tls_have_messages() throws Exception {
    URI nobody;
    try (ServerSocket free = new ServerSocket(0)) {
      nobody = URI.create("http://127.0.0.1:" + free.getLocalPort() + "/");
    }
    assertThat(post(nobody))
        .isEqualTo(new Reply.Unanswered("no connection: refused or unreachable"));
    assertThat(post(URI.create("http://nobody.invalid/")))
        .isEqualTo(new Reply.Unanswered("its host name is unknown"));
    try (Peer peer = new Peer("HTTP/1.1 400 what\r\n\r\n")) {
      URI tls = URI.create(peer.url().toString().replace("http:", "https:"));
      assertThat(post(tls))
          .isEqualTo(
              new Reply.Unanswered("TLS failed: is its certificate valid, for its host name?"));
    }
  }

  @Test
  void retry_after_is_read_as_seconds_or_as_a_date() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(PostingHttpClient.retryAfter("120", now)).contains(Duration.ofMinutes(2));
    assertThat(PostingHttpClient.retryAfter("Thu, 01 Jan 2026 00:01:00 GMT", now))
        .contains(Duration.ofMinutes(1));
    assertThat(PostingHttpClient.retryAfter("soon", now)).isEmpty();
    assertThat(PostingHttpClient.retryAfter("-1", now)).isEmpty();
    assertThat(PostingHttpClient.retryAfter("99999999999", now)).isEmpty();
  }

  private Reply post(URI url) throws InterruptedException {
    return post(url, PATIENCE);
  }

  private Reply post(URI url, Duration deadline) throws InterruptedException {
    return client.post(url, List.of(), "{}".getBytes(StandardCharsets.UTF_8), deadline);
  }

  private static Reply answered(int status) {
    return new Reply.Answered(status, java.util.Optional.empty());
  }

  /** Reads one request, writes the given answer, and keeps the connection open. */
  private static final class Peer implements AutoCloseable {
    private final ServerSocket server;
    private final CompletableFuture<String> request = new CompletableFuture<>();
    private final CompletableFuture<Socket> accepted = new CompletableFuture<>();

    Peer(String answer) throws IOException {
      server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
      Thread.ofVirtual().start(() -> {
        try {
          Socket socket = server.accept();
          accepted.complete(socket);
          byte[] read = new byte[8192];
          int n = socket.getInputStream().read(read);
          request.complete(new String(read, 0, Math.max(n, 0), StandardCharsets.ISO_8859_1));
          socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
          socket.getOutputStream().flush();
        } catch (IOException e) {
          request.completeExceptionally(e); // the client closed the connection
        }
      });
    }

    URI url() {
      return URI.create("http://127.0.0.1:%d/hook?a=b".formatted(server.getLocalPort()));
    }

    String request() {
      return request.join();
    }

    @Override
    public void close() throws IOException {
      server.close();
      Socket socket = accepted.getNow(null);
      if (socket != null) {
        socket.close();
      }
    }
  }
}
