package parlour.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.proof.Nonces.Use.FIRST;
import static parlour.proof.Nonces.Use.SEEN;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import parlour.Limits;

/** The duties of every memory of nonces. */
public abstract class NoncesContract {
  protected static final Instant NOW = Instant.ofEpochSecond(1_764_280_000);

  /** An empty memory of a process that started long ago. */
  protected abstract Nonces nonces();

  protected static Proof.Nonce nonce(String text) {
    return nonce(text, NOW);
  }

  protected static Proof.Nonce nonce(String text, Instant created) {
    return new Proof.Nonce(text, created, true);
  }

  @Test
  void a_nonce_is_good_for_one_use_in_its_session() {
    Nonces nonces = nonces();
    assertThat(nonces.use("a", nonce("n"))).isEqualTo(FIRST);
    assertThat(nonces.use("a", nonce("n"))).isEqualTo(SEEN);
    assertThat(nonces.use("a", nonce("m"))).isEqualTo(FIRST);
    assertThat(nonces.use("b", nonce("n"))).as("of another session").isEqualTo(FIRST);
  }

  @Test
  void a_nonce_is_the_same_whatever_time_comes_with_it() {
    Nonces nonces = nonces();
    assertThat(nonces.use("a", nonce("n"))).isEqualTo(FIRST);
    assertThat(nonces.use("a", nonce("n", NOW.plusSeconds(1)))).isEqualTo(SEEN);
  }

  @Test
  void of_many_uses_at_once_one_is_the_first() throws Exception {
    Nonces nonces = nonces();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 50; round++) {
        Proof.Nonce nonce = nonce("n" + round);
        List<Future<Nonces.Use>> uses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          uses.add(threads.submit(() -> nonces.use("a", nonce)));
        }
        assertThat(uses.stream().map(NoncesContract::result).filter(FIRST::equals))
            .hasSize(1);
      }
    }
  }

  private static Nonces.Use result(Future<Nonces.Use> use) {
    try {
      return use.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /** As many as no browser sends while its proofs are valid. */
  @Test
  void a_session_with_many_nonces_gets_each_of_them_used_once() {
    Nonces nonces = nonces();
    for (int i = 0; i < 5 * Limits.SESSION_HISTORIES_PER_MINUTE; i++) {
      assertThat(nonces.use("a", nonce("n" + i))).isEqualTo(FIRST);
    }
    for (int i = 0; i < 5 * Limits.SESSION_HISTORIES_PER_MINUTE; i++) {
      assertThat(nonces.use("a", nonce("n" + i))).isEqualTo(SEEN);
    }
  }

  @Test
  void a_call_that_may_be_repeated_is_known_by_its_nonce() {
    Nonces nonces = nonces();
    assertThat(nonces.isRepeated("a", nonce("n"))).isFalse();
    assertThat(nonces.isRepeated("a", nonce("n"))).isTrue();
    assertThat(nonces.isRepeated("a", nonce("m"))).isFalse();
    assertThat(nonces.isRepeated("b", nonce("n"))).as("of another session").isFalse();
    assertThat(nonces.use("a", nonce("n"))).as("of a reading call").isEqualTo(FIRST);
  }
}
