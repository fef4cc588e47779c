package parlour.honest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The short form of the simulation: few guests, to whom the rare causes happen often. {@code ./dev
 * honest} runs the long form, with the rates of {@link Cause}. {@code parlour.seed} repeats a run.
 */
class HonestGuestsTest {
  private static final int GUESTS = Integer.getInteger("parlour.guests", 15);

  /** Enough to notice that a mechanism is missing. */
  private static final int FEW = 6;

  private static final int DAYS = Integer.getInteger("parlour.days", 30);
  private static final int HASTE = Integer.getInteger("parlour.haste", 40);

  /** The form of the page, in which each cause happens, and rates can be compared. */
  private static final boolean IS_LONG = HASTE == 1 && (long) GUESTS * DAYS >= 100_000;

  /** The causes that the short form cannot miss: on average it has each some twenty times. */
  private static final Set<Cause> FREQUENT = EnumSet.of(
      Cause.NETWORK,
      Cause.AWAY,
      Cause.LOST_ANSWER,
      Cause.LOST_MESSAGE,
      Cause.TABS,
      Cause.SERVER_CLOCK,
      Cause.RESTART,
      Cause.CLEARED);

  /** Of a browser with a key. */
  private static final Set<Cause> OF_KEYS = EnumSet.of(Cause.KEY_LOST, Cause.TOKEN_LOST);

  /** The aim, per 10,000 reloads, for all causes but an absence and the end of a session. */
  private static final double AIM = 1;

  /** The rates of docs/honest-guests.md for a guest without a key, per 10,000 reloads. */
  private static final long AWAY_PUBLISHED = 153;

  private static final long SESSION_OVER_PUBLISHED = 396;

  /** A run with another seed differs from the published one by less. */
  private static final double MARGIN = 1.1;

  /** A session that is over, and a browser without its key, cannot go on. */
  private static final Set<Cause> WITHOUT_KEY_OR_SESSION =
      EnumSet.of(Cause.SESSION_OVER, Cause.KEY_LOST);

  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // for the long form
  void no_guest_who_has_the_key_is_refused() {
    Counts counts = run(true, Mechanism.NOTHING, GUESTS);
    for (Cause cause : EnumSet.complementOf(EnumSet.copyOf(WITHOUT_KEY_OR_SESSION))) {
      assertThat(counts.refusedBy(cause)).as(cause.text).isZero();
    }
    assertThat(counts.renewals).isPositive();
    assertThat(counts.longestWait()).isLessThanOrEqualTo(HonestGuest.LONGEST_WAIT);
    assertAllHappened(counts, EnumSet.allOf(Cause.class));
  }

  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // for the long form
  void each_refusal_of_a_guest_without_a_key_has_a_known_cause() {
    Counts counts = run(false, Mechanism.NOTHING, GUESTS);
    for (Cause cause : EnumSet.of(
        Cause.UPDATE,
        Cause.DAYLIGHT_SAVING,
        Cause.LOST_ANSWER,
        Cause.LOST_START,
        Cause.LOST_MESSAGE,
        Cause.PROXY_RETRY,
        Cause.NETWORK,
        Cause.OTHER_WEIGHT,
        Cause.LOCKDOWN_MODE,
        Cause.PRIVATE_WINDOW,
        Cause.TABS,
        Cause.SERVER_CLOCK,
        Cause.RESTART,
        Cause.KEY_LOST,
        Cause.UNEXPLAINED)) {
      assertThat(counts.refusedBy(cause)).as(cause.text).isZero();
    }
    assertAllHappened(counts, EnumSet.complementOf(EnumSet.copyOf(OF_KEYS)));
    if (IS_LONG) {
      assertThat(rate(counts, Cause.AWAY)).isLessThan(AWAY_PUBLISHED * MARGIN);
      assertThat(rate(counts, Cause.SESSION_OVER)).isLessThan(SESSION_OVER_PUBLISHED * MARGIN);
      assertThat(EnumSet.complementOf(EnumSet.of(Cause.AWAY, Cause.SESSION_OVER)).stream()
              .mapToDouble(cause -> rate(counts, cause))
              .sum())
          .isLessThan(AIM);
    }
  }

  private static double rate(Counts counts, Cause cause) {
    return counts.refusedBy(cause) * 10_000.0 / counts.reloads;
  }

  /** A cause that does not happen refuses nobody, whatever the server does. */
  private static void assertAllHappened(Counts counts, Set<Cause> possible) {
    for (Cause cause : IS_LONG ? possible : FREQUENT) {
      if (cause != Cause.UNEXPLAINED) {
        assertThat(counts.happenedBy(cause)).as(cause.text).isPositive();
      }
    }
    assertThat(counts.sockets).isPositive();
    assertThat(counts.messages).isPositive();
    if (IS_LONG) {
      assertThat(counts.inTheSouth)
          .as("daylight saving on both hemispheres")
          .isBetween(1L, counts.happenedBy(Cause.DAYLIGHT_SAVING) - 1);
    }
  }

  /** The simulation must notice the fault that it is for. */
  @ParameterizedTest
  @EnumSource(names = {"RENEWAL", "GRACE"})
  void guests_would_be_refused_without_each_mechanism(Mechanism missing) {
    boolean isOfBoundSessions = missing == Mechanism.RENEWAL;
    Counts counts = run(isOfBoundSessions, missing, FEW);
    Set<Cause> seen = isOfBoundSessions
        ? EnumSet.of(Cause.AWAY)
        : EnumSet.of(Cause.LOST_ANSWER, Cause.TABS, Cause.UNEXPLAINED);
    assertThat(seen.stream().mapToLong(counts::refusedBy).sum()).isPositive();
  }

  @Test
  void the_page_lists_each_cause_with_its_rate_and_source() throws IOException {
    String page = Files.readString(Path.of("docs/honest-guests.md"));
    for (Cause cause : Cause.values()) {
      assertThat(page)
          .contains("| %s | %s | %s |\n".formatted(cause.text, cause.rateText(), cause.source));
    }
    assertThat(page)
        .contains("(6 hours) | %d (".formatted(AWAY_PUBLISHED))
        .contains("or 30 days) | %d (".formatted(SESSION_OVER_PUBLISHED));
  }

  private Counts run(boolean hasKeys, Mechanism missing, int guests) {
    long seed = Long.getLong("parlour.seed", new Random().nextLong());
    Counts counts = new Simulation(
            seed, guests, Duration.ofDays(DAYS), hasKeys, HASTE, missing, HeaderChange.NONE)
        .run();
    System.out.printf(
        "HonestGuestsTest: seed %d, %s keys, without %s:%n%s",
        seed, hasKeys ? "with" : "without", missing, counts.table());
    return counts;
  }
}
