package parlour.honest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random histories of one guest with a key, and of thieves who have everything else: no stale or
 * unproven token is accepted, and the guest is never refused. {@code ./dev histories} runs the long
 * form. Each history has its own seed, which a failure names: {@code -Dparlour.seed=N
 * -Dparlour.histories=1} repeats it alone.
 */
class HistoriesTest {
  private static final int HISTORIES = Integer.getInteger("parlour.histories", 150);

  /** In so many histories each planted fault is found. */
  private static final int ENOUGH = 100;

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
      assertThat(tally.sockets).isPositive();
      assertThat(tally.messages).isPositive();
      assertThat(tally.ends).isPositive();
      assertThat(tally.stale).isPositive();
      assertThat(tally.fresh).isPositive();
      assertThat(tally.staleAfterJump).isPositive();
      assertThat(tally.freshAfterJump).isPositive();
      assertThat(tally.thieves).isPositive();
      assertThat(tally.uselessTokens).isPositive();
      assertThat(tally.revoked).isPositive();
      assertThat(tally.over).isPositive();
    }
  }

  /** The histories must notice the fault that they are for. */
  @ParameterizedTest
  @CsvSource({
    "RENEWAL, the guest was refused",
    "GRACE, the guest was refused",
    "PROOF, a thief was accepted without a proof",
    "SHORT_GRACE, a stale token was accepted",
    "EXPIRY, a stale token was accepted",
    "END, the session was not over",
    "NONCES, a repeated",
  })
  void a_missing_mechanism_is_noticed(Mechanism missing, String message) {
    assertThatThrownBy(() -> run(missing, 0, ENOUGH, new History.Tally()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(message);
  }

  private static void run(Mechanism missing, long first, int histories, History.Tally tally) {
    try (HonestServer server = new HonestServer(missing, false)) {
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
