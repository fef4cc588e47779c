package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Lifetimes;
import parlour.accounts.ProofRule;
import parlour.accounts.TokenRules;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.Session;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** Sessions that are bound to a key of their browser. */
@ParameterizedClass
@InBothShapes
class BoundGuestsTest {
  private static final String MESSAGES = "/v2/Webchat/Messages";
  private static final String INIT = "/v2/Webchat/Init";

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;

  BoundGuestsTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().withKey(GuestKey.next());
  }

  // ---- Init

  @Test
  void a_browser_with_a_key_gets_a_bound_session_and_one_without_gets_none() {
    assertThat(guest.init().text("proof_key")).matches("[A-Za-z0-9_-]{87}");
    assertThat(installation.guest().init().json()).doesNotContainKey("proof_key");
  }

  @Test
  void the_lifetimes_of_a_session_depend_on_its_key() {
    guest.starts();
    assertThat(session(guest).bound()).hasValueSatisfying(bound -> {
      assertThat(bound.idleTtl()).isEqualTo(Limits.IDLE_TTL_DEFAULT);
      assertThat(Duration.between(session(guest).created(), bound.ends()))
          .isEqualTo(Limits.BOUND_SESSION_TTL_DEFAULT);
    });
    Session unbound = session(installation.guest().starts());
    assertThat(unbound.bound()).isEmpty();
    assertThat(Duration.between(unbound.created(), unbound.expires()))
        .isEqualTo(Limits.UNBOUND_SESSION_TTL_DEFAULT);
  }

  @Test
  void a_deployment_that_turns_proofs_off_ignores_the_key() {
    guest.of(deployment(ProofRule.OFF));
    assertThat(guest.init().json()).doesNotContainKey("proof_key");
    Reply malformed = starts(guest, "nonsense");
    assertThat(malformed.status()).isEqualTo(201);
    assertThat(malformed.json()).doesNotContainKey("proof_key");
  }

  @Test
  void a_deployment_that_requires_proofs_refuses_a_browser_without_a_key() {
    Sid.Deployment strict = deployment(ProofRule.REQUIRE);
    Reply without = installation.guest().of(strict).init();
    assertThat(without.status()).isEqualTo(400);
    assertThat(without.json()).containsEntry("code", 45770L).containsEntry("action", "fix");
    assertThat(without.text("message")).contains("proofKey", "secure context", "IndexedDB");
    assertThat(guest.of(strict).starts().get(MESSAGES).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        // 65 zeros, and the point (0, 0), which is not on the curve
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        // a compressed point
        "AmsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW",
      })
  void a_key_that_is_not_on_the_curve_is_malformed(String key) {
    for (ProofRule rule : List.of(ProofRule.PREFER, ProofRule.REQUIRE)) {
      Reply reply = starts(guest.of(deployment(rule)), key);
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.code()).isEqualTo(45770);
      assertThat(reply.text("message")).contains("proofKey").doesNotContain(key);
    }
  }

  @Test
  void a_repeated_init_with_another_key_is_another_chat() {
    String fields = "\"idempotencyKey\":\"00112233445566778899aabbccddeeff\",\"proofKey\":\"%s\"";
    String own = fields.formatted(guest.key().publicKey());
    Reply first = startsWith(guest, own);
    assertThat(startsWith(guest, own).text("conversation_sid"))
        .isEqualTo(first.text("conversation_sid"));
    assertThat(startsWith(guest, fields.formatted(GuestKey.next().publicKey()))
            .text("conversation_sid"))
        .isNotEqualTo(first.text("conversation_sid"));
    assertThat(startsWith(guest, "\"idempotencyKey\":\"00112233445566778899aabbccddeeff\"")
            .text("conversation_sid"))
        .isNotEqualTo(first.text("conversation_sid"));
  }

  @Test
  void an_init_that_is_repeated_after_the_rule_for_keys_has_changed_is_another_chat() {
    String start = "\"idempotencyKey\":\"ffeeddccbbaa99887766554433221100\",\"proofKey\":\"%s\""
        .formatted(guest.key().publicKey());
    Reply bound = startsWith(guest, start);
    installation.configure(settings -> new Accounts.Settings(
        settings.address(),
        settings.allowedOrigins(),
        new TokenRules(Sensitivity.MEDIUM, ProofRule.OFF, false),
        settings.lifetimes()));
    try {
      Reply unbound = startsWith(guest, start);
      assertThat(unbound.status()).isEqualTo(201);
      assertThat(unbound.text("conversation_sid")).isNotEqualTo(bound.text("conversation_sid"));
    } finally {
      installation.configure(settings -> settings);
    }
  }

  private Reply starts(Guest who, String proofKey) {
    return startsWith(who, "\"proofKey\":\"%s\"".formatted(proofKey));
  }

  private static Reply startsWith(Guest who, String fields) {
    return who.send(
        "POST",
        INIT,
        "{\"deploymentKey\":\"%s\",%s}".formatted(who.deployment().text(), fields),
        Map.of("Content-Type", "application/json"));
  }

  private Sid.Deployment deployment(ProofRule rule) {
    return deployment(rule, Lifetimes.DEFAULT);
  }

  private Sid.Deployment deployment(ProofRule rule, Lifetimes lifetimes) {
    Accounts.Settings defaults = installation.defaults();
    return installation.deploy(new Accounts.Settings(
        defaults.address(),
        defaults.allowedOrigins(),
        new TokenRules(Sensitivity.MEDIUM, rule, false),
        lifetimes));
  }

  // ---- calls

  @Test
  void a_guest_with_the_key_can_do_everything() {
    guest.starts();
    assertThat(guest.says("hello", "a").status()).isEqualTo(201);
    assertThat(guest.get(MESSAGES + "?limit=5").status()).isEqualTo(200);
    assertThat(guest.posts("/v2/Webchat/Read", "{\"index\":0}").status()).isEqualTo(200);
    assertThat(guest.posts("/v2/Webchat/Typing", "").status()).isEqualTo(204);
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(guest.reloads().json()).doesNotContainKey("proof_key");
    assertThat(guest.posts("/v2/Webchat/End", "{}").status()).isEqualTo(200);
  }

  @Test
  void a_path_may_be_in_any_case_and_the_signed_one_is_in_lower_case() {
    guest.starts();
    assertThat(guest.get("/V2/webCHAT/MESSAGES").status()).isEqualTo(200);
  }

  /** The prefix is taken off at the edge, and a browser signs the path below it. */
  @Test
  void a_path_may_have_the_prefix_of_a_region_and_the_signed_one_has_none() {
    guest.starts();
    String prefix = "/webchat.twilio.com";
    Map<String, String> read = signed("GET", MESSAGES + "?limit=5", "", guest.bearer());
    assertThat(guest.send("GET", prefix + MESSAGES + "?limit=5", "", read).status())
        .isEqualTo(200);
    Map<String, String> other = signed("GET", prefix + MESSAGES, "", guest.bearer());
    assertRefused(guest.send("GET", prefix + MESSAGES, "", other));
    String refresh = "{\"deploymentKey\":\"%s\",\"token\":\"%s\"}"
        .formatted(guest.deployment().text(), guest.token());
    String path = "/v2/Webchat/Tokens/Refresh";
    assertThat(guest
            .send("POST", prefix + path, refresh, signedJson(path, refresh))
            .status())
        .isEqualTo(200);
  }

  @Test
  void a_copy_of_the_token_and_all_headers_without_the_key_is_refused_as_another_browser() {
    guest.starts();
    Guest thief = guest.copiedTo(Browser.CHROME_ON_WINDOWS);
    assertRefused(thief.get(MESSAGES));
    assertRefused(thief.says("mine now", "b"));
    assertRefused(thief.posts("/v2/Webchat/Read", "{\"index\":0}"));
    assertRefused(thief.posts("/v2/Webchat/Typing", ""));
    assertRefused(thief.posts("/v2/Webchat/End", "{}"));
    assertRefused(thief.reloads());
    GuestKey other = GuestKey.next();
    other.agree(GuestKey.next().publicKey(), guest.conversation());
    assertRefused(thief.withKey(other).get(MESSAGES));
    assertRefused(thief.reloads());
    assertThat(guest.get(MESSAGES).status()).isEqualTo(200);
  }

  @Test
  void another_browser_with_the_key_is_the_guest() {
    guest.starts().becomes(Browser.FIREFOX_ON_LINUX);
    assertThat(guest.get(MESSAGES).status()).isEqualTo(200);
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  @Test
  void a_signature_is_good_for_nothing_but_its_own_call() {
    guest.starts();
    String body = "{\"index\":0}";
    Map<String, String> read = signed("POST", "/v2/Webchat/Read", body, guest.bearer());
    read.put("Content-Type", "application/json");
    assertRefused(guest.send("POST", "/v2/Webchat/End", body, read));
    assertRefused(guest.send("POST", "/v2/Webchat/Typing", body, read));
    Map<String, String> page = signed("GET", MESSAGES + "?limit=5", "", guest.bearer());
    assertRefused(guest.send("GET", MESSAGES + "?limit=6", "", page));
    Map<String, String> token = signed("GET", MESSAGES, "", guest.bearer());
    token.put("Authorization", "bearer " + guest.token());
    assertRefused(guest.send("GET", MESSAGES, "", token));
    Map<String, String> late = signed("GET", MESSAGES, "", guest.bearer());
    late.computeIfPresent(
        "Signature-Input", (_, input) -> input.replace(";nonce=\"", ";nonce=\"x"));
    assertRefused(guest.send("GET", MESSAGES, "", late));
    assertThat(guest.send("POST", "/v2/Webchat/Read", body, read).status()).isEqualTo(200);
  }

  @Test
  void a_proxy_that_strips_headers_causes_a_clear_error_and_never_an_unproven_call() {
    guest.starts();
    String body = "{\"body\":\"hello\",\"client_id\":\"a\"}";
    for (String lost : List.of("Signature", "Signature-Input", "Content-Digest")) {
      Map<String, String> headers = signedJson(MESSAGES, body);
      headers.remove(lost);
      Reply reply = guest.send("POST", MESSAGES, body, headers);
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.text("message")).contains(lost);
    }
    assertRefused(guest.send("POST", MESSAGES, body, withJson(guest.bearer())));
    assertThat(guest.get(MESSAGES).response().body()).doesNotContain("hello");
  }

  /** Agents and proxies sign calls, too, under names of their own. */
  @Test
  void the_signature_of_an_agent_disturbs_no_call_and_does_not_count_as_a_proof() {
    Map<String, String> ofAgent = Map.of(
        "Signature-Agent", "\"https://agent.example\"",
        "Signature-Input", "sig1=(\"@authority\");created=1;alg=\"ed25519\";tag=\"web-bot-auth\"",
        "Signature", "sig1=:AAAA:");
    Guest unbound = installation.guest().starts();
    assertThat(sends(unbound, withSignatures(unbound.bearer(), ofAgent)).status())
        .isEqualTo(200);
    guest.starts();
    Map<String, String> proven = signed("GET", MESSAGES, "", guest.bearer());
    assertThat(sends(guest, withSignatures(proven, ofAgent)).status()).isEqualTo(200);
    assertRefused(sends(guest, withSignatures(guest.bearer(), ofAgent)));
  }

  private static Reply sends(Guest who, Map<String, String> headers) {
    return who.send("GET", MESSAGES, "", headers);
  }

  private static Map<String, String> withSignatures(
      Map<String, String> headers, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    more.forEach((name, value) -> all.merge(name, value, (ours, theirs) -> ours + ", " + theirs));
    return all;
  }

  // ---- time and replays

  @Test
  void a_browser_whose_clock_is_wrong_takes_the_time_of_the_answer_and_is_let_in() {
    guest.starts();
    Map<String, String> headers = guest.bearer();
    Instant wrong = installation.clock.instant().minus(Duration.ofDays(2_000));
    Reply late = guest.send(
        "GET", MESSAGES, "", signed(GuestKey.Call.of("GET", MESSAGES, "", headers, wrong)));
    assertThat(late.status()).isEqualTo(428);
    long time = Long.parseLong(String.valueOf(late.header("Parlour-Time")));
    Instant right = Instant.ofEpochSecond(time);
    Reply again = guest.send(
        "GET", MESSAGES, "", signed(GuestKey.Call.of("GET", MESSAGES, "", headers, right)));
    assertThat(again.status()).isEqualTo(200);
    assertThat(session(guest).incidents().refusals()).isZero();
  }

  @Test
  void a_recorded_reading_call_is_answered_once() {
    guest.starts().says("secret", "a");
    Map<String, String> recorded = signed("GET", MESSAGES, "", guest.bearer());
    assertThat(guest.send("GET", MESSAGES, "", recorded).status()).isEqualTo(200);
    Reply replayed = guest.send("GET", MESSAGES, "", recorded);
    assertRenewable(replayed);
    assertThat(replayed.response().body()).doesNotContain("secret");
    assertThat(guest.get(MESSAGES).status()).isEqualTo(200);
  }

  @Test
  void a_recorded_message_that_is_sent_again_is_the_same_message() {
    guest.starts();
    String body = "{\"body\":\"once\",\"client_id\":\"a\"}";
    Map<String, String> recorded = signedJson(MESSAGES, body);
    assertThat(guest.send("POST", MESSAGES, body, recorded).status()).isEqualTo(201);
    assertThat(guest.send("POST", MESSAGES, body, recorded).status()).isEqualTo(200);
  }

  @Test
  void a_recorded_end_is_answered_once_so_that_it_cannot_end_a_chat_that_was_reopened() {
    guest.starts();
    Map<String, String> recorded = signedJson("/v2/Webchat/End", "{}");
    assertThat(guest.send("POST", "/v2/Webchat/End", "{}", recorded).status()).isEqualTo(200);
    assertRenewable(guest.send("POST", "/v2/Webchat/End", "{}", recorded));
  }

  @Test
  void a_recorded_reopening_is_answered_once_so_that_it_cannot_reopen_a_chat_that_ended_again() {
    guest.starts();
    guest.send("POST", "/v2/Webchat/End", "{}", signedJson("/v2/Webchat/End", "{}"));
    Map<String, String> recorded = signedJson("/v2/Webchat/Reopen", "{}");
    assertThat(guest.send("POST", "/v2/Webchat/Reopen", "{}", recorded).status())
        .isEqualTo(200);
    guest.send("POST", "/v2/Webchat/End", "{}", signedJson("/v2/Webchat/End", "{}"));
    assertRenewable(guest.send("POST", "/v2/Webchat/Reopen", "{}", recorded));
    assertThat(guest.says("late", "a").code()).isEqualTo(45781);
  }

  // ---- renewal

  @Test
  void an_expired_token_is_renewed_by_a_refresh_with_a_good_proof_and_by_nothing_else() {
    guest
        .of(deployment(ProofRule.PREFER, Lifetimes.ofTokens(Limits.MIN_TOKEN_TTL)))
        .starts();
    Guest thief = guest.copiedTo(Browser.CHROME_ON_WINDOWS);
    installation.clock.pass(Limits.MIN_TOKEN_TTL.plusSeconds(1));
    assertRenewable(guest.get(MESSAGES));
    assertRenewable(guest.says("late", "a"));
    assertOver(thief.get(MESSAGES));
    assertOver(thief.reloads());
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(guest.says("back", "b").status()).isEqualTo(201);
  }

  @Test
  void a_superseded_token_is_renewed_by_a_refresh_with_a_good_proof() {
    guest.starts();
    String old = guest.token();
    guest.reloads();
    guest.get(MESSAGES);
    String newest = guest.token();
    installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
    assertRenewable(guest.holding(old).get(MESSAGES));
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(guest.get(MESSAGES).status()).isEqualTo(200);
    assertThat(newest).isNotEqualTo(guest.token());
  }

  @Test
  void a_revoked_session_is_over_with_a_proof_too() {
    guest.starts();
    guest.posts("/v2/Webchat/End", "{\"forget\":true}");
    assertOver(guest.get(MESSAGES));
    assertOver(guest.reloads());
  }

  // ---- sockets

  @Test
  void a_socket_of_a_bound_session_needs_a_proof_for_its_own_challenge() {
    guest.starts().says("hello", "a");
    try (GuestSocket socket = guest.entersSocket(-1)) {
      socket.receives("welcome");
      socket.receivesUntil("hello");
      guest.reloads();
      socket.says(guest.presents(socket));
      socket.receives("token_accepted");
    }
    String foreign;
    try (GuestSocket other = guest.opensSocket()) {
      foreign = guest
          .key()
          .answer(other.challenge(), guest.token(), guest.deployment().text());
    }
    for (String proof : new String[] {null, foreign}) {
      try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1, proof))) {
        assertThat(socket.receives())
            .containsEntry("type", "refused")
            .containsEntry("code", 45779L)
            .containsEntry("action", "restart");
        assertThat(socket.closedWith()).isEqualTo(1008);
      }
    }
  }

  @Test
  void a_newer_token_on_a_socket_needs_a_proof_of_that_token() {
    guest.starts();
    for (boolean ofOldToken : List.of(true, false)) {
      try (GuestSocket socket = guest.entersSocket(-1)) {
        socket.receives("welcome");
        String old = guest
            .key()
            .answer(socket.challenge(), guest.token(), guest.deployment().text());
        guest.reloads();
        String proof = ofOldToken ? ",\"proof\":\"%s\"".formatted(old) : "";
        socket.says("{\"type\":\"token\",\"token\":\"%s\"%s}".formatted(guest.token(), proof));
        assertThat(socket.receives("refused")).containsEntry("code", 45779L);
        assertThat(socket.closedWith()).isEqualTo(1008);
      }
    }
  }

  @Test
  void a_socket_whose_token_expires_asks_its_client_to_renew_it() {
    guest
        .of(deployment(ProofRule.PREFER, Lifetimes.ofTokens(Limits.MIN_TOKEN_TTL)))
        .starts();
    try (GuestSocket socket = guest.entersSocket(-1)) {
      socket.receives("welcome");
      installation.clock.pass(Limits.MIN_TOKEN_TTL.plusSeconds(1));
      assertThat(socket.receives("refused"))
          .containsEntry("code", 45775L)
          .containsEntry("action", "refresh");
      assertThat(socket.closedWith()).isEqualTo(1008);
    }
    guest.reloads();
    try (GuestSocket socket = guest.entersSocket(-1)) {
      socket.receives("welcome");
    }
  }

  @Test
  void a_socket_of_a_superseded_token_asks_for_a_proven_newer_one_and_otherwise_for_a_renewal()
      throws InterruptedException {
    guest.starts();
    try (GuestSocket tab = guest.entersSocket(-1);
        GuestSocket asleep = guest.entersSocket(-1)) {
      guest.reloads();
      guest.says("one", "a");
      tab.receivesUntil("one");
      asleep.receivesUntil("one");
      installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
      tab.receives("token_superseded");
      tab.says(guest.presents(tab));
      tab.receives("token_accepted");
      guest.says("two", "b");
      assertThat(tab.receivesUntil("two")).containsExactly("two");
      assertThat(asleep.receives()).isEqualTo(Map.of("type", "token_superseded"));
      installation.clock.pass(Limits.SUPERSEDED_TIMEOUT.plusSeconds(1));
      assertThat(asleep.receives())
          .containsEntry("type", "refused")
          .containsEntry("code", 45775L)
          .containsEntry("action", "refresh");
      assertThat(asleep.closedWith()).isEqualTo(1008);
    }
  }

  // ---- how calls are signed

  private Map<String, String> signed(
      String method, String target, String body, Map<String, String> headers) {
    return signed(GuestKey.Call.of(method, target, body, headers, installation.clock.instant()));
  }

  private Map<String, String> signed(GuestKey.Call call) {
    Map<String, String> all = new LinkedHashMap<>(call.headers());
    all.putAll(guest.key().sign(call));
    return all;
  }

  private Map<String, String> signedJson(String target, String body) {
    return signed("POST", target, body, withJson(guest.bearer()));
  }

  private static Map<String, String> withJson(Map<String, String> headers) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put("Content-Type", "application/json");
    return all;
  }

  private Session session(Guest of) {
    return installation.sessions(sessions ->
        sessions.of(List.of(new Sid.Conversation(of.conversation()))).getFirst());
  }

  private static void assertRefused(Reply reply) {
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(403);
    assertThat(reply.json()).containsEntry("code", 45779L).containsEntry("action", "restart");
  }

  private static void assertOver(Reply reply) {
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(401);
    assertThat(reply.json()).containsEntry("code", 45775L).containsEntry("action", "restart");
  }

  private static void assertRenewable(Reply reply) {
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(401);
    assertThat(reply.json()).containsEntry("code", 45775L).containsEntry("action", "refresh");
  }
}
