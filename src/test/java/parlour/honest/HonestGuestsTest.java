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
  }

  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // for the long form
  void each_refusal_of_a_guest_without_a_key_has_a_known_cause() {
    Counts counts = run(false, Mechanism.NOTHING, GUESTS);
    for (Cause cause : EnumSet.of(
        Cause.UPDATE,
        Cause.DAYLIGHT_SAVING,
        Cause.LOST_ANSWER,
        Cause.PROXY_RETRY,
        Cause.TABS,
        Cause.SERVER_CLOCK,
        Cause.RESTART,
        Cause.KEY_LOST,
        Cause.UNEXPLAINED)) {
      assertThat(counts.refusedBy(cause)).as(cause.text).isZero();
    }
  }

  /** The simulation must notice the fault that it is for. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NOTHING", "BUDGET"})
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
