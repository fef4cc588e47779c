package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;

/** Clients that do not send every signal of their browser. */
class UnsaidSignalsTest extends WithScopedAuth {
  private static final String DIGESTS = "A".repeat(96);

  /** The signals that every browser sends by itself. */
  private static final Set<Signal> SENT =
      EnumSet.of(Signal.BROWSER, Signal.SYSTEM, Signal.USER_AGENT, Signal.ACCEPT_LANGUAGE);

  // ---- the form

  @Test
  void a_fingerprint_is_read_as_it_was_written() {
    for (Set<Signal> said :
        List.of(SENT, EnumSet.noneOf(Signal.class), EnumSet.complementOf(EnumSet.copyOf(SENT)))) {
      Fingerprint made = of(Sensitivity.HIGH, said);
      Fingerprint read = Fingerprint.parse(made.text());
      assertThat(read.text()).isEqualTo(made.text()).startsWith("f2.high.");
      assertThat(read.isComplete()).isFalse();
      assertThat(EnumSet.complementOf(EnumSet.copyOf(read.unsaid()))).isEqualTo(said);
    }
    assertThat(of(Sensitivity.MEDIUM, SENT).text()).startsWith("f2.medium.0156.");
  }

  @Test
  void a_complete_fingerprint_has_the_form_that_live_tokens_have() {
    String live = "f1.medium." + DIGESTS;
    assertThat(Fingerprint.parse(live).isComplete()).isTrue();
    assertThat(Fingerprint.parse(live).text()).isEqualTo(live);
    assertThat(of(Sensitivity.MEDIUM, EnumSet.allOf(Signal.class)).text())
        .isEqualTo(TestScopedAuth.HOME.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "f1",
        "f2",
        "f1.medium",
        "f2.medium.0",
        "f3.medium.DIGESTS",
        "f1.medium.0.DIGESTS",
        "f2.medium.DIGESTS",
        "f2.medium.10.DIGESTS",
        "f2.medium.00.DIGESTS",
        "f2.medium.9.DIGESTS",
        "f2.medium.0x.DIGESTS",
        "f2.medium.012345678.DIGESTS",
        "f2.odd.0.DIGESTS",
        "f2.medium.0.AAAA",
        "f2.medium.0.DIGESTS.",
      })
  void every_other_text_is_refused_without_repeating_it(String text) {
    assertThatThrownBy(() -> Fingerprint.parse(text.replace("DIGESTS", DIGESTS)))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .doesNotContain(DIGESTS);
  }

  // ---- the comparison

  @ParameterizedTest
  @EnumSource
  void signals_that_were_not_sent_are_not_compared(Sensitivity level) {
    GuestToken token = sas.start(TestScopedAuth.fingerprint(level));
    assertThat(sas.validate(token, of(level, SENT))).isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.validate(token, of(level, EnumSet.noneOf(Signal.class))))
        .isInstanceOf(Verdict.Authorized.class);
  }

  @ParameterizedTest
  @EnumSource
  void signals_that_were_sent_are_compared_as_always(Sensitivity level) {
    boolean refuses = level.compareTo(Sensitivity.LOW) >= 0;
    GuestToken token = sas.start(TestScopedAuth.fingerprint(level));
    for (Signal signal : SENT) {
      boolean isCompared =
          signal == Signal.BROWSER || signal == Signal.SYSTEM || level == Sensitivity.HIGH;
      assertThat(sas.validate(token, of(level, SENT, signal)).equals(FINGERPRINT_REFUSED))
          .as("%s", signal)
          .isEqualTo(refuses && isCompared);
    }
    Set<Signal> three = EnumSet.of(Signal.LANGUAGE, Signal.COOKIES, Signal.TIME_ZONE);
    assertThat(sas.validate(token, of(level, three, Signal.LANGUAGE)).equals(FINGERPRINT_REFUSED))
        .isEqualTo(level == Sensitivity.HIGH);
    assertThat(sas.validate(token, of(level, three, Signal.LANGUAGE, Signal.TIME_ZONE))
            .equals(FINGERPRINT_REFUSED))
        .isEqualTo(level.compareTo(Sensitivity.MEDIUM) >= 0);
  }

  @Test
  void after_ten_wrong_guesses_every_signal_that_was_sent_must_agree() {
    GuestToken token = sas.start();
    assertThat(sas.validate(token, of(Sensitivity.MEDIUM, SENT, Signal.USER_AGENT)))
        .isInstanceOf(Verdict.Authorized.class);
    for (int i = 0; i < Limits.GUESSES_BEFORE_HIGH; i++) {
      assertThat(sas.validate(token, of(Sensitivity.MEDIUM, SENT, Signal.BROWSER)))
          .isEqualTo(FINGERPRINT_REFUSED);
    }
    assertThat(sas.validate(token, of(Sensitivity.MEDIUM, SENT, Signal.USER_AGENT)))
        .isEqualTo(FINGERPRINT_REFUSED);
    assertThat(sas.validate(token, of(Sensitivity.MEDIUM, SENT)))
        .isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void the_trace_says_what_was_not_sent() {
    assertThat(sas.seen(sas.start(), of(Sensitivity.MEDIUM, SENT)).detail())
        .isEqualTo("medium: nothing differs; not sent: language, cookies-enabled, time zone,"
            + " decoders, login timestamp");
  }

  // ---- no trick

  @Test
  void no_token_is_issued_to_a_browser_that_leaves_signals_out() {
    Fingerprint partial = of(Sensitivity.MEDIUM, SENT);
    Guest guest = sas.guest(sas.start(), partial);
    assertThatThrownBy(() -> sas.service.generate(guest, partial, TestScopedAuth.TOKEN_TTL))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sas.service.generate(new NewSession(
            Sid.Session.random(sas.random),
            new SessionOwner(
                sas.audience.account(),
                sas.audience.deployment(),
                new Identity("guest_2"),
                Sid.Conversation.random(sas.random)),
            Guest.GRANTS,
            partial,
            Optional.empty(),
            TestScopedAuth.TOKEN_TTL,
            TestScopedAuth.SESSION_TTL)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void leaving_signals_out_does_not_replace_the_key_of_a_bound_session() {
    TestScopedAuth.BoundGuest bound = sas.startBound();
    for (Set<Signal> said : List.of(SENT, EnumSet.noneOf(Signal.class))) {
      assertThat(sas.validate(bound.token(), of(Sensitivity.MEDIUM, said)))
          .isEqualTo(FINGERPRINT_REFUSED);
    }
    assertThat(
            sas.session(bound.token()).incidents().lastRefusal().orElseThrow().why())
        .isEqualTo("key: missing");
  }

  // ---- expiry

  @Test
  void only_an_audience_that_may_show_it_learns_that_a_genuine_token_has_expired() {
    Audience telling = telling();
    GuestToken token = sas.start();
    sas.clock.pass(TestScopedAuth.TOKEN_TTL.minusMillis(1));
    assertThat(validate(token, telling)).isInstanceOf(Verdict.Authorized.class);
    sas.clock.pass(Duration.ofMillis(1));
    assertThat(validate(token, telling))
        .isEqualTo(new Verdict.Refused(Verdict.Failure.TOKEN_EXPIRED));
    assertThat(sas.validate(token)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.session(token).incidents().lastRefusal().orElseThrow().why())
        .isEqualTo("expired");
  }

  @Test
  void no_other_refusal_says_more_to_an_audience_that_shows_expiry() {
    Audience telling = telling();
    GuestToken replayed = sas.start();
    sas.reload(replayed);
    GuestToken revoked = sas.start();
    sas.service.revoke(sas.session(revoked).sid(), "why");
    sas.clock.pass(Limits.GENERATION_GRACE.plusMillis(1));
    for (GuestToken bad : List.of(replayed, revoked, new GuestToken("forged"))) {
      assertThat(validate(bad, telling)).isEqualTo(TOKEN_REFUSED);
    }
    GuestToken ofAnother = sas.start();
    GuestToken bound = sas.startBound().token();
    sas.clock.pass(TestScopedAuth.TOKEN_TTL);
    assertThat(validate(bound, telling)).as("only its key renews it").isEqualTo(TOKEN_REFUSED);
    Audience other =
        new Audience(telling.account(), Sid.Deployment.random(sas.random), false, true);
    assertThat(validate(ofAnother, other)).isEqualTo(TOKEN_REFUSED);
  }

  private Audience telling() {
    return new Audience(sas.audience.account(), sas.audience.deployment(), false, true);
  }

  private Verdict validate(GuestToken token, Audience audience) {
    return sas.service.validate(
        new Presented(token, of(Sensitivity.MEDIUM, SENT)), audience, Purpose.CALL);
  }

  private static Fingerprint of(Sensitivity level, Set<Signal> said, Signal... differing) {
    Set<Signal> others = Set.of(differing);
    Map<Signal, byte[]> digests = new EnumMap<>(Signal.class);
    for (Signal signal : said) {
      byte[] digest = new byte[Fingerprint.DIGEST_BYTES];
      digest[0] = (byte) signal.place();
      digest[Fingerprint.DIGEST_BYTES - 1] = (byte) (others.contains(signal) ? 1 : 0);
      digests.put(signal, digest);
    }
    return Fingerprint.ofSaid(level, digests);
  }
}
