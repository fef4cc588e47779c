package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Identity;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.spec.OddPeer;
import parlour.trace.Arrow;
import parlour.trace.Lifeline;
import parlour.trace.Trace;

/**
 * The calls from FederatedAuth to ScopedAuth: an answer that is not clear is an outage, never a
 * refusal.
 */
class ScopedAuthHttpTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Audience AUDIENCE =
      new Audience(Sid.Account.random(random), Sid.Deployment.random(random), false);
  private static final Sid.Conversation CONVERSATION = Sid.Conversation.random(random);
  private static final SessionOwner OWNER = new SessionOwner(
      AUDIENCE.account(), AUDIENCE.deployment(), new Identity("guest_1"), CONVERSATION);
  private static final Sid.Session SESSION = Sid.Session.random(random);
  private static final GuestToken TOKEN = new GuestToken("plr1.token");

  private static final String AUTHORIZED = """
      {"authorized":true,"auth_account":{"account_sid":"%s"},"identity":"guest_1",\
      "grants":["conversation.read"],"session":{"sid":"%s","deployment_key":"%s",\
      "conversation_sid":"%s","generation":1,"next_generation":2,\
      "token_expires":"2026-01-01T06:00:00Z","expires":"2026-01-02T00:00:00Z"}}""".formatted(
      AUDIENCE.account().text(), SESSION.text(), AUDIENCE.deployment().text(), CONVERSATION.text());

  private static OddPeer peer;
  private static ScopedAuth scopedAuth;

  @BeforeAll
  static void open() {
    peer = new OddPeer();
    scopedAuth = new ScopedAuthHttp(peer.client());
  }

  @AfterAll
  static void close() {
    peer.close();
  }

  @Test
  void a_clear_authorization_is_a_guest() {
    peer.says(200, AUTHORIZED);
    assertThat(validate())
        .usingRecursiveComparison()
        .isEqualTo(new Verdict.Authorized(new Guest(
            OWNER,
            List.of("conversation.read"),
            new TokenGeneration(SESSION, new Generation(1)),
            new Generation(2),
            Instant.parse("2026-01-01T06:00:00Z"),
            Instant.parse("2026-01-02T00:00:00Z"),
            Optional.empty(),
            Optional.empty(),
            Guest.Source.OTHER_PROCESS)));
  }

  @Test
  void a_clear_refusal_is_a_refusal() {
    for (Verdict.Failure failure : Verdict.Failure.values()) {
      peer.says(200, "{\"authorized\":false,\"message\":\"%s\"}".formatted(failure.message()));
      assertThat(validate()).isEqualTo(new Verdict.Refused(failure));
    }
  }

  @Test
  void a_refusal_can_say_that_the_token_is_renewable() {
    peer.says(
        200, "{\"authorized\":false,\"message\":\"token_validation_failed\",\"renewable\":true}");
    assertThat(validate())
        .isEqualTo(new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED, true));
  }

  @Test
  void a_renewal_is_clear_or_an_outage() {
    String issued = "{\"renewal\":{\"type\":\"issued\",\"guest\":{\"account_sid\":\"%s\","
            .formatted(AUDIENCE.account().text())
        + "\"deployment_key\":\"%s\",\"identity\":\"guest_1\",\"conversation_sid\":\"%s\"},"
            .formatted(AUDIENCE.deployment().text(), CONVERSATION.text())
        + "\"token\":{\"token\":\"t\",\"expiration\":\"2026-01-02T00:00:00Z\"}}}";
    peer.says(200, issued);
    assertThat(refresh())
        .isEqualTo(new Renewal.Issued(
            OWNER, new IssuedToken(new GuestToken("t"), Instant.parse("2026-01-02T00:00:00Z"))));
    peer.says(200, "{\"renewal\":{\"type\":\"refused\",\"failure\":\"token_expired\"}}");
    assertThat(refresh()).isEqualTo(new Renewal.Refused(Verdict.Failure.TOKEN_EXPIRED));
    for (String odd : List.of(
        "",
        "{}",
        "null",
        "<html>",
        "{\"renewal\":null}",
        "{\"renewal\":{\"type\":\"refused\"}}",
        "{\"renewal\":{\"type\":\"refused\",\"failure\":\"other\"}}",
        "{\"renewal\":{\"type\":\"other\"}}",
        issued.replace("\"token\":\"t\"", "\"token\":\"\""),
        issued.replace(AUDIENCE.account().text(), Sid.Account.random(random).text()),
        issued.replace(
            AUDIENCE.deployment().text(), Sid.Deployment.random(random).text()))) {
      peer.says(200, odd);
      assertThatThrownBy(ScopedAuthHttpTest::refresh).as(odd).isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void a_refresh_without_an_answer_has_the_arrows_of_a_validation_without_one() {
    peer.says(500, "");
    Trace trace = Trace.begin();
    assertThatThrownBy(() -> trace.during(() -> new RecordedScopedAuth(Lifeline.FAS, scopedAuth)
            .refresh(new Presented(TOKEN, TestScopedAuth.HOME), AUDIENCE, Duration.ofHours(6))))
        .isInstanceOf(Unavailable.class);
    assertThat(trace.arrows().stream().map(Arrow::text))
        .containsExactly(
            "POST /v1/ScopedAuthTokens/validate {token, fingerprint}", Trace.NO_ANSWER);
  }

  private static Renewal refresh() {
    return scopedAuth.refresh(
        new Presented(TOKEN, TestScopedAuth.HOME), AUDIENCE, Duration.ofHours(6));
  }

  @Test
  void the_audience_of_a_token_is_clear_or_an_outage() {
    String audience = "{\"audience\":{\"account_sid\":\"%s\",\"deployment_key\":\"%s\"}}"
        .formatted(AUDIENCE.account().text(), AUDIENCE.deployment().text());
    peer.says(200, audience);
    assertThat(scopedAuth.audienceOf(TOKEN))
        .contains(new TokenAudience(AUDIENCE.account(), AUDIENCE.deployment()));
    peer.says(200, "{\"audience\":null}");
    assertThat(scopedAuth.audienceOf(TOKEN)).isEmpty();
    for (String odd : List.of("", "{}", "null", "<html>", audience.replace("\"CV", "\"XX"))) {
      peer.says(200, odd);
      assertThatThrownBy(() -> scopedAuth.audienceOf(TOKEN))
          .as(odd)
          .isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void a_guest_of_a_bound_session_has_its_binding() {
    peer.says(
        200,
        AUTHORIZED.replace(
            "\"expires\":\"2026-01-02T00:00:00Z\"",
            "\"expires\":\"2026-01-02T00:00:00Z\",\"binding\":\"sealed\""));
    assertThat(validate())
        .isInstanceOfSatisfying(
            Verdict.Authorized.class,
            authorized -> assertThat(authorized.guest().binding()).contains(new Binding("sealed")));
  }

  @Test
  void a_first_token_comes_with_the_servers_public_key_if_the_session_is_bound() {
    String issued = "{\"token\":\"t\",\"expiration\":\"2026-01-02T00:00:00Z\"%s}";
    NewSession wanted = new NewSession(
        SESSION,
        OWNER,
        Guest.GRANTS,
        TestScopedAuth.HOME,
        Optional.of(new BindingRequest("key", Duration.ofDays(14))),
        Duration.ofHours(6),
        Duration.ofDays(30));
    peer.says(201, issued.formatted(",\"proof_key\":\"ours\""));
    assertThat(scopedAuth.generate(wanted).proofKey()).contains("ours");
    peer.says(201, issued.formatted(""));
    assertThat(scopedAuth.generate(wanted).proofKey()).isEmpty();
  }

  @Test
  void an_authorization_with_a_field_that_is_missing_null_or_of_another_type_is_an_outage() {
    for (String member : List.of(
        "\"authorized\":true",
        "\"auth_account\":{\"account_sid\":\"" + AUDIENCE.account().text() + "\"}",
        "\"account_sid\":\"" + AUDIENCE.account().text() + "\"",
        "\"identity\":\"guest_1\"",
        "\"grants\":[\"conversation.read\"]",
        "\"sid\":\"" + SESSION.text() + "\"",
        "\"deployment_key\":\"" + AUDIENCE.deployment().text() + "\"",
        "\"conversation_sid\":\"" + CONVERSATION.text() + "\"",
        "\"next_generation\":2",
        "\"token_expires\":\"2026-01-01T06:00:00Z\"",
        "\"expires\":\"2026-01-02T00:00:00Z\"")) {
      assertThat(AUTHORIZED).contains(member);
      String name = member.substring(0, member.indexOf(':'));
      for (String instead : List.of(
          "\"unknown\":1",
          name + ":null",
          name + ":\"odd\"",
          name + ":\" \"",
          name + ":-1",
          name + ":{}")) {
        boolean free = name.equals("\"identity\"") && instead.endsWith("\"odd\"");
        if (!free) {
          peer.says(200, AUTHORIZED.replace(member, instead));
          assertThatThrownBy(ScopedAuthHttpTest::validate)
              .as(instead)
              .isInstanceOf(Unavailable.class);
        }
      }
    }
  }

  @Test
  void a_guest_of_another_account_or_deployment_is_an_outage() {
    peer.says(
        200,
        AUTHORIZED.replace(AUDIENCE.account().text(), Sid.Account.random(random).text()));
    assertThatThrownBy(ScopedAuthHttpTest::validate).isInstanceOf(Unavailable.class);
    peer.says(
        200,
        AUTHORIZED.replace(
            AUDIENCE.deployment().text(), Sid.Deployment.random(random).text()));
    assertThatThrownBy(ScopedAuthHttpTest::validate).isInstanceOf(Unavailable.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "true",
        "[]",
        "{}",
        "{",
        "not json",
        "<html>404</html>",
        "{\"authorized\":false}",
        "{\"authorized\":false,\"message\":null}",
        "{\"authorized\":false,\"message\":\"\"}",
        "{\"authorized\":false,\"message\":\"token_validation_failed \"}",
        "{\"authorized\":false,\"message\":\"TOKEN_VALIDATION_FAILED\"}",
        "{\"authorized\":false,\"message\":\"something_new\"}",
        "{\"authorized\":\"false\",\"message\":\"token_validation_failed\"}",
        "{\"authorized\":null,\"message\":\"token_validation_failed\"}",
        "{\"authorized\":0,\"message\":\"token_validation_failed\"}",
        "{\"authorized\":true}",
        "{\"authorized\":true,\"message\":\"token_validation_failed\"}",
        "{\"message\":\"token_validation_failed\"}",
        "{\"valid\":false,\"code\":45775}",
        "{\"authorized\":false,\"message\":\"fingerprint_validation_failed\",\"renewable\":true}",
        "{\"authorized\":false,\"message\":\"token_validation_failed\",\"renewable\":1}",
        "{\"authorized\":true,\"authorized\":false,\"message\":\"token_validation_failed\"}",
      })
  void every_other_answer_is_an_outage(String odd) {
    peer.says(200, odd);
    assertThatThrownBy(ScopedAuthHttpTest::validate).isInstanceOf(Unavailable.class);
  }

  @Test
  void an_authorization_that_is_also_a_refusal_is_an_outage() {
    peer.says(
        200,
        AUTHORIZED.replace(
            "{\"authorized\":true,",
            "{\"authorized\":true,\"message\":\"token_validation_failed\","));
    assertThatThrownBy(ScopedAuthHttpTest::validate).isInstanceOf(Unavailable.class);
    peer.says(
        200,
        AUTHORIZED.replace("{\"authorized\":true,", "{\"authorized\":true,\"renewable\":true,"));
    assertThatThrownBy(ScopedAuthHttpTest::validate).isInstanceOf(Unavailable.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {202, 204, 301, 400, 401, 403, 404, 413, 429, 431, 500, 502, 503})
  void every_other_status_is_an_outage_even_if_its_body_is_a_refusal(int status) {
    peer.says(status, "{\"authorized\":false,\"message\":\"token_validation_failed\"}");
    assertThatThrownBy(ScopedAuthHttpTest::validate)
        .isInstanceOf(Unavailable.class)
        .isNotInstanceOf(TooManyRequests.class);
  }

  @Test
  void a_refusal_with_another_content_type_is_an_outage() {
    peer.says(
        200,
        "{\"authorized\":false,\"message\":\"token_validation_failed\"}",
        Map.of("Content-Type", "text/html"));
    assertThatThrownBy(ScopedAuthHttpTest::validate).isInstanceOf(Unavailable.class);
  }

  @Test
  void a_rate_limit_stays_a_rate_limit() {
    peer.says(429, "{}", Map.of("Retry-After", "7"));
    assertThatThrownBy(ScopedAuthHttpTest::validate)
        .isInstanceOfSatisfying(
            TooManyRequests.class,
            later -> assertThat(later.retryAfter()).isEqualTo(Duration.ofSeconds(7)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"token\":\"t\"}",
        "{\"token\":\"\",\"expiration\":\"2026-01-02T00:00:00Z\"}",
        "{\"token\":null,\"expiration\":\"2026-01-02T00:00:00Z\"}",
        "{\"token\":1,\"expiration\":\"2026-01-02T00:00:00Z\"}",
        "{\"token\":\"t\",\"expiration\":\"soon\"}",
        "{\"token\":\"t\",\"expiration\":\"2026-01-02\"}",
        "{\"token\":\"t\",\"expiration\":1767312000}",
      })
  void an_answer_without_a_valid_token_is_an_outage(String odd) {
    peer.says(201, odd);
    assertThatThrownBy(() -> scopedAuth.generate(
            TestGuests.guest(
                OWNER,
                new TokenGeneration(SESSION, new Generation(1)),
                Instant.EPOCH,
                Instant.EPOCH),
            TestScopedAuth.HOME,
            Duration.ofHours(6)))
        .isInstanceOf(Unavailable.class);
  }

  @Test
  void a_session_is_live_or_not_as_the_answer_says() {
    peer.says(200, "{\"good\":true}");
    assertThat(scopedAuth.isLive(SESSION)).isTrue();
    peer.says(200, "{\"good\":false}");
    assertThat(scopedAuth.isLive(SESSION)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"good\":null}", "{\"good\":\"no\"}", "{\"good\":0}", "[]"})
  void an_unclear_answer_about_a_session_is_an_outage(String odd) {
    peer.says(200, odd);
    assertThatThrownBy(() -> scopedAuth.isLive(SESSION)).isInstanceOf(Unavailable.class);
  }

  @Test
  void a_missing_peer_is_an_outage() {
    ScopedAuth nobody;
    try (OddPeer gone = new OddPeer()) {
      nobody = new ScopedAuthHttp(gone.client());
    }
    assertThatThrownBy(() ->
            nobody.validate(new Presented(TOKEN, TestScopedAuth.HOME), AUDIENCE, Purpose.CALL))
        .isInstanceOf(Unavailable.class);
  }

  private static Verdict validate() {
    return scopedAuth.validate(new Presented(TOKEN, TestScopedAuth.HOME), AUDIENCE, Purpose.CALL);
  }
}
