package parlour.federatedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
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
import parlour.scopedauth.Audience;
import parlour.scopedauth.BindingRequest;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.IssuedToken;
import parlour.scopedauth.Presented;
import parlour.scopedauth.SessionOwner;
import parlour.scopedauth.TokenAudience;
import parlour.spec.OddPeer;

/** The calls from the orchestrator to FederatedAuth: an answer that is not clear is an outage. */
class FederatedAuthHttpTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Sid.Conversation CONVERSATION = Sid.Conversation.random(random);
  private static final Audience AUDIENCE =
      new Audience(Sid.Account.random(random), Sid.Deployment.random(random), false);
  private static final Fingerprint FINGERPRINT = Fingerprint.parse(
      "f1.medium." + Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[72]));

  private static final String VALID = """
      {"valid":true,"code":0,"message":null,"token":"t","expiration":"2026-01-01T06:00:00Z",\
      "identity":"guest_1","roles":["guest"],"conversation_sid":"%s"}""".formatted(CONVERSATION.text());

  private static OddPeer peer;
  private static FederatedAuth federatedAuth;

  @BeforeAll
  static void open() {
    peer = new OddPeer();
    federatedAuth = new FederatedAuthHttp(peer.client());
  }

  @AfterAll
  static void close() {
    peer.close();
  }

  @Test
  void a_clear_success_is_a_token() {
    peer.says(200, VALID);
    assertThat(refresh())
        .isEqualTo(new Outcome.Issued(
            new IssuedToken(new GuestToken("t"), Instant.parse("2026-01-01T06:00:00Z")),
            new Identity("guest_1"),
            List.of("guest"),
            CONVERSATION));
    assertThat(validate())
        .isEqualTo(new Validity.Valid(new Identity("guest_1"), List.of("guest"), CONVERSATION));
  }

  @Test
  void the_audience_of_a_token_is_clear_or_an_outage() {
    String audience = "{\"audience\":{\"account_sid\":\"%s\",\"deployment_key\":\"%s\"}}"
        .formatted(AUDIENCE.account().text(), AUDIENCE.deployment().text());
    peer.says(200, audience);
    assertThat(federatedAuth.audienceOf(new GuestToken("t")))
        .contains(new TokenAudience(AUDIENCE.account(), AUDIENCE.deployment()));
    peer.says(200, "{\"audience\":null}");
    assertThat(federatedAuth.audienceOf(new GuestToken("t"))).isEmpty();
    for (String odd : List.of("", "{}", "null", "<html>", audience.replace("\"CV", "\"XX"))) {
      peer.says(200, odd);
      assertThatThrownBy(() -> federatedAuth.audienceOf(new GuestToken("t")))
          .as(odd)
          .isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void the_servers_public_key_is_passed_on() {
    peer.says(201, VALID.replace("\"token\":\"t\"", "\"token\":\"t\",\"proof_key\":\"ours\""));
    Outcome.Issued issued = federatedAuth.create(new NewGuest(
        Sid.Session.random(random),
        new SessionOwner(
            AUDIENCE.account(), AUDIENCE.deployment(), new Identity("guest_1"), CONVERSATION),
        FINGERPRINT,
        Optional.of(new BindingRequest("key", Duration.ofDays(14))),
        Duration.ofHours(6),
        Duration.ofDays(30)));
    assertThat(issued.token().proofKey()).contains("ours");
  }

  @Test
  void only_the_two_codes_are_refusals() {
    for (Refusal refusal : Refusal.values()) {
      peer.says(200, "{\"valid\":false,\"code\":%d,\"message\":\"m\"}".formatted(refusal.code()));
      assertThat(refresh()).isEqualTo(new Outcome.Refused(refusal));
      assertThat(validate()).isEqualTo(new Validity.Refused(refusal));
    }
    for (long other : new long[] {0, 1, -1, 45772, 45774, 45776, 45778, 45780, 1L << 40}) {
      peer.says(200, "{\"valid\":false,\"code\":%d,\"message\":\"m\"}".formatted(other));
      assertOutage();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "null",
        "<html>",
        "{\"valid\":true}",
        "{\"valid\":true,\"code\":0}",
        "{\"valid\":false}",
        "{\"code\":45775}",
        "{\"valid\":false,\"code\":null}",
        "{\"valid\":false,\"code\":\"45775\"}",
        "{\"valid\":\"false\",\"code\":45775}",
        "{\"valid\":null,\"code\":45775}",
      })
  void every_other_answer_is_an_outage(String odd) {
    peer.says(200, odd);
    assertOutage();
  }

  @Test
  void a_success_with_the_code_of_a_refusal_is_an_outage() {
    for (int code : List.of(45775, 45779, 1)) {
      peer.says(200, VALID.replace("\"code\":0", "\"code\":" + code));
      assertOutage();
    }
  }

  @Test
  void a_success_without_a_token_an_expiration_or_a_guest_is_an_outage() {
    for (String odd : List.of(
        VALID.replace("\"token\":\"t\"", "\"token\":\"\""),
        VALID.replace("\"token\":\"t\"", "\"token\":null"),
        VALID.replace("\"token\":\"t\",", ""),
        VALID.replace("2026-01-01T06:00:00Z", "later"),
        VALID.replace("\"expiration\":\"2026-01-01T06:00:00Z\",", ""),
        VALID.replace("\"identity\":\"guest_1\",", ""),
        VALID.replace("\"roles\":[\"guest\"],", ""),
        VALID.replace(CONVERSATION.text(), "CH1"))) {
      assertThat(odd).isNotEqualTo(VALID);
      peer.says(200, odd);
      assertThatThrownBy(FederatedAuthHttpTest::refresh).as(odd).isInstanceOf(Unavailable.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {202, 204, 302, 400, 401, 403, 404, 429, 500, 503})
  void every_other_status_is_an_outage_even_if_its_body_is_a_refusal(int status) {
    peer.says(status, "{\"valid\":false,\"code\":45775,\"message\":\"m\"}");
    assertOutage();
  }

  @Test
  void a_rate_limit_stays_a_rate_limit() {
    peer.says(429, "{}", Map.of("Retry-After", "3"));
    assertThatThrownBy(FederatedAuthHttpTest::refresh)
        .isInstanceOfSatisfying(
            TooManyRequests.class,
            later -> assertThat(later.retryAfter()).isEqualTo(Duration.ofSeconds(3)));
  }

  @Test
  void a_new_guest_who_is_refused_is_an_outage_too() {
    for (String odd : List.of(
        "{\"valid\":false,\"code\":45775,\"message\":\"m\"}",
        "{}",
        VALID.replace("\"t\"", "\"\""))) {
      peer.says(201, odd);
      assertThatThrownBy(() -> federatedAuth.create(new NewGuest(
              Sid.Session.random(random),
              new SessionOwner(
                  AUDIENCE.account(), AUDIENCE.deployment(), new Identity("guest_1"), CONVERSATION),
              FINGERPRINT,
              Optional.empty(),
              Duration.ofHours(6),
              Duration.ofHours(24))))
          .isInstanceOf(Unavailable.class);
    }
  }

  private static void assertOutage() {
    assertThatThrownBy(FederatedAuthHttpTest::refresh)
        .isInstanceOf(Unavailable.class)
        .isNotInstanceOf(TooManyRequests.class);
    assertThatThrownBy(FederatedAuthHttpTest::validate).isInstanceOf(Unavailable.class);
  }

  private static Outcome refresh() {
    return federatedAuth.refresh(AUDIENCE, presented(), Duration.ofHours(6));
  }

  private static Validity validate() {
    return federatedAuth.validate(AUDIENCE, presented());
  }

  private static Presented presented() {
    return new Presented(new GuestToken("old"), FINGERPRINT);
  }
}
