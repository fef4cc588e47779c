package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import parlour.Limits;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.config.Config;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.events.BusEvent;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;
import parlour.rates.Rate;
import parlour.rates.Refill;
import parlour.redis.RealRedis;
import parlour.redis.Redis;
import parlour.scopedauth.Session;
import parlour.scopedauth.Sessions;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.spec.TestClients.SdkClient;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A Parlour that has a Redis, has one that hangs, and has lost it. */
@Timeout(120)
class RedisTest {
  private static final String ADDRESS = "203.0.113.77";
  private static final String BODY = "my order is 4711-secret";

  @AutoClose
  private final RealRedis server = RealRedis.start();

  private Installation start(Shape shape) {
    return start(shape, Map.of());
  }

  /**
   * With guests whose addresses a proxy forwards; each process then waits for balancers as it
   * stops.
   */
  private Installation startBehindAProxy(Shape shape) {
    return start(shape, Map.of(Setting.TRUSTED_PROXIES, "127.0.0.1/32"));
  }

  private Installation start(Shape shape, Map<Setting, String> more) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.putAll(more);
    settings.put(Setting.REDIS_URL, server.url());
    settings.put(Setting.RATE_LIMITS, "on");
    return Installation.start(shape, ServiceDecorators.NONE, settings);
  }

  @ParameterizedTest
  @InBothShapes
  void no_data_of_a_guest_crosses_redis(Shape shape) throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (Installation installation = startBehindAProxy(shape);
        Connection monitor = server.connect()) {
      monitor.setTimeoutInfinite();
      monitor.sendCommand(Command.MONITOR);
      Thread watching = Thread.ofVirtual().start(() -> {
        try {
          while (true) {
            seen.add(new String((byte[]) monitor.getOne(), StandardCharsets.UTF_8));
          }
        } catch (JedisConnectionException disconnected) {
          // the test is over
        }
      });
      Guest guest = installation.guest();
      Reply begun = guest.post(
          "/v2/Webchat/Init",
          "{\"deploymentKey\":\"%s\",\"customerFriendlyName\":\"Ada Lovelace\"}"
              .formatted(installation.deployment.text()),
          Map.of("Content-Type", "application/json", "X-Forwarded-For", ADDRESS));
      guest.holding(begun.text("token"));
      String first = guest.token();
      assertThat(guest.reloads().status()).isEqualTo(200);
      try (GuestSocket socket = guest.opensSocket()) {
        socket.says(guest.hello(-1)).receives("welcome");
        assertThat(guest.says(BODY, "client-1").status()).isEqualTo(201);
        assertThat(socket.receivesUntil(BODY)).contains(BODY);
        guest.posts("/v2/Webchat/Typing", "{}");
      }
      assertThat(guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads().status()).isEqualTo(403);
      Guest bound = installation.guest().withKey(GuestKey.next()).starts();
      assertThat(bound.get("/v2/Webchat/Messages").status()).isEqualTo(200);
      awaitSeen(seen, "parlour:1:nonces:"); // so that another node does not answer this call again
      awaitSeen(seen, " typing ");
      awaitSeen(seen, " changed ");
      awaitSeen(seen, "parlour:1:rate:");
      String all = String.join("\n", seen);
      String session = installation
          .sessions(sessions -> sessions.newest(new Sessions.Scope.All(), 1).getFirst())
          .sid()
          .text();
      assertThat(all)
          .contains(begun.text("conversation_sid"))
          .doesNotContain(
              first.substring(10, 50),
              guest.token().substring(10, 50),
              bound.token().substring(10, 50),
              ADDRESS,
              "203, 0, 113",
              "Ada",
              BODY,
              session,
              Browser.CHROME_ON_WINDOWS.headers().get("User-Agent"));
      monitor.forceDisconnect();
      watching.join();
    }
  }

  @Test
  void two_edges_count_together_and_each_for_itself_without_redis(@TempDir Path folder) {
    try (Installation installation = startBehindAProxy(Shape.A_PROCESS_PER_ROLE);
        ParlourProcess second = edge(installation, folder)) {
      List<URI> edges = List.of(installation.edge(), second.publicAddress().orElseThrow());
      int limit = Limits.CREATES_PER_MINUTE;
      Refill refill = Refill.of(Rate.CREATES);
      int let = letThrough(installation, edges, "203.0.113.1");
      assertThat(let).isBetween(limit, limit + limit / 4 + refill.calls());
      server.kill();
      refill = Refill.of(Rate.CREATES);
      let = letThrough(installation, edges, "203.0.113.2");
      assertThat(let).isBetween(2 * limit, 2 * limit + limit / 4 + 2 * refill.calls());
      installation.edgeIs(edges.getFirst());
      Guest honest = installation.guest().starts();
      assertThat(honest.reloads().status()).isEqualTo(200);
    }
  }

  /** Of attempts at both edges by turns, as many as twice the limit and a half. */
  private static int letThrough(Installation installation, List<URI> edges, String address) {
    int let = 0;
    for (int i = 0; i < 5 * Limits.CREATES_PER_MINUTE / 2; i++) {
      installation.edgeIs(edges.get(i % 2));
      Reply reply = installation
          .guest()
          .post(
              "/v2/Webchat/Init",
              "{}",
              Map.of("Content-Type", "application/json", "X-Forwarded-For", address));
      let += reply.status() == 400 ? 1 : 0;
    }
    return let;
  }

  private ParlourProcess edge(Installation installation, Path folder) {
    return ParlourProcess.start(
        Config.read(
            Optional.empty(),
            Map.of(),
            Map.of(
                Setting.ROLES, "starship",
                Setting.DATA, folder.toString(),
                Setting.PUBLIC_HOST, "127.0.0.1",
                Setting.PUBLIC_PORT, "0",
                Setting.INTERNAL_PORT, "0",
                Setting.INTERNAL_SECRET, installation.internalSecret(),
                Setting.ORCHESTRATOR_URL,
                    installation.internal(Role.ORCHESTRATOR).toString(),
                Setting.REDIS_URL, server.url(),
                Setting.TRUSTED_PROXIES, "127.0.0.1/32")),
        installation.clock,
        ServiceDecorators.NONE);
  }

  @ParameterizedTest
  @InBothShapes
  void a_revocation_closes_the_socket_with_redis_and_without(Shape shape) {
    try (Installation installation = start(shape)) {
      for (boolean alive : List.of(true, false)) {
        if (!alive) {
          server.kill();
        }
        Guest guest = installation.guest().starts();
        try (GuestSocket socket = guest.opensSocket()) {
          socket.says(guest.hello(-1)).receives("welcome");
          Session session = installation.sessions(
              sessions -> sessions.newest(new Sessions.Scope.All(), 1).getFirst());
          installation.sessions(
              sessions -> sessions.revoke(session.sid(), "test", installation.clock.instant()));
          long began = System.nanoTime();
          if (alive) {
            Redis.publishOnce(server.address(), new BusEvent.SessionRevoked());
          }
          assertThat(socket.receives("refused")).containsEntry("code", 45775L);
          assertThat(System.nanoTime() - began)
              .as("without waiting for a ping")
              .isLessThan(Limits.SOCKET_PING.toNanos());
        }
      }
    }
  }

  @ParameterizedTest
  @InBothShapes
  void a_redis_that_hangs_and_one_that_is_away_slow_nobody_down(Shape shape) {
    try (Installation installation = start(shape)) {
      Guest guest = installation.guest().starts();
      Duration before = timed(guest);
      // Of a hundred reloads a few wait once each: for a bucket of the address, the page, the
      // deployment and the session, and again when Redis was spared for a while.
      Duration waits = Limits.REDIS_TIMEOUT.multipliedBy(4 * 3);
      server.suspend();
      try {
        assertOnceWithin(before.multipliedBy(4).plus(waits).plusSeconds(2), guest);
      } finally {
        server.resume();
      }
      server.kill();
      assertOnceWithin(before.multipliedBy(4).plusSeconds(2), guest);
    }
  }

  /** Up to five times, because the machine itself may stop for a while. */
  private static void assertOnceWithin(Duration limit, Guest guest) {
    Duration took = timed(guest);
    for (int i = 0; i < 4 && took.compareTo(limit) >= 0; i++) {
      took = timed(guest);
    }
    assertThat(took).isLessThan(limit);
  }

  private static Duration timed(Guest guest) {
    long began = System.nanoTime();
    for (int i = 0; i < 30; i++) {
      assertThat(guest.reloads().status()).isEqualTo(200);
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  @Test
  void a_node_starts_and_works_without_its_redis() {
    server.kill();
    try (Installation installation = start(Shape.ONE_PROCESS)) {
      Guest guest = installation.guest().starts();
      try (GuestSocket socket = guest.opensSocket()) {
        socket.says(guest.hello(-1)).receives("welcome");
        guest.says("Hello", "a");
        assertThat(socket.receivesUntil("Hello")).containsExactly("Hello");
      }
    }
  }

  @Test
  void published_clients_receive_messages_of_another_node_over_redis_also_after_its_restart() {
    try (TestClients clients = TestClients.start();
        Installation installation = start(Shape.OVER_POSTGRES);
        ParlourProcess other = installation.another()) {
      Guest guest = guestWithoutOrigin(installation).starts();
      List<SdkClient> connected =
          TestClients.VERSIONS.stream().map(clients::client).toList();
      for (SdkClient client : connected) {
        client.connect(guest.token(), installation.edge().getPort());
        client.lists("newest", "sid", guest.conversation(), "size", 1);
      }
      installation.edgeIs(other.publicAddress().orElseThrow());
      var there = new AnotherNode(installation, guest.conversation(), connected);
      there.messagesArriveByEvents();
      server.kill();
      there.messageArrives();
      server.startAgain();
      there.messagesArriveByEvents();
      there.eachMessageWasSeenOnce();
      connected.forEach(client -> client.does("shutdown"));
      assertThat(clients.unexpected()).isEmpty();
    }
  }

  /** A guest whose client can be a program of Node, which sends no Origin. */
  private static Guest guestWithoutOrigin(Installation installation) {
    return installation
        .guest()
        .of(installation.deploy(new Accounts.Settings(
            Optional.of(installation.address),
            AllowedOrigins.any(),
            TokenRules.DEFAULT.withRealtime(),
            Lifetimes.DEFAULT)));
  }

  /** A node that a server of the account calls, while clients are connected to another one. */
  private static final class AnotherNode {
    private static final int MESSAGES = 10;

    private final Installation installation;
    private final String conversation;
    private final List<SdkClient> clients;
    private final List<String> said = new ArrayList<>();

    AnotherNode(Installation installation, String conversation, List<SdkClient> clients) {
      this.installation = installation;
      this.conversation = conversation;
      this.clients = clients;
    }

    /** Sends a message, and returns when each client has seen it. */
    void messageArrives() {
      String body = "m" + said.size();
      said.add(body);
      installation.server(
          "POST", "/v1/Conversations/" + conversation + "/Messages", "Author=bot&Body=" + body);
      for (SdkClient client : clients) {
        client.sees("messageAdded", message -> body.equals(message.get("body")));
      }
    }

    /**
     * Sends messages, each after the one before it was seen, until they all arrive in less time than the
     * polls of a node that receives no events would take.
     */
    void messagesArriveByEvents() {
      until("messages arrive by events", () -> {
        long began = System.nanoTime();
        for (int i = 0; i < MESSAGES; i++) {
          messageArrives();
        }
        return System.nanoTime() - began
            < Limits.POLL_WITHOUT_EVENTS.multipliedBy(MESSAGES / 2).toNanos();
      });
    }

    void eachMessageWasSeenOnce() {
      for (SdkClient client : clients) {
        assertThat(client.seen("messageAdded"))
            .as(client.toString())
            .extracting(message -> message.get("body"))
            .containsExactlyElementsOf(said);
      }
    }
  }

  private static void awaitSeen(List<String> seen, String what) throws InterruptedException {
    for (int i = 0; i < 6_000 && seen.stream().noneMatch(line -> line.contains(what)); i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(seen).anySatisfy(line -> assertThat(line).contains(what));
  }
}
