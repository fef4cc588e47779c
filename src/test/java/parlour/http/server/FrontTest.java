package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.Limits;
import parlour.errors.Errors;
import parlour.http.Header;

/** The limits of a listener for its clients, and for proxies. */
@Timeout(120)
class FrontTest {
  private static final Proxies HERE = new Proxies(List.of("127.0.0.0/8"));

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  @Test
  void the_connections_of_one_address_are_limited() throws Exception {
    int port = listen(Proxies.NONE, OptionalInt.of(3));
    List<Wire> connections = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      connections.add(connect(port));
    }
    assertThat(countAnswered(connections)).isEqualTo(3);
    Wire oneTooMany = connect(port);
    assertThat(isAnswered(oneTooMany)).isFalse();
    assertThat(countAnswered(connections)).as("the others are left alone").isEqualTo(3);

    connections.removeFirst().close();
    until("its place is free again", () -> isAnswered(connect(port)));
  }

  @Test
  void the_connections_of_a_trusted_proxy_are_not_counted() throws Exception {
    int port = listen(HERE, OptionalInt.of(3));
    List<Wire> connections = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      connections.add(connect(port));
    }
    assertThat(countAnswered(connections)).isEqualTo(10);
  }

  private Wire connect(int port) throws IOException {
    var wire = new Wire(port);
    open.add(wire);
    return wire;
  }

  private static int countAnswered(List<Wire> connections) {
    return (int) connections.stream().filter(FrontTest::isAnswered).count();
  }

  private static boolean isAnswered(Wire wire) {
    try {
      return wire.send("GET /encrypted HTTP/1.1\r\nHost: x\r\n\r\n")
          .readUntil("no")
          .endsWith("no");
    } catch (IOException e) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true | X-Forwarded-Proto: https | yes",
        "true | x-forwarded-proto: HTTPS | yes",
        "true | X-Forwarded-Proto: http | no",
        "true | X-Forwarded-Proto: https, http | no",
        "true | X-Forwarded-Proto: http, https | yes",
        "true | X-Forwarded-Proto: httpsx | no",
        "true | Forwarded: proto=https | no",
        "false | X-Forwarded-Proto: https | no",
      })
  void only_a_trusted_proxy_says_whether_the_browser_used_TLS(
      boolean ours, String header, String encrypted) throws IOException {
    int port = listen(ours ? HERE : Proxies.NONE, OptionalInt.empty());
    String answer = Wire.exchange(
        port, "GET /encrypted HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + "\r\n\r\n");
    assertThat(answer).endsWith("\r\n\r\n" + encrypted);
    assertThat(answer.contains("X-Encrypted: only")).isEqualTo(encrypted.equals("yes"));
  }

  @Test
  void long_bodies_that_are_arriving_have_a_bound_together_and_one_for_each_client()
      throws Exception {
    int size = 1 << 20;
    var patient = new BodyDeadline(Duration.ofSeconds(20), Duration.ofSeconds(20));
    var routes = new Routes(Errors.PLAIN, patient)
        .post("/", call -> text("read " + call.body(2 * size).length), Errors.WITH_VALID);
    var listener = Listener.start(
        Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN), new TrustingHandler(routes));
    open.add(listener);
    int share = Limits.BODY_MEMORY / Limits.BODY_MEMORY_SHARE / size;
    List<Wire> slow = new ArrayList<>();
    for (int client = 0; client < Limits.BODY_MEMORY_SHARE; client++) {
      String name = "c000020" + client;
      for (int i = 0; i < share; i++) {
        slow.add(connect(listener.port()).send(head(name, size) + "x".repeat(size - 1)));
      }
      int free = Limits.BODY_MEMORY - (client + 1) * share * size;
      until("the bodies arrived", () -> ApiRequest.arriving().free() <= free);
      assertThat(refusedOrRead(listener, name, size))
          .contains(" 503 ", "Retry-After:", "Connection: close", "45774", "\"valid\":false");
      String other = refusedOrRead(listener, "c0000299", size);
      assertThat(other.contains("read " + size)).isEqualTo(client < Limits.BODY_MEMORY_SHARE - 1);
    }
    assertThat(refusedOrRead(listener, "c0000201", Limits.BODY_UNRESERVED_BYTES))
        .as("a short one needs no room")
        .contains("read " + Limits.BODY_UNRESERVED_BYTES);
    for (Wire one : slow) {
      assertThat(one.send("x").readUntil("read " + size)).startsWith("HTTP/1.1 200");
    }
    assertThat(refusedOrRead(listener, "c0000201", size)).contains("read " + size);
  }

  /** Uses the client address that the caller reports. */
  private static final class TrustingHandler extends Handler.Wrapper {
    TrustingHandler(Handler handler) {
      super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      ClientMark.markFromHeader(request);
      return super.handle(request, response, callback);
    }
  }

  private static String head(String client, int size) {
    return "POST / HTTP/1.1\r\nHost: x\r\n%s: %s\r\nContent-Length: %d\r\n\r\n"
        .formatted(ClientMark.HEADER, client, size);
  }

  private static String refusedOrRead(Listener listener, String client, int size)
      throws IOException {
    return Wire.exchange(
        listener.port(),
        head(client, size).replaceFirst("\r\n", "\r\nConnection: close\r\n") + "x".repeat(size));
  }

  @Test
  void unfinished_headers_have_a_bound_for_each_client() throws Exception {
    int port = listen(Proxies.NONE, OptionalInt.of(2_000));
    String half = "GET /encrypted HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(12_000);
    int share = Limits.HEADER_MEMORY / Limits.HEADER_MEMORY_SHARE;
    int max = share / (2 * Limits.HEADER_UNRESERVED_BYTES); // each header takes two parts
    List<Wire> unfinished = new ArrayList<>();
    for (int i = 0; i < max + 8; i++) {
      unfinished.add(connect(port).send(half));
    }
    assertThat(Wire.exchange(
            port,
            "POST /encrypted HTTP/1.1\r\n"
                + "Host: x\r\n"
                + "Connection: close\r\n"
                + "Content-Length: 9000\r\n\r\n"
                + "x".repeat(9_000)))
        .as("a short header, with a body in the same packet")
        .startsWith("HTTP/1.1 405");
    // First wait for the refusals: a header that ends gives its memory to one not read until then.
    long giveUp = System.nanoTime() + 60_000_000_000L;
    while (unfinished.size() > max) {
      unfinished.removeAll(closed(unfinished));
      assertThat(System.nanoTime()).as("open: %d", unfinished.size()).isLessThan(giveUp);
    }
    for (Wire one : unfinished) {
      assertThat(one.send("\r\n\r\n").readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
    }
    assertThat(unfinished).as("two at once can refuse each other").hasSizeGreaterThan(max - 8);
    assertThat(connect(port).send(half + "\r\n\r\n").readUntil("\r\n\r\n"))
        .as("when the others have ended")
        .startsWith("HTTP/1.1 200");
  }

  private static List<Wire> closed(List<Wire> wires) throws IOException {
    List<Wire> closed = new ArrayList<>();
    for (Wire wire : wires) {
      if (!wire.isQuiet()) {
        closed.add(wire);
      }
    }
    return closed;
  }

  private int listen(Proxies proxies, OptionalInt connections) {
    var routes =
        new Routes(Errors.PLAIN).get("/encrypted", call -> text(call.isEncrypted() ? "yes" : "no"));
    var listener = Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN),
        new Listener.Front(
            Optional.empty(), proxies, connections, List.of(new Header("X-Encrypted", "only"))),
        routes);
    open.add(listener);
    return listener.port();
  }

  private static ApiResponse text(String text) {
    return new ApiResponse(200, text.getBytes(StandardCharsets.ISO_8859_1), List.of());
  }
}
