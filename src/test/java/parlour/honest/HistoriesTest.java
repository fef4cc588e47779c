package parlour.honest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random histories of one guest with a key, and of thieves who have everything else: no stale or
 * unproven token is accepted, and the guest is never refused. {@code ./dev histories} runs the long
 * form. Each history has its own seed, which a failure names: {@code -Dparlour.seed=N
 * -Dparlour.histories=1} repeats it alone.
 */
class HistoriesTest {
  private static final int HISTORIES = Integer.getInteger("parlour.histories", 300);

  /** The histories that begin with the same chat. */
  private static final int PER_CHAT = 50;

  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // for the long form
  void no_thief_is_accepted_and_the_guest_is_never_refused() {
    long first = Long.getLong("parlour.seed", new Random().nextLong());
    History.Tally tally = new History.Tally();
    run(Mechanism.NOTHING, first, HISTORIES, tally);
    System.out.printf("HistoriesTest: %,d histories from seed %d: %s%n", HISTORIES, first, tally);
    if (HISTORIES >= 100) { // enough to have seen all of it
      assertThat(tally.answered).isPositive();
      assertThat(tally.renewed).isPositive();
      assertThat(tally.stale).isPositive();
      assertThat(tally.fresh).isPositive();
      assertThat(tally.thieves).isPositive();
      assertThat(tally.uselessTokens).isPositive();
      assertThat(tally.revoked).isPositive();
      assertThat(tally.over).isPositive();
    }
  }

  @Test
  void a_guest_would_be_refused_without_renewal() {
    assertThatThrownBy(() -> run(Mechanism.RENEWAL, 0, 50, new History.Tally()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the guest was refused");
  }

  private static void run(Mechanism missing, long first, int histories, History.Tally tally) {
    try (HonestServer server = new HonestServer(missing)) {
      SharedChat chat = SharedChat.begin(server);
      for (int i = 0; i < histories; i++) {
        if (i > 0 && i % PER_CHAT == 0) {
          chat = SharedChat.begin(server);
        }
        new History(chat, first + i, tally).run();
      }
    }
  }
}
