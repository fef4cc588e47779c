package parlour.honest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories of one guest with a key, and of thieves who have everything else: no stale or
 * unproven token is accepted, and the guest is never refused. {@code ./dev histories} runs the long
 * form. Each history has its own seed, which a failure names: {@code -Dparlour.seed=N
 * -Dparlour.histories=1} repeats it alone.
 */
class HistoriesTest {
  private static final int HISTORIES = Integer.getInteger("parlour.histories", 300);

  @TempDir(factory = InMemory.class)
  Path folder;

  @Test
  void no_thief_is_accepted_and_the_guest_is_never_refused() {
    long first = Long.getLong("parlour.seed", new Random().nextLong());
    History.Tally tally = new History.Tally();
    try (HonestServer server = new HonestServer(folder, Mechanism.NOTHING)) {
      for (long i = 0; i < HISTORIES; i++) {
        new History(server, first + i, tally).run();
      }
    }
    System.out.printf("HistoriesTest: %,d histories from seed %d: %s%n", HISTORIES, first, tally);
    if (HISTORIES >= 100) { // enough to have seen all of it
      assertThat(tally.answered).isPositive();
      assertThat(tally.renewed).isPositive();
      assertThat(tally.thieves).isPositive();
      assertThat(tally.uselessTokens).isPositive();
    }
  }

  @Test
  void a_guest_would_be_refused_without_renewal() {
    try (HonestServer server = new HonestServer(folder, Mechanism.RENEWAL)) {
      assertThatThrownBy(() -> {
            for (long seed = 0; seed < 50; seed++) {
              new History(server, seed, new History.Tally()).run();
            }
          })
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("the guest was refused");
    }
  }
}
