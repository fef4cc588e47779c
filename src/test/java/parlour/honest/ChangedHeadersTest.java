package parlour.honest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.LongForm;

/**
 * A header of many guests without a key changes at once. {@code parlour.seed} repeats a run.
 */
class ChangedHeadersTest {
  private static final int GUESTS = Integer.getInteger("parlour.guests", 400);

  /** Guests of another cause, and those whose vote shares its slot with another one. */
  private static final int OTHERS = 10;

  @Test
  void a_browser_with_another_name_throws_out_few_guests_before_it_only_observes() {
    assertFewAreThrownOut(HeaderChange.BROWSER_RENAMED);
  }

  @Test
  @LongForm(instead = "the test with another name of the browser")
  void a_proxy_that_removes_the_clients_settings_throws_out_few_guests() {
    assertFewAreThrownOut(HeaderChange.SETTINGS_REMOVED);
  }

  @Test
  @LongForm(instead = "the test with another name of the browser")
  void a_proxy_that_removes_a_header_that_does_not_decide_throws_out_nobody() {
    Counts counts = run(HeaderChange.ACCEPT_LANGUAGE_REMOVED, Mechanism.NOTHING);
    assertThat(counts.otherBrowsers).isLessThanOrEqualTo(OTHERS);
    assertThat(counts.changedButLetIn).isPositive();
  }

  /** The simulation must notice the fault that it is for. */
  @Test
  @LongForm(instead = "the test with another name of the browser")
  void many_guests_would_be_thrown_out_without_the_budget() {
    assertThat(run(HeaderChange.BROWSER_RENAMED, Mechanism.BUDGET).otherBrowsers)
        .isGreaterThan(Limits.SIGNAL_DIFFERENCES + OTHERS);
  }

  private static void assertFewAreThrownOut(HeaderChange change) {
    Counts counts = run(change, Mechanism.NOTHING);
    assertThat(counts.otherBrowsers)
        .isBetween((long) Limits.SIGNAL_DIFFERENCES, Limits.SIGNAL_DIFFERENCES + (long) OTHERS);
    assertThat(counts.changedButLetIn).isPositive();
  }

  private static Counts run(HeaderChange change, Mechanism missing) {
    long seed = Long.getLong("parlour.seed", new Random().nextLong());
    Duration length = change.arrivals.plusDays(1);
    Counts counts = new Simulation(seed, GUESTS, length, false, 1, missing, change).run();
    System.out.printf(
        "ChangedHeadersTest: seed %d, %s, without %s: of %d guests %d were thrown out because of"
            + " their browser, %d with changed headers were let in; %d reloads%n",
        seed,
        change,
        missing,
        GUESTS,
        counts.otherBrowsers,
        counts.changedButLetIn,
        counts.reloads);
    return counts;
  }
}
