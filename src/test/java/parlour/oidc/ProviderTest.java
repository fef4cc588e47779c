package parlour.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.config.OidcSettings;
import parlour.oidc.FakeProvider.Behaviour;
import parlour.spec.TestClock;

/** Discovery, the exchange of the code, and the check of each part of an ID token. */
class ProviderTest {
  @AutoClose
  private static final FakeProvider fake = new FakeProvider();

  private static final FakeProvider.Human ANN =
      new FakeProvider.Human("f81d4fae", "ann", "Ann Lee", List.of("chat", "staff"));

  /** Shorter than in production, because a test waits for the end of it. */
  private static final Duration CALL_DEADLINE = Duration.ofSeconds(2);

  private final TestClock clock = new TestClock();
  private final Provider provider = provider(FakeProvider.SECRET);
  private final Attempt attempt = Attempt.begin(new SecureRandom(), clock.instant());

  private Provider provider(String secret) {
    return provider(secret, CALL_DEADLINE, Limits.OIDC_DEADLINE);
  }

  private Provider provider(String secret, Duration callDeadline, Duration deadline) {
    return new Provider(
        new OidcSettings(
            URI.create(fake.issuer()),
            FakeProvider.CLIENT,
            Optional.of(secret),
            "Team",
            "openid profile",
            "groups",
            Map.of(),
            Optional.empty()),
        "https://chat.example.com/inbox",
        ClockWatch.of(clock),
        callDeadline,
        deadline);
  }

  @BeforeEach
  void tellsTheTruth() {
    fake.restore(clock);
  }

  @AfterEach
  void closes() {
    provider.close();
  }

  private Person signsIn() throws TokenRefused {
    return provider.person(fake.signIn(provider.authorization(attempt), ANN).code(), attempt);
  }

  private void isRefusedFor(String why) {
    TokenRefused refused = catchThrowableOfType(TokenRefused.class, this::signsIn);
    assertThat(refused).isNotNull();
    assertThat(refused.why()).contains(why);
    assertThat(refused.isOfCode()).isFalse();
  }

  private void isRefusedWith(UnaryOperator<JWTClaimsSet.Builder> change, String why) {
    fake.changes(change);
    isRefusedFor(why);
  }

  @Test
  void a_true_token_says_who_the_person_is() throws TokenRefused {
    assertThat(signsIn())
        .isEqualTo(new Person(
            fake.issuer(),
            "f81d4fae",
            Optional.of("ann"),
            Optional.of("Ann Lee"),
            Set.of("chat", "staff")));
    assertThat(provider.authorization(attempt).toString())
        .contains("response_mode=fragment", "scope=openid+profile")
        .doesNotContain(attempt.verifier(), attempt.cookie());
  }

  @Test
  void an_rsa_key_works_too() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("rsa").generate();
    fake.publishes(fake.key().toPublicJWK(), key.toPublicJWK());
    fake.signs(claims -> {
      SignedJWT token =
          new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").build(), claims);
      token.sign(new RSASSASigner(key));
      return token.serialize();
    });
    assertThat(signsIn().subject()).isEqualTo("f81d4fae");
  }

  @Test
  void a_token_without_a_signature_is_refused() {
    fake.signs(claims -> new PlainJWT(claims).serialize());
    isRefusedFor("not a signed token");
  }

  @Test
  void a_token_with_a_mac_made_from_the_public_key_or_the_client_secret_is_refused() {
    for (byte[] secret : List.of(
        fake.key().toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8),
        FakeProvider.SECRET.repeat(2).getBytes(StandardCharsets.UTF_8))) {
      fake.signs(claims -> {
        SignedJWT token =
            new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").build(), claims);
        token.sign(new MACSigner(secret));
        return token.serialize();
      });
      isRefusedFor("not asymmetric");
    }
  }

  @Test
  void a_token_of_another_key_with_the_same_id_is_refused() {
    ECKey other = FakeProvider.newKey("one");
    fake.signs(claims -> FakeProvider.signed(other, claims));
    isRefusedFor("its signature is wrong");
  }

  @Test
  void a_token_of_an_unknown_key_is_refused_and_keys_are_read_again_at_most_once_in_a_while() {
    ECKey other = FakeProvider.newKey("two");
    fake.signs(claims -> FakeProvider.signed(other, claims));
    int before = fake.keyReads();
    isRefusedFor("publishes no key");
    isRefusedFor("publishes no key");
    assertThat(fake.keyReads() - before).isEqualTo(1);
  }

  @Test
  void a_new_key_of_the_provider_is_found_without_a_restart() throws TokenRefused {
    assertThat(signsIn().subject()).isEqualTo("f81d4fae");
    ECKey next = FakeProvider.newKey("two");
    fake.publishes(fake.key().toPublicJWK(), next.toPublicJWK());
    fake.signs(claims -> FakeProvider.signed(next, claims));
    clock.pass(Limits.OIDC_KEYS_PAUSE);
    assertThat(signsIn().subject()).isEqualTo("f81d4fae");
  }

  @Test
  void a_token_of_another_issuer_or_for_another_client_is_refused() {
    isRefusedWith(claims -> claims.issuer("https://evil.example.com"), "iss");
    isRefusedWith(claims -> claims.audience("shop"), "aud");
    isRefusedWith(claims -> claims.audience(List.of()), "aud");
    isRefusedWith(claims -> claims.audience(List.of("shop", FakeProvider.CLIENT)), "azp");
    isRefusedWith(claims -> claims.claim("azp", "shop"), "azp");
  }

  @Test
  void a_token_that_names_both_clients_is_accepted_if_it_was_issued_for_this_one()
      throws TokenRefused {
    fake.changes(claims ->
        claims.audience(List.of("shop", FakeProvider.CLIENT)).claim("azp", FakeProvider.CLIENT));
    assertThat(signsIn().subject()).isEqualTo("f81d4fae");
  }

  @Test
  void a_token_of_another_time_is_refused() {
    Duration more = Limits.OIDC_CLOCK_SKEW.plusSeconds(2);
    Date before = Date.from(clock.instant().minus(more));
    Date old = Date.from(clock.instant().minus(Limits.OIDC_BACKDATED.plusSeconds(2)));
    Date after = Date.from(clock.instant().plus(more).plusSeconds(60));
    isRefusedWith(claims -> claims.expirationTime(before), "exp");
    isRefusedWith(claims -> claims.expirationTime(null), "exp");
    isRefusedWith(claims -> claims.issueTime(old), "iat");
    isRefusedWith(claims -> claims.issueTime(after), "iat");
    isRefusedWith(claims -> claims.issueTime(null), "iat");
    isRefusedWith(claims -> claims.notBeforeTime(after), "nbf");
  }

  @Test
  void a_token_that_is_dated_back_by_five_minutes_is_accepted_as_entra_id_sends_it()
      throws TokenRefused {
    Date back = Date.from(clock.instant().minus(Duration.ofMinutes(5)));
    fake.changes(claims -> claims.issueTime(back).notBeforeTime(back));
    assertThat(signsIn().subject()).isEqualTo("f81d4fae");
  }

  @Test
  void after_a_jump_of_the_clock_no_token_is_refused_for_its_time() throws TokenRefused {
    assertThat(signsIn().subject()).isEqualTo("f81d4fae");
    fake.restore(InstantSource.fixed(clock.instant()));
    clock.jump(Duration.ofHours(1));
    assertThatThrownBy(this::signsIn).isInstanceOf(ProviderUnavailable.class);
  }

  @Test
  void a_token_of_another_attempt_is_refused() {
    Attempt other = Attempt.begin(new SecureRandom(), clock.instant());
    isRefusedWith(claims -> claims.claim("nonce", other.nonce()), "nonce");
    isRefusedWith(claims -> claims.claim("nonce", null), "nonce");
    isRefusedWith(claims -> claims.claim("nonce", 7), "wrong type");
  }

  @Test
  void a_token_without_a_proper_subject_is_refused() {
    isRefusedWith(claims -> claims.subject(null), "sub");
    isRefusedWith(claims -> claims.subject(""), "sub");
    isRefusedWith(claims -> claims.subject("s".repeat(Limits.OIDC_SUBJECT_CHARACTERS + 1)), "sub");
    isRefusedWith(claims -> claims.subject("ann\n"), "sub");
  }

  @Test
  void a_code_works_once_and_only_with_the_verifier_of_its_attempt() throws TokenRefused {
    String code = fake.signIn(provider.authorization(attempt), ANN).code();
    assertThat(provider.person(code, attempt).subject()).isEqualTo("f81d4fae");
    assertThat(catchThrowableOfType(TokenRefused.class, () -> provider.person(code, attempt))
            .isOfCode())
        .isTrue();
    Attempt other = Attempt.begin(new SecureRandom(), clock.instant());
    String stolen = fake.signIn(provider.authorization(attempt), ANN).code();
    assertThat(catchThrowableOfType(TokenRefused.class, () -> provider.person(stolen, other))
            .isOfCode())
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource(value = Behaviour.class, mode = EnumSource.Mode.EXCLUDE, names = "WELL")
  void a_provider_that_fails_is_an_outage_and_never_a_refusal(Behaviour behaviour) {
    URI address = provider.authorization(attempt);
    String code = fake.signIn(address, ANN).code();
    fake.behaves(behaviour);
    assertThatThrownBy(() -> provider.person(code, attempt))
        .isInstanceOf(ProviderUnavailable.class)
        .hasMessageContaining("its token endpoint");
    clock.pass(Limits.OIDC_METADATA_TTL);
    assertThatThrownBy(() -> provider.authorization(attempt))
        .isInstanceOf(ProviderUnavailable.class)
        .hasMessageContaining("its discovery document");
    fake.behaves(Behaviour.WELL);
    assertThat(provider.authorization(attempt)).isEqualTo(address);
  }

  @Test
  void the_calls_of_a_sign_in_have_one_deadline_together_however_many_they_are() {
    Duration total = Duration.ofSeconds(1);
    try (Provider impatient = provider(FakeProvider.SECRET, Duration.ofSeconds(30), total)) {
      String code = fake.signIn(impatient.authorization(attempt), ANN).code();
      clock.pass(Limits.OIDC_METADATA_TTL);
      fake.takes(total.dividedBy(2)); // for each of three calls
      assertThatThrownBy(() -> impatient.person(code, attempt))
          .isInstanceOf(ProviderUnavailable.class);
    }
  }

  @Test
  void a_discovery_document_of_another_issuer_or_with_plain_addresses_is_not_used() {
    for (UnaryOperator<String> lie : List.<UnaryOperator<String>>of(
        text -> text.replace("\"issuer\":\"http", "\"issuer\":\"https"),
        text -> text.replace(
            "\"token_endpoint\":\"http://127.0.0.1", "\"token_endpoint\":\"http://example.com"),
        text -> text.replace("jwks_uri", "no_keys"),
        text -> "[]",
        text -> "{")) {
      fake.describes(lie);
      assertThatThrownBy(() -> provider.authorization(attempt))
          .isInstanceOf(ProviderUnavailable.class);
    }
  }

  @Test
  void a_provider_without_the_fragment_is_asked_for_the_query() {
    fake.describes(text -> text.replace("\"query\",\"fragment\"", "\"query\""));
    assertThat(provider.authorization(attempt).toString()).doesNotContain("response_mode");
  }

  @Test
  void a_wrong_client_secret_is_an_outage_that_says_so() {
    try (Provider wrong = provider("guessed")) {
      String code = fake.signIn(wrong.authorization(attempt), ANN).code();
      assertThatThrownBy(() -> wrong.person(code, attempt))
          .isInstanceOf(ProviderUnavailable.class)
          .hasMessageContaining("oidc.client-secret")
          .hasMessageNotContaining("guessed");
    }
  }

  @Test
  void an_attempt_is_open_for_some_minutes_and_its_secrets_differ() {
    assertThat(attempt.isOpen(clock.instant())).isTrue();
    assertThat(attempt.isOpen(clock.instant().plus(Limits.OIDC_ATTEMPT))).isFalse();
    assertThat(attempt.isOpen(clock.instant().minus(Duration.ofHours(1)))).isFalse();
    assertThat(Attempt.of(attempt.cookie()).orElseThrow().hasState(attempt.state()))
        .isTrue();
    assertThat(attempt.hasState(attempt.nonce())).isFalse();
    assertThat(List.of(
            attempt.state(),
            attempt.nonce(),
            attempt.verifier(),
            attempt.challenge(),
            attempt.digest()))
        .doesNotHaveDuplicates()
        .allMatch(text -> text.matches("[A-Za-z0-9_-]{43}"));
    assertThat(Attempt.of(attempt.cookie().substring(1))).isEmpty();
    assertThat(attempt.toString()).doesNotContain(attempt.cookie());
  }
}
