package parlour.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import parlour.Limits;
import parlour.LongForm;
import parlour.chaos.Edges.Reply;
import parlour.chaos.Faults.Hurt;
import parlour.chaos.RemovedGuest.Seen;
import parlour.config.Role;
import parlour.spec.Browser;
import parlour.spec.Http;
import parlour.trace.Diagram;

/**
 * Two nodes of every role, PostgreSQL and Redis, each a process. First the test compares the trace
 * of each drawn refresh; then honest guests and an agent chat, a thief tries stolen tokens, and
 * sessions are revoked, while processes are killed, paused and restarted. Every other guest listens
 * and sends on sockets of the published client. No acknowledged message or file
 * is lost or duplicated, no honest guest is interrupted, no stolen or superseded token is accepted,
 * and a revoked session ends on all nodes.
 *
 * <p>{@code ./dev chaos [faults] [seed]} runs the long form. The seed makes the faults and what
 * each of them does; how they meet is the machine's.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(ChaosTest.Again.class)
@Tag("alone") // it measures time
@Timeout(value = 20, unit = TimeUnit.MINUTES) // a test that hangs is a fault too
@LongForm(instead = "KilledTest, SeveralNodesTest, OutageTest and RedisTest")
class ChaosTest {
  private static final int FAULTS = Integer.getInteger("chaos.faults", 5);
  private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
  private static final int GUESTS = 8;

  /** Of a removed guest, at two edges, of both kinds. */
  private static final int SOCKETS = 2 * 2 * RemovedGuest.CLIENTS_PER_EDGE;

  /** Longer than a caller's deadline plus its retry on another node. */
  private static final Duration HANGING = Duration.ofSeconds(4);

  /** Once all parts are healthy, each listener receives each message within this time. */
  private static final Duration HEARD_WITHIN = Duration.ofSeconds(30);

  private static @Nullable Cluster started;
  private static Cluster cluster;
  private static Edges edges;
  private static String deploymentKey;
  private static String cookie;

  @AutoClose
  private final Ticker metronome = new Ticker();

  private final Queue<String> violations = new ConcurrentLinkedQueue<>();

  /** Adds to each failure the command that repeats it. */
  static final class Again
      implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler {
    @Override
    public void handleTestExecutionException(ExtensionContext test, Throwable failure) {
      throw again(failure);
    }

    @Override
    public void handleBeforeAllMethodExecutionException(ExtensionContext test, Throwable failure) {
      throw again(failure);
    }

    private static AssertionError again(Throwable failure) {
      return new AssertionError(
          "again by ./dev chaos %d %d; what each process said is in %s%n%s"
              .formatted(FAULTS, SEED, Cluster.LOGS, failure.getMessage()),
          failure);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    System.out.printf("chaos: ./dev chaos %d %d%n", FAULTS, SEED);
    cluster = Cluster.start();
    started = cluster;
    edges = cluster.edges();
    cluster.command(Role.ORCHESTRATOR, "accounts", "create", "--name", "Chaos");
    cluster.command(Role.ORCHESTRATOR, "addresses", "create", "--name", "Desk");
    deploymentKey = found(
        "CV[0-9a-f]{32}",
        cluster.command(
            Role.ORCHESTRATOR,
            "deployments",
            "create",
            "--name",
            "Chaos",
            "--origin",
            Edges.ORIGIN,
            "--realtime",
            "on"));
    String agent = cluster.command(Role.ORCHESTRATOR, "agents", "create", "ann", "--json");
    cookie = signIn(found("\"password\":\"([^\"]+)\"", agent));
  }

  @AfterAll
  static void stop() throws Exception {
    if (started != null) { // what did not start has ended itself
      started.close();
    }
  }

  @Test
  @Order(1)
  void the_drawing_holds_with_two_nodes_of_every_role() throws Exception {
    HonestGuest guest = guest("drawn", SEED);
    guest.starts();
    for (URI edge : edges.all()) {
      Reply stolen = call(edge, Browser.FIREFOX_ON_LINUX, guest.token());
      assertThat(stolen.status()).isEqualTo(403);
      assertDrawn("refresh-failed", "good token, other fingerprint", stolen);
      Reply broken = call(edge, Browser.CHROME_ON_WINDOWS, guest.token() + "x");
      assertThat(broken.status()).isEqualTo(401);
      assertDrawn("refresh-failed", "token refused", broken);
      Reply good = call(edge, Browser.CHROME_ON_WINDOWS, guest.token());
      assertThat(good.status()).isEqualTo(200);
      assertThat(drawn("refresh-succeeded").seenByServers().differences(trace(good)))
          .isEmpty();
    }
  }

  @Test
  @Order(2)
  void a_session_that_an_operator_revokes_ends_on_all_nodes_within_a_second() throws Exception {
    Faults none = new Faults(cluster.parts(), violations);
    RemovedGuest outcast = RemovedGuest.of(guest("revoked", SEED), edges, violations);
    cluster.command(Role.SCOPED_AUTH, "sessions", "revoke", session(outcast), "--why", "chaos");
    Instant committed = cluster.postgres().revoked(outcast.conversation()).orElseThrow();
    Seen seen = outcast.triesOn(committed, agent(List.of()), none, metronome);
    System.out.println("chaos: revoked by a command: " + seen);
    assertThat(violations).isEmpty();
    assertThat(seen.inTime()).isEqualTo(seen.sockets()).isEqualTo(SOCKETS);
  }

  @Test
  @Order(3)
  void a_revocation_is_as_quick_where_a_part_hangs() throws Exception {
    for (Part part : hanging()) {
      Faults faults = new Faults(cluster.parts(), violations);
      RemovedGuest outcast = RemovedGuest.of(guest("outcast of " + part, SEED), edges, violations);
      Hurt hurt = faults.begin(part);
      part.pause();
      Thread resuming = live(part.name(), () -> {
        Thread.sleep(HANGING);
        part.resume();
        hurt.heals();
      });
      Instant committed = cluster.postgres().revoke(outcast.conversation()).orElseThrow();
      Seen seen = outcast.triesOn(committed, agent(List.of()), faults, metronome);
      resuming.join();
      System.out.println("chaos: revoked while " + part + " hung: " + seen);
      assertThat(violations).isEmpty();
      assertThat(seen.sockets()).isEqualTo(SOCKETS);
      assertThat(seen.inTime()).as("sockets that do not lead through " + part).isPositive();
    }
  }

  /**
   * The parts to pause: in the long form one of each role, in the short form the one that revokes.
   */
  private static List<Part> hanging() {
    List<Part> first = new ArrayList<>();
    for (Role role : Role.values()) {
      first.add(cluster.nodes(role).getFirst());
    }
    first.add(cluster.parts().getLast());
    return FAULTS < 60 ? List.of(cluster.nodes(Role.SCOPED_AUTH).getFirst()) : first;
  }

  @Test
  @Order(4)
  void nothing_is_lost_and_nobody_honest_is_interrupted_while_parts_die() throws Exception {
    List<HonestGuest> guests = new ArrayList<>();
    for (int i = 0; i < GUESTS; i++) {
      guests.add(guest("guest-" + i, SEED + i));
    }
    guests.forEach(HonestGuest::starts);
    HonestAgent agent = agent(guests);
    Thief thief = new Thief(guests, edges, SEED + 200, violations);
    Faults faults = new Faults(cluster.parts(), violations);
    RemovedGuests outcasts = new RemovedGuests(
        cluster, number -> guest("outcast-" + number, SEED), agent, faults, metronome, violations);
    List<Thread> talking = new ArrayList<>();
    List<Thread> listening = new ArrayList<>();
    for (int i = 0; i < GUESTS; i++) {
      HonestGuest guest = guests.get(i);
      talking.add(live(guest.name(), guest::lives));
      Life listens = i % 2 == 0 ? guest::listens : guest::listensWithClientPackage;
      listening.add(live(guest.name() + ", listening", listens));
    }
    talking.add(live("the agent", agent::answers));
    talking.add(live("the thief", thief::steals));
    Thread coming = live("the outcasts", outcasts::come);

    faults.carryOut(Schedule.of(SEED, FAULTS, cluster.parts().size()));
    Thread.sleep(Duration.ofSeconds(2)); // all of them must have reconnected
    outcasts.stop();
    join(coming);
    guests.forEach(HonestGuest::fallsSilent);
    agent.stops();
    thief.stops();
    for (Thread one : talking) {
      join(one);
    }
    int messages = guests.stream().mapToInt(this::findWhole).sum();
    int files = guests.stream().mapToInt(HonestGuest::opensFiles).sum();
    int socketSends = guests.stream().mapToInt(HonestGuest::socketSends).sum();
    guests.forEach(HonestGuest::stopsListening);
    for (Thread one : listening) {
      join(one);
    }
    outliveTheGrace(guests, thief);

    int reloads = guests.stream().mapToInt(HonestGuest::reloaded).sum();
    List<Seen> seen = outcasts.seen();
    System.out.printf(
        "chaos: %d messages acknowledged, %d of them on realtime sockets, %d with files; %d reloads;"
            + " the thief was refused %d times of %d, %d of"
            + " them with a superseded token; %d sessions revoked, %d of their %d sockets over"
            + " within a second%n",
        messages,
        socketSends,
        files,
        reloads,
        thief.refused(),
        thief.tried(),
        thief.stale(),
        seen.size(),
        seen.stream().mapToInt(Seen::inTime).sum(),
        seen.stream().mapToInt(Seen::sockets).sum());
    assertThat(violations).isEmpty();
    assertThat(messages).as("messages").isGreaterThan(2 * FAULTS);
    assertThat(socketSends).as("messages on realtime sockets").isPositive();
    assertThat(files).as("files").isPositive();
    assertThat(reloads).as("reloads").isGreaterThan(GUESTS);
    assertThat(thief.refused()).as("refusals of the thief").isGreaterThan(FAULTS);
    assertThat(seen).as("revoked sessions").isNotEmpty();
  }

  /**
   * Each acknowledged message is in the log once, the log has no gaps, and the guest received it.
   */
  private int findWhole(HonestGuest guest) {
    List<String> log = new ArrayList<>();
    for (Map<?, ?> message : guest.history()) {
      if (!Long.valueOf(log.size()).equals(message.get("index"))) {
        violations.add(guest.name() + " has a gap at " + log.size() + ": " + message.get("index"));
      }
      log.add(String.valueOf(message.get("body")));
    }
    List<String> twice = new ArrayList<>(log);
    Set.copyOf(log).forEach(twice::remove);
    if (!twice.isEmpty()) {
      violations.add(guest.name() + " reads twice: " + twice);
    }
    List<String> lost = new ArrayList<>(guest.acknowledged());
    lost.removeAll(log);
    if (!lost.isEmpty()) {
      violations.add(guest.name() + " lost " + lost);
    }
    if (!guest.receives(log, HEARD_WITHIN)) {
      List<String> missed = new ArrayList<>(log);
      missed.removeAll(guest.received().values());
      violations.add("%s received %d of %d messages, not %s"
          .formatted(guest.name(), guest.received().size(), log.size(), missed));
    }
    return guest.acknowledged().size();
  }

  /** Moves the clocks of scoped-auth past the grace period of all superseded tokens. */
  private void outliveTheGrace(List<HonestGuest> guests, Thief thief) throws Exception {
    for (Node node : cluster.nodes(Role.SCOPED_AUTH)) {
      node.kill();
      node.clockIsAhead(Limits.GENERATION_GRACE.plusSeconds(5));
      node.start();
    }
    for (Node node : cluster.nodes(Role.SCOPED_AUTH)) {
      node.awaitReady();
    }
    int before = thief.refused();
    thief.triesAllSuperseded();
    if (thief.refused() - before <= GUESTS) {
      violations.add("of all superseded tokens, refused: " + (thief.refused() - before));
    }
    for (HonestGuest guest : guests) {
      if (!guest.canReload()) {
        violations.add(guest.name() + " cannot reload at the end");
      }
    }
  }

  @FunctionalInterface
  private interface Life {
    void live() throws Exception;
  }

  private Thread live(String name, Life life) {
    return Thread.ofVirtual().name(name).start(() -> {
      try {
        life.live();
      } catch (Exception | AssertionError e) {
        violations.add(name + " ended with " + e);
      }
    });
  }

  private void join(Thread life) throws InterruptedException {
    if (!life.join(Duration.ofSeconds(90))) {
      violations.add(life.getName() + " does not end");
    }
  }

  private HonestGuest guest(String name, long seed) {
    return new HonestGuest(name, edges, deploymentKey, seed, violations);
  }

  private HonestAgent agent(List<HonestGuest> guests) {
    return new HonestAgent(edges, cookie, guests, SEED + 100, violations);
  }

  private static Reply call(URI edge, Browser browser, String token) {
    return edges
        .call(
            edge,
            "POST",
            "/v2/Webchat/Token/Refresh",
            Edges.headers(browser),
            Edges.refresh(deploymentKey, token))
        .orElseThrow();
  }

  private static String session(RemovedGuest guest) throws Exception {
    String list = cluster.command(Role.SCOPED_AUTH, "sessions", "list", "--json");
    Matcher session = Pattern.compile(
            "\"sid\":\"(GS[0-9a-f]{32})\"[^}]*\"conversation_sid\":\"" + guest.conversation())
        .matcher(list);
    assertThat(session.find()).as(list).isTrue();
    return session.group(1);
  }

  private static String signIn(String password) {
    URI edge = edges.all().getFirst();
    HttpResponse<String> response = Http.send(Http.request(edge.resolve("/inbox/api/sign-in"))
        .header("Origin", edge.toString())
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString("""
            {"name":"ann","password":"%s"}""".formatted(password)))
        .build());
    String set = response.headers().firstValue("Set-Cookie").orElseThrow();
    return set.substring(0, set.indexOf(';'));
  }

  private static Diagram trace(Reply reply) {
    return cluster.internal(Role.STARSHIP).stream()
        .map(node -> Http.get(node.resolve("/v1/Traces/" + reply.traceId()), cluster.secret()))
        .filter(response -> response.statusCode() == 200)
        .map(response -> Diagram.parse(response.body()))
        .findFirst()
        .orElseThrow();
  }

  private static void assertDrawn(String drawing, String alternative, Reply reply)
      throws IOException {
    assertThat(drawn(drawing).alternative(alternative).seenByServers().differences(trace(reply)))
        .isEmpty();
  }

  private static Diagram drawn(String name) throws IOException {
    return Diagram.parse(Files.readString(Path.of("docs/diagrams", name + ".mmd")));
  }

  private static String found(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + pattern + " in " + text);
    }
    return matcher.group(matcher.groupCount());
  }
}
