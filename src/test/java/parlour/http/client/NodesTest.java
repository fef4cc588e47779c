package parlour.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.Eventually.await;
import static parlour.Eventually.until;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.server.Handler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.Unavailable;
import parlour.errors.Errors;
import parlour.http.client.Nodes.Node;
import parlour.http.json.JsonTest.Account;
import parlour.http.server.ApiResponse;
import parlour.http.server.Health;
import parlour.http.server.InternalOnly;
import parlour.http.server.Listener;
import parlour.http.server.Readiness;
import parlour.http.server.Routes;
import parlour.http.server.Wire;
import parlour.trace.Traces;

@Timeout(120)
class NodesTest {
  private static final String SECRET = "s3cret";
  private static final Account QUESTION = new Account("AC1", 1);
  private static final Duration OFTEN = Duration.ofMillis(50);

  private final List<AutoCloseable> open = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  private HttpClient http;

  @BeforeEach
  void start() {
    http = HttpClients.start();
    open.add(http::stop);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  // ---- the choice of a node

  @Test
  void nodes_take_turns_and_busy_ones_get_fewer_calls() {
    Nodes nodes = new Nodes("FAS", addresses(1, 2, 3));
    Map<URI, Integer> asked = new HashMap<>();
    for (int i = 0; i < 30; i++) {
      asked.merge(nodes.next(List.of()).orElseThrow().base(), 1, Integer::sum);
    }
    assertThat(asked.values()).containsExactly(10, 10, 10);

    Node busy = nodes.next(List.of()).orElseThrow();
    busy.begin();
    for (int i = 0; i < 30; i++) {
      assertThat(nodes.next(List.of())).isNotEqualTo(Optional.of(busy));
    }
    busy.end();
    assertThat(asked(nodes, 30)).contains(busy);
  }

  @Test
  void a_call_goes_to_each_node_once_and_to_three_at_most() {
    Nodes nodes = new Nodes("FAS", addresses(1, 2, 3, 4, 5));
    List<Node> tried = new ArrayList<>();
    for (int i = 0; i < Limits.NODE_ATTEMPTS; i++) {
      Node next = nodes.next(tried).orElseThrow();
      assertThat(tried).doesNotContain(next);
      tried.add(next);
    }
    assertThat(nodes.next(tried)).isEmpty();
    Nodes one = Nodes.of("FAS", addresses(1).getFirst());
    assertThat(one.next(one.next(List.of()).stream().toList())).isEmpty();
  }

  @Test
  void a_node_that_accepts_no_calls_is_tried_last_but_is_tried() {
    Nodes nodes = new Nodes("FAS", addresses(1, 2));
    Node first = nodes.next(List.of()).orElseThrow();
    first.avoid();
    assertThat(asked(nodes, 10)).doesNotContain(first);
    Node second = nodes.next(List.of()).orElseThrow();
    assertThat(nodes.next(List.of(second))).contains(first);
    second.avoid();
    assertThat(asked(nodes, 10)).contains(first, second);
  }

  private static List<Node> asked(Nodes nodes, int times) {
    List<Node> asked = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      asked.add(nodes.next(List.of()).orElseThrow());
    }
    return asked;
  }

  // ---- health checks

  @Test
  void a_node_that_is_not_ready_is_tried_last_until_it_is() throws Exception {
    var reason = new AtomicReference<Optional<String>>(Optional.empty());
    var drained = new Readiness(reason::get, Optional::empty);
    int changing = listen(new Health(drained, answering("changing")));
    int other =
        listen(new Health(new Readiness(Optional::empty, Optional::empty), answering("other")));
    Nodes nodes = watched(addresses(changing, other), InetAddress::getAllByName);
    Node changingNode = find(nodes, changing);
    assertThat(asked(nodes, 4)).contains(changingNode);

    reason.set(Optional.of("a store does not answer"));
    until(() -> !asked(nodes, 4).contains(changingNode));
    reason.set(Optional.empty());
    until(() -> asked(nodes, 4).contains(changingNode));
    drained.drain();
    until(() -> !asked(nodes, 4).contains(changingNode));
  }

  @Test
  void a_node_that_hangs_is_gone_or_is_not_from_parlour_is_not_ready() throws Exception {
    int well =
        listen(new Health(new Readiness(Optional::empty, Optional::empty), answering("well")));
    int hanging = serve(wire -> wire.readAll());
    int odd = serve(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.send("HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n");
    });
    Nodes nodes = watched(addresses(hanging, well, odd, freePort()), InetAddress::getAllByName);
    Node good = find(nodes, well);
    until(() -> asked(nodes, 8).stream().allMatch(good::equals));
  }

  @Test
  void a_name_stands_for_every_address_that_it_has() throws Exception {
    Listener first =
        Listener.start(Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN), ready("first"));
    open.add(first);
    open.add(Listener.start(
        Listener.Settings.internal("127.0.0.2", first.port(), Errors.PLAIN), ready("second")));
    var known = new AtomicReference<>(List.of("127.0.0.1"));
    Nodes nodes = watched(
        List.of(URI.create("http://localhost:" + first.port())), name -> resolved(known.get()));
    var client = new InternalClient(http, nodes, SECRET, Duration.ofSeconds(2), 1_000);
    assertThat(answers(client)).containsOnly("first");

    known.set(List.of("127.0.0.1", "127.0.0.2"));
    until(() -> answers(client).containsAll(List.of("first", "second")));
    known.set(List.of()); // the name service fails: the known addresses stay
    Thread.sleep(OFTEN.multipliedBy(4));
    assertThat(answers(client)).contains("first", "second");
    known.set(List.of("127.0.0.2", "127.0.0.3"));
    until(() -> List.of("second").equals(answers(client).stream().distinct().toList()));
  }

  private static InetAddress[] resolved(List<String> addresses) throws UnknownHostException {
    if (addresses.isEmpty()) {
      throw new UnknownHostException("away");
    }
    return addresses.stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
  }

  private static List<String> answers(InternalClient client) {
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      answers.add(client.post("/v1/ask", QUESTION, Account.class).accountSid());
    }
    return answers;
  }

  // ---- retries

  @Test
  void a_refused_connection_costs_a_call_nothing() throws Exception {
    int well = listen(ready("well"));
    var client = client(addresses(freePort(), well, freePort()), Duration.ofSeconds(5));
    for (int i = 0; i < 20; i++) {
      assertThat(client.post("/v1/ask", QUESTION, Account.class).accountSid()).isEqualTo("well");
    }
  }

  @Test
  void if_all_nodes_are_gone_it_is_an_outage_before_the_deadline() throws Exception {
    var client = client(addresses(freePort(), freePort()), Duration.ofSeconds(60));
    long began = System.nanoTime();
    assertThatThrownBy(() -> client.post("/v1/ask", QUESTION, Account.class))
        .isInstanceOf(Unavailable.class);
    assertThat(System.nanoTime() - began).isLessThan(30_000_000_000L);
  }

  @Test
  void a_call_that_a_stopping_node_refuses_goes_to_another_node() throws Exception {
    var calls = new AtomicInteger();
    int stopping = serve(wire -> {
      while (true) {
        wire.readUntil("\"since\":1}");
        calls.incrementAndGet();
        wire.send("HTTP/1.1 503 X\r\nparlour-draining: \r\nContent-Length: 0\r\n\r\n");
      }
    });
    int well = listen(ready("well"));
    var client = client(addresses(stopping, well), Duration.ofSeconds(5));
    for (int i = 0; i < 20; i++) {
      assertThat(client.post("/v1/ask", QUESTION, Account.class).accountSid()).isEqualTo("well");
    }
    assertThat(calls).as("calls of the node before it is avoided").hasValueLessThan(3);
  }

  @Test
  void any_other_503_is_an_answer() throws Exception {
    var calls = new AtomicInteger();
    Wire.Conversation down = wire -> {
      while (true) {
        wire.readUntil("\"since\":1}");
        calls.incrementAndGet();
        wire.send("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n");
      }
    };
    var client = client(addresses(serve(down), serve(down)), Duration.ofSeconds(5));
    assertThatThrownBy(() -> client.post("/v1/ask", QUESTION, Account.class))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("503");
    assertThat(calls).hasValue(1);
  }

  @Test
  void a_call_waits_for_a_silent_node_until_the_deadline() throws Exception {
    var calls = new AtomicInteger();
    Wire.Conversation silent = wire -> {
      wire.readUntil("\"since\":1}");
      calls.incrementAndGet();
      wire.readAll();
    };
    var client = client(addresses(serve(silent), serve(silent)), Duration.ofMillis(500));
    long began = System.nanoTime();
    assertThatThrownBy(() -> client.post("/v1/ask", QUESTION, Account.class))
        .isInstanceOf(Unavailable.class);
    assertThat(System.nanoTime() - began).isGreaterThan(400_000_000L);
    assertThat(calls).hasValue(1);
  }

  @Test
  void an_urgent_call_goes_to_another_node_if_one_is_silent() throws Exception {
    Wire.Conversation silent = Wire::readAll;
    int well = listen(ready("well"));
    var client = client(addresses(serve(silent), well), Duration.ofSeconds(60))
        .urgent(Duration.ofMillis(100));
    for (int i = 0; i < 4; i++) {
      long began = System.nanoTime();
      assertThat(client.post("/v1/ask", QUESTION, Account.class).accountSid()).isEqualTo("well");
      assertThat(System.nanoTime() - began).isLessThan(30_000_000_000L);
    }
  }

  @Test
  void the_last_node_of_an_urgent_call_has_all_the_time_that_is_left() throws Exception {
    Wire.Conversation slow = wire -> {
      wire.readUntil("\"since\":1}");
      Thread.sleep(500);
      wire.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 32\r\n\r\n"
          + "{\"account_sid\":\"AC2\",\"since\":12}");
      wire.readAll();
    };
    for (List<URI> nodes : List.of(addresses(serve(slow)), addresses(serve(slow), serve(slow)))) {
      var client = client(nodes, Duration.ofSeconds(5)).urgent(Duration.ofMillis(100));
      assertThat(client.post("/v1/ask", QUESTION, Account.class).accountSid()).isEqualTo("AC2");
    }
  }

  @Test
  void a_call_whose_connection_was_lost_is_repeated_once_at_another_node() throws Exception {
    var calls = new AtomicInteger();
    Wire.Conversation lost = wire -> {
      wire.readUntil("\"since\":1}");
      calls.incrementAndGet();
      wire.reset();
    };
    int well = listen(ready("well"));
    var client = client(addresses(serve(lost), well), Duration.ofSeconds(5));
    for (int i = 0; i < 4; i++) {
      assertThat(client.post("/v1/ask", QUESTION, Account.class).accountSid()).isEqualTo("well");
    }
    calls.set(0);
    var dead = client(addresses(serve(lost), serve(lost), serve(lost)), Duration.ofSeconds(5));
    assertThatThrownBy(() -> dead.post("/v1/ask", QUESTION, Account.class))
        .isInstanceOf(Unavailable.class);
    assertThat(calls).hasValue(2);
  }

  @Test
  void a_stopping_process_finishes_the_running_call_and_refuses_new_ones() throws Exception {
    var entered = new CountDownLatch(1);
    var mayLeave = new CountDownLatch(1);
    Listener stopping = Listener.start(
        Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN),
        inside(new Routes(Errors.PLAIN).post("/v1/ask", call -> {
          entered.countDown();
          await(mayLeave);
          return ApiResponse.json(200, new Account("finished", 1));
        })));
    open.add(stopping);
    int port = stopping.port();
    try (var idle = new Wire(port)) {
      idle.send("POST /v1/none HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
      idle.readUntil("}");
      var running = new AtomicReference<String>();
      var alone = client(addresses(port), Duration.ofSeconds(5));
      var call = Thread.ofVirtual()
          .start(
              () -> running.set(alone.post("/v1/ask", QUESTION, Account.class).accountSid()));
      await(entered);
      var drain = Thread.ofVirtual().start(() -> stopping.drain(Duration.ofSeconds(10)));
      until(() -> refuses(port));

      // A connection that was open before gets the answer that the call was not executed.
      idle.send("POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
      assertThat(idle.readUntil("}"))
          .startsWith("HTTP/1.1 503")
          .contains("parlour-draining:", "Retry-After:");
      mayLeave.countDown();
      call.join();
      assertThat(running).hasValue("finished");
      drain.join();
    }
  }

  private static boolean refuses(int port) {
    try (var wire = new Wire(port)) {
      wire.send("x");
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  // ---- helpers

  private Nodes watched(List<URI> addresses, Nodes.Resolver resolver) {
    Nodes nodes = new Nodes("FAS", addresses, resolver, OFTEN).watch(http);
    open.add(nodes);
    return nodes;
  }

  private InternalClient client(List<URI> addresses, Duration deadline) {
    return new InternalClient(http, new Nodes("FAS", addresses), SECRET, deadline, 1_000);
  }

  private static Node find(Nodes nodes, int port) {
    return asked(nodes, 20).stream()
        .filter(node -> node.base().getPort() == port)
        .findFirst()
        .orElseThrow();
  }

  private static List<URI> addresses(int... ports) {
    List<URI> addresses = new ArrayList<>();
    for (int port : ports) {
      addresses.add(URI.create("http://127.0.0.1:" + port));
    }
    return addresses;
  }

  private Health ready(String name) {
    return new Health(new Readiness(Optional::empty, Optional::empty), answering(name));
  }

  private static InternalOnly answering(String name) {
    return inside(new Routes(Errors.PLAIN)
        .post("/v1/ask", call -> ApiResponse.json(200, new Account(name, 1))));
  }

  private static InternalOnly inside(Routes routes) {
    return new InternalOnly(
        Errors.PLAIN, InternalSecrets.of(SECRET), new Traces(), InstantSource.system(), routes);
  }

  private int listen(Handler handler) {
    var listener =
        Listener.start(Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN), handler);
    open.add(listener);
    return listener.port();
  }

  private int serve(Wire.Conversation conversation) throws IOException {
    var service = new Wire.Service(conversation);
    open.add(service);
    return service.port();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
