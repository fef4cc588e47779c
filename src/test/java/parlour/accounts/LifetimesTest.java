package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Durations;
import parlour.Limits;

class LifetimesTest {

  @Test
  void by_default_a_session_lives_thirty_days_with_a_key_and_one_without() {
    assertThat(Lifetimes.DEFAULT.sessionTtl(true)).isEqualTo(Duration.ofDays(30));
    assertThat(Lifetimes.DEFAULT.sessionTtl(false)).isEqualTo(Duration.ofDays(1));
    assertThat(Lifetimes.DEFAULT.idleTtl()).isEqualTo(Duration.ofDays(14));
  }

  @Test
  void a_session_ttl_that_is_given_applies_with_and_without_a_key() {
    Lifetimes given = lifetimes("6h", "2d", "");
    assertThat(given.sessionTtl(true)).isEqualTo(Duration.ofDays(2));
    assertThat(given.sessionTtl(false)).isEqualTo(Duration.ofDays(2));
  }

  @Test
  void the_default_idle_ttl_is_never_longer_than_the_session() {
    assertThat(lifetimes("6h", "2d", "").idleTtl()).isEqualTo(Duration.ofDays(2));
    assertThat(lifetimes("6h", "20d", "").idleTtl()).isEqualTo(Duration.ofDays(14));
  }

  @ParameterizedTest
  @CsvSource({
    "1h, 1h, 1h",
    "1h, 3h, 2h",
    "6h, 30d, 30d",
    "60s, 30d, 10m",
    "24h, 1h, 1h",
    "24h, 30d, 48h"
  })
  void an_idle_ttl_may_be_as_short_as_two_tokens_and_as_long_as_a_session(
      String token, String session, String idle) {
    assertThat(lifetimes(token, session, idle).idleTtl()).isEqualTo(Durations.parse(idle));
  }

  @ParameterizedTest
  @CsvSource({"59s, 1h", "86401s, 1h", "1h, 59s", "1h, 2592001s", "0s, 1h", "1h, 0s"})
  void a_lifetime_out_of_its_bounds_is_refused_with_the_bounds(String token, String session) {
    assertThatThrownBy(() -> lifetimes(token, session, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("the (token|session) TTL must be from 60 to \\d+ seconds, not \\d+");
  }

  @Test
  void a_negative_lifetime_is_refused() {
    assertThatThrownBy(() -> Lifetimes.ofTokens(Duration.ofHours(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not -3600");
  }

  @ParameterizedTest
  @ValueSource(strings = {"599s", "2592001s", "0s"})
  void an_idle_ttl_out_of_its_bounds_is_refused_with_the_bounds(String idle) {
    assertThatThrownBy(() -> lifetimes("60s", "30d", idle))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the idle TTL must be from 600 to 2592000 seconds, not ");
  }

  @Test
  void an_idle_ttl_that_is_longer_than_the_session_is_refused_with_the_remedy() {
    assertThatThrownBy(() -> lifetimes("1h", "2d", "3d"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the idle TTL (3d) is longer than the session TTL (2d)")
        .hasMessageContaining("a shorter --idle-ttl, a longer --session-ttl");
  }

  @Test
  void an_idle_ttl_that_would_end_sessions_that_are_in_use_is_refused() {
    assertThatThrownBy(() -> lifetimes("6h", "", "43199s"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the idle TTL (43199s) is less than 2 times the token TTL (6h)")
        .hasMessageContaining("a longer --idle-ttl or a shorter --token-ttl");
  }

  @Test
  void the_time_that_conversations_are_kept_is_bounded() {
    for (Duration keep :
        new Duration[] {Limits.MIN_RETENTION.minusSeconds(1), Limits.MAX_RETENTION.plusSeconds(1)
        }) {
      assertThatThrownBy(() -> new Lifetimes(
              Limits.TOKEN_TTL_DEFAULT,
              Optional.empty(),
              Optional.empty(),
              Optional.of(keep),
              Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the time that conversations are kept must be from 86400");
    }
  }

  @Test
  void a_chat_can_be_reopened_for_at_most_as_long_as_a_session_lives() {
    assertThat(Lifetimes.DEFAULT.reopen()).isEqualTo(Duration.ofHours(24));
    assertThat(Lifetimes.DEFAULT.reopening(Duration.ZERO).reopen()).isZero();
    assertThat(Lifetimes.DEFAULT.reopening(Limits.MAX_SESSION_TTL).reopen())
        .isEqualTo(Limits.MAX_SESSION_TTL);
    for (Duration outside :
        new Duration[] {Duration.ofSeconds(-1), Limits.MAX_SESSION_TTL.plusSeconds(1)}) {
      assertThatThrownBy(() -> Lifetimes.DEFAULT.reopening(outside))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the time to reopen a conversation must be from 0 to 2592000");
    }
  }

  private static Lifetimes lifetimes(String token, String session, String idle) {
    return new Lifetimes(
        Durations.parse(token), given(session), given(idle), Optional.empty(), Duration.ZERO);
  }

  private static Optional<Duration> given(String text) {
    return Optional.of(text).filter(said -> !said.isEmpty()).map(Durations::parse);
  }
}
