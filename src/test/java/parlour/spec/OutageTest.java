package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.BadInputTest.assertRefused;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.Limits;
import parlour.Sid;
import parlour.config.Role;
import parlour.http.json.Json;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** Whatever is down, slow, or out of its mind: nobody is refused for it, and it passes. */
class OutageTest {
  private static final int REFRESH = 45774;
  private static final int CREATE = 45773;
  private static final int CONFIGURATION = 45776;

  private static final Faults faults = new Faults();

  @AutoClose
  private static final BothShapes installations = new BothShapes(faults, Map.of());

  @AfterEach
  void mend() {
    faults.repair();
  }

  // ---- a process is down

  @ParameterizedTest
  @EnumSource(names = {"SCOPED_AUTH", "FEDERATED_AUTH", "ORCHESTRATOR"})
  void while_a_service_is_down_a_refresh_is_unavailable_and_then_goes_on(Role role) {
    Installation installation = installations.in(Shape.A_PROCESS_PER_ROLE);
    Guest guest = installation.guest().starts();
    installation.stop(role);
    try {
      assertUnavailable(guest.reloads(), REFRESH);
      assertUnavailable(guest.init(), CREATE);
    } finally {
      installation.startAgain(role);
    }
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(guest.init().status()).isEqualTo(201);
  }

  @Test
  void while_Conversations_is_down_no_chat_begins_and_none_ends() {
    Installation installation = installations.in(Shape.A_PROCESS_PER_ROLE);
    Guest guest = installation.guest().starts();
    installation.stop(Role.CONVERSATIONS);
    try {
      assertUnavailable(guest.init(), CREATE);
      assertThat(guest.reloads().status()).isEqualTo(200);
    } finally {
      installation.startAgain(Role.CONVERSATIONS);
    }
    assertThat(guest.init().status()).isEqualTo(201);
  }

  // ---- a process is slow

  @Test
  void a_service_that_is_slow_is_not_waited_for_longer_than_its_deadline() {
    Installation installation = installations.in(Shape.A_PROCESS_PER_ROLE);
    Guest guest = installation.guest().starts();
    faults.slow(Role.SCOPED_AUTH, Limits.SCOPED_AUTH_DEADLINE.plusSeconds(1));
    faults.slow(Role.CONVERSATIONS, Limits.CONVERSATIONS_DEADLINE.plusSeconds(1));
    long begun = System.nanoTime();
    assertUnavailable(guest.reloads(), REFRESH);
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isGreaterThanOrEqualTo(Limits.SCOPED_AUTH_DEADLINE);
    faults.repair();
    assertThat(guest.reloads().status()).isEqualTo(200);

    faults.slow(Role.CONVERSATIONS, Limits.CONVERSATIONS_DEADLINE.plusSeconds(1));
    assertUnavailable(guest.init(), CREATE);
  }

  // ---- somebody else answers

  /** Answers of a service that are neither a valid success nor a valid refusal. */
  private static Map<String, StandIn.Saying> nonsense() {
    Map<String, StandIn.Saying> sayings = new LinkedHashMap<>();
    sayings.put("200 HTML", StandIn.text(200, "text/html", "<h1>Welcome</h1>"));
    sayings.put("200 JSON that says it is HTML", StandIn.text(200, "text/html", refused()));
    sayings.put("200 {}", StandIn.json(200, "{}"));
    sayings.put("200 []", StandIn.json(200, "[]"));
    sayings.put("200 no JSON", StandIn.json(200, "{\"valid\":"));
    sayings.put("200 empty", StandIn.json(200, ""));
    sayings.put("200 half", StandIn.half("{\"valid\":false,\"code\":45775"));
    sayings.put("204", StandIn.empty(204));
    sayings.put("307", StandIn.redirect());
    for (int status : List.of(400, 401, 403, 404, 500, 502)) {
      sayings.put(status + " as if refused", StandIn.json(status, refused()));
    }
    return sayings;
  }

  private static String refused() {
    return "{\"valid\":false,\"authorized\":false,\"code\":45775,"
        + "\"message\":\"token_validation_failed\"}";
  }

  static Stream<Arguments> services_and_their_own_kind_of_nonsense() {
    return Stream.of(
        Arguments.of(
            Role.SCOPED_AUTH,
            List.of(
                "{\"authorized\":true}",
                "{\"authorized\":false}",
                "{\"authorized\":false,\"message\":\"other\"}",
                "{\"authorized\":\"false\",\"message\":\"token_validation_failed\"}",
                "{\"authorized\":null,\"message\":\"token_validation_failed\"}",
                "{\"message\":\"token_validation_failed\"}",
                "{\"authorized\":true,\"auth_account\":{\"account_sid\":\"AC1\"},"
                    + "\"identity\":\"i\",\"grants\":[],\"session\":null}")),
        Arguments.of(
            Role.FEDERATED_AUTH,
            List.of(
                "{\"valid\":true}",
                "{\"valid\":true,\"code\":0,\"message\":null}",
                "{\"valid\":false,\"message\":\"no code\"}",
                "{\"valid\":false,\"code\":45776,\"message\":\"none of the two\"}",
                "{\"valid\":false,\"code\":\"45775\",\"message\":\"a text\"}",
                "{\"valid\":true,\"code\":0,\"message\":null,\"token\":\"t\","
                    + "\"expiration\":\"tomorrow\",\"identity\":\"i\",\"roles\":[],"
                    + "\"conversation_sid\":\"CH" + "0".repeat(32) + "\"}")));
  }

  @ParameterizedTest
  @MethodSource("services_and_their_own_kind_of_nonsense")
  void a_malformed_answer_of_a_service_is_an_outage_and_not_a_verdict(Role role, List<String> its) {
    Installation installation = installations.in(Shape.A_PROCESS_PER_ROLE);
    Map<String, StandIn.Saying> sayings = nonsense();
    its.forEach(body -> sayings.put("200 " + body, StandIn.json(200, body)));
    Guest guest = installation.guest().starts();

    meanwhile(installation, role, sayings, () -> {
      assertUnavailable(guest.reloads(), REFRESH);
      assertUnavailable(guest.init(), CREATE);
    });
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  @Test
  void nonsense_from_Conversations_starts_no_chat() {
    Installation installation = installations.in(Shape.A_PROCESS_PER_ROLE);
    Map<String, StandIn.Saying> sayings = nonsense();
    sayings.put(
        "another conversation",
        StandIn.json(201, "{\"conversation_sid\":\"CH" + "0".repeat(32) + "\"}"));
    Guest guest = installation.guest();

    meanwhile(
        installation, Role.CONVERSATIONS, sayings, () -> assertUnavailable(guest.init(), CREATE));
    assertThat(guest.init().status()).isEqualTo(201);
  }

  /** Also an answer that looks like one of Parlour's, without the header that marks those. */
  @Test
  void nonsense_at_the_address_of_the_orchestrator_never_reaches_a_browser() {
    Installation installation = installations.in(Shape.A_PROCESS_PER_ROLE);
    Map<String, StandIn.Saying> sayings = nonsense();
    sayings.put(
        "a token",
        StandIn.json(
            200,
            "{\"valid\":true,\"token\":\"plr1.other\",\"expiration\":\"2030-01-01T00:00:00Z\","
                + "\"identity\":\"i\",\"conversation_sid\":\"CH" + "0".repeat(32) + "\"}"));
    sayings.put("200 letting everyone in", exchange -> {
      exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "https://thief.example.net");
      exchange.getResponseHeaders().set("Set-Cookie", "a=b");
      StandIn.json(401, refused()).to(exchange);
    });
    Guest guest = installation.guest().starts();

    meanwhile(installation, Role.ORCHESTRATOR, sayings, () -> {
      Reply reply = guest.reloads();
      assertUnavailable(reply, REFRESH);
      assertThat(reply.header("Access-Control-Allow-Origin")).isEqualTo("*");
      assertThat(reply.header("Set-Cookie")).isNull();
      assertUnavailable(guest.init(), CREATE);
    });
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  /** Puts somebody else at the address of a service, who says one thing after the other. */
  private static void meanwhile(
      Installation installation, Role role, Map<String, StandIn.Saying> sayings, Runnable check) {
    AtomicReference<StandIn.Saying> now = new AtomicReference<>(StandIn.empty(500));
    installation.stop(role);
    try (StandIn standIn =
        StandIn.at(installation.port(role), exchange -> now.get().to(exchange))) {
      assertThat(standIn.address().getPort()).isEqualTo(installation.port(role));
      sayings.forEach((words, saying) -> {
        now.set(saying);
        try {
          check.run();
        } catch (AssertionError e) {
          throw new AssertionError(role + " said " + words + ": " + e.getMessage(), e);
        }
      });
    } finally {
      installation.startAgain(role);
    }
  }

  // ---- a store is down

  @ParameterizedTest
  @InBothShapes
  void while_the_store_of_sessions_is_down_nothing_is_refused(Shape shape) {
    Installation installation = installations.in(shape);
    Guest guest = installation.guest().starts();
    Guest thief = guest.copiedTo(Browser.FIREFOX_ON_LINUX);
    faults.storeDown(Role.SCOPED_AUTH);
    assertUnavailable(guest.reloads(), REFRESH);
    assertUnavailable(thief.reloads(), REFRESH);
    assertUnavailable(guest.init(), CREATE);
    faults.repair();
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertRefused(thief.reloads(), 403, 45779, Installation.ORIGIN);
  }

  @ParameterizedTest
  @InBothShapes
  void while_the_store_of_conversations_is_down_no_chat_begins_and_none_ends(Shape shape) {
    Installation installation = installations.in(shape);
    Guest guest = installation.guest().starts();
    faults.storeDown(Role.CONVERSATIONS);
    assertUnavailable(guest.init(), CREATE);
    assertThat(guest.reloads().status()).isEqualTo(200);
    faults.repair();
    assertThat(guest.init().status()).isEqualTo(201);
  }

  @ParameterizedTest
  @InBothShapes
  void while_the_store_of_the_configuration_is_down_the_answer_is_an_outage(Shape shape) {
    Installation installation = installations.in(shape);
    Sid.Deployment unheardOf = installation.deploy(installation.defaults());
    Guest guest = installation.guest().of(unheardOf).holding("plr1.whatever");
    faults.storeDown(Role.ORCHESTRATOR);
    assertUnavailable(guest.reloads(), CONFIGURATION);
    assertUnavailable(guest.init(), CONFIGURATION);
    faults.repair();
    assertThat(guest.starts().reloads().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @InBothShapes
  void while_the_store_of_the_configuration_is_down_the_socket_of_a_chat_that_ends_stays_open(
      Shape shape) {
    Installation installation = installations.in(shape);
    Guest guest = installation.guest().starts();
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      assertThat(socket.receives("state")).containsEntry("state", "active");
      faults.storeDown(Role.ORCHESTRATOR);
      while (guest.get("/v2/Webchat/Messages").status() == 200) {
        Thread.onSpinWait(); // the orchestrator has the configuration in its cache for a while
      }
      endsByAnotherOrchestrator(guest, installation);
      assertThat(socket.receives("state"))
          .containsEntry("state", "closed")
          .doesNotContainKey("reopenable_for");
      faults.repair();
      assertThat(guest.posts("/v2/Webchat/Reopen", "{}").status()).isEqualTo(200);
      assertThat(socket.receives("state"))
          .as("on the same socket")
          .containsEntry("state", "active");
    }
  }

  /** Closes the chat as an orchestrator does that can read its store. */
  private static void endsByAnotherOrchestrator(Guest guest, Installation installation) {
    String update = "/v1/Accounts/" + installation.account.text() + "/Conversations/update";
    assertThat(Http.post(
                installation.internal(Role.CONVERSATIONS).resolve(update),
                installation.internalSecret(),
                """
                {"conversation_sid":"%s","update":{"state":"closed","within":0}}\
                """.formatted(guest.conversation()))
            .body())
        .contains("\"updated\"");
  }

  @ParameterizedTest
  @InBothShapes
  void while_a_store_takes_no_writes_the_sockets_of_agents_stay_open(Shape shape) {
    Installation installation = installations.in(shape);
    AgentBrowser agent = new AgentBrowser(installation);
    Guest guest = installation.guest().starts();
    faults.storeFull(Role.ORCHESTRATOR);
    try (GuestSocket stream = agent.opensStream()) {
      stream.receives("welcome");
      installation.clock.pass(Limits.INBOX_OPEN_INTERVAL);
      var _ = guest.says("Hello?", "1");
      stream.receives("conversation");
      installation.clock.pass(Limits.INBOX_OPEN_INTERVAL);
      var _ = guest.says("Anybody?", "2");
      stream.receives("conversation");
    }
  }

  @ParameterizedTest
  @InBothShapes
  void a_process_whose_store_is_down_says_that_it_is_not_ready(Shape shape) {
    Installation installation = installations.in(shape);
    var health = installation.internal(Role.SCOPED_AUTH).resolve("/health/ready");
    assertThat(Http.get(health, "").statusCode()).isEqualTo(200);
    faults.storeDown(Role.SCOPED_AUTH);
    Installation.pause(Limits.READINESS_AGE.multipliedBy(2));
    assertThat(Http.get(health, "").statusCode()).isEqualTo(503);
    assertThat(Http.get(health.resolve("/health/live"), "").statusCode()).isEqualTo(200);
  }

  // ---- a bug

  static Stream<Arguments> bugs_everywhere_in_both_shapes() {
    List<Supplier<Throwable>> bugs = List.of(
        () -> new IllegalStateException("a bug"),
        () -> new NullPointerException("a bug"),
        () -> new IllegalArgumentException("a bug"),
        () -> new StackOverflowError("a bug"));
    return Shape.BOTH.stream()
        .flatMap(shape -> bugs.stream()
            .flatMap(bug -> Stream.of(Role.SCOPED_AUTH, Role.FEDERATED_AUTH)
                .map(role -> Arguments.of(shape, role, bug))));
  }

  @ParameterizedTest
  @MethodSource("bugs_everywhere_in_both_shapes")
  void a_bug_refuses_nobody(Shape shape, Role role, Supplier<Throwable> bug) {
    Installation installation = installations.in(shape);
    Guest guest = installation.guest().starts();
    faults.broken(role, bug);
    for (Reply reply : List.of(guest.reloads(), guest.init())) {
      assertThat(reply.status()).isEqualTo(503);
      assertThat(reply.code()).isIn(REFRESH, CREATE, 45770);
      assertThat(reply.text("action")).isEqualTo("retry");
      assertThat(reply.header("Retry-After")).matches("[1-9][0-9]*");
      assertThat(reply.response().body()).doesNotContain("a bug");
      assertThat(reply.header("Access-Control-Allow-Origin")).isNotBlank();
    }
    faults.repair();
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @InBothShapes
  void a_bug_in_Conversations_starts_no_chat(Shape shape) {
    Installation installation = installations.in(shape);
    faults.broken(Role.CONVERSATIONS, IllegalStateException::new);
    assertUnavailable(installation.guest().init(), CREATE);
  }

  private static void assertUnavailable(Reply reply, int code) {
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(503);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.text("action")).isEqualTo("retry");
    assertThat(reply.header("Retry-After")).matches("[1-9][0-9]*");
    assertThat(reply.header("Access-Control-Allow-Origin")).isIn(Installation.ORIGIN, "*");
    assertThat(reply.text("trace_id")).isEqualTo(reply.traceId());
    assertThat(Json.object(reply.response().body()).orElseThrow().keySet()).doesNotContain("token");
  }
}
