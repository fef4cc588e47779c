package parlour.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.Limits;

/** What a listener makes of those who connect, and of the proxies among them. */
@Timeout(30)
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
  void one_address_has_so_many_connections_and_no_more() throws Exception {
    int port = listen(Proxies.NONE, OptionalInt.of(3));
    List<Wire> crowd = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      crowd.add(connect(port));
    }
    assertThat(greeted(crowd)).isEqualTo(3);
    Wire oneTooMany = connect(port);
    assertThat(greet(oneTooMany)).isFalse();
    assertThat(greeted(crowd)).as("the others are left alone").isEqualTo(3);

    crowd.removeFirst().close();
    long giveUp = System.nanoTime() + 5_000_000_000L;
    while (!greet(connect(port))) {
      assertThat(System.nanoTime()).as("its place is never free again").isLessThan(giveUp);
      Thread.sleep(20);
    }
  }

  @Test
  void the_connections_of_a_proxy_of_ours_are_not_counted() throws Exception {
    int port = listen(HERE, OptionalInt.of(3));
    List<Wire> crowd = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      crowd.add(connect(port));
    }
    assertThat(greeted(crowd)).isEqualTo(10);
  }

  private Wire connect(int port) throws IOException {
    var wire = new Wire(port);
    open.add(wire);
    return wire;
  }

  private static int greeted(List<Wire> crowd) {
    return (int) crowd.stream().filter(FrontTest::greet).count();
  }

  private static boolean greet(Wire wire) {
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
  void a_proxy_of_ours_says_whether_the_browser_came_by_TLS_and_a_stranger_does_not(
      boolean ours, String header, String encrypted) throws IOException {
    int port = listen(ours ? HERE : Proxies.NONE, OptionalInt.empty());
    String answer = Wire.exchange(
        port, "GET /encrypted HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + "\r\n\r\n");
    assertThat(answer).endsWith("\r\n\r\n" + encrypted);
    assertThat(answer.contains("X-Encrypted: only")).isEqualTo(encrypted.equals("yes"));
  }

  @Test
  void bodies_that_are_arriving_have_a_bound_together() throws Exception {
    int size = 1 << 20;
    var routes = new Routes(Duration.ofSeconds(20))
        .post("/", call -> text("read " + call.body(2 * size).length));
    var listener = Listener.start(Listener.Settings.internal("127.0.0.1", 0), routes);
    open.add(listener);
    String head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\n";
    List<Wire> slow = new ArrayList<>();
    for (int i = 0; i < Limits.ARRIVING_BYTES / size; i++) {
      slow.add(connect(listener.port()).send(head + "x".repeat(size - 1)));
    }
    long giveUp = System.nanoTime() + 10_000_000_000L;
    String answer = "";
    while (!answer.contains(" 503 ")) { // until all that was sent has been read
      assertThat(System.nanoTime()).as("all of it was taken").isLessThan(giveUp);
      answer = connect(listener.port())
          .send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n" + "x".repeat(99))
          .readUntil("\r\n\r\n");
    }
    assertThat(answer).contains("Retry-After:", "Connection: close");
    for (Wire one : slow) {
      assertThat(one.send("x").readUntil("read " + size)).startsWith("HTTP/1.1 200");
    }
    assertThat(connect(listener.port())
            .send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123456789")
            .readUntil("read 9"))
        .startsWith("HTTP/1.1 200");
  }

  private int listen(Proxies proxies, OptionalInt connections) {
    var routes = new Routes().get("/encrypted", call -> text(call.isEncrypted() ? "yes" : "no"));
    var listener = Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", 0),
        new Listener.Front(
            Optional.empty(), proxies, connections, List.of(new Header("X-Encrypted", "only"))),
        routes);
    open.add(listener);
    return listener.port();
  }

  private static Answer text(String text) {
    return new Answer(200, text.getBytes(StandardCharsets.ISO_8859_1), List.of());
  }
}
