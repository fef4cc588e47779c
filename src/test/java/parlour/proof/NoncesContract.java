package parlour.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.proof.Nonces.Use.FIRST;
import static parlour.proof.Nonces.Use.SEEN;
import static parlour.proof.Nonces.Use.UNKNOWN;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import parlour.Limits;

/** What every memory of nonces must do. */
public abstract class NoncesContract {
  protected static final Instant NOW = Instant.ofEpochSecond(1_764_280_000);
  private static final long WINDOW = Limits.PROOF_WINDOW.toSeconds();

  /** An empty memory of a process that started long ago. */
  protected abstract Nonces nonces();

  protected static Proof.Once once(String nonce, Instant created) {
    return new Proof.Once(nonce, created);
  }

  @Test
  void a_nonce_is_good_for_one_use_in_its_session() {
    Nonces nonces = nonces();
    assertThat(nonces.use("a", once("n", NOW), NOW)).isEqualTo(FIRST);
    assertThat(nonces.use("a", once("n", NOW), NOW)).isEqualTo(SEEN);
    assertThat(nonces.use("a", once("m", NOW), NOW)).isEqualTo(FIRST);
    assertThat(nonces.use("b", once("n", NOW), NOW)).as("of another session").isEqualTo(FIRST);
  }

  @Test
  void a_nonce_is_the_same_whatever_time_comes_with_it() {
    Nonces nonces = nonces();
    assertThat(nonces.use("a", once("n", NOW), NOW)).isEqualTo(FIRST);
    assertThat(nonces.use("a", once("n", NOW.plusSeconds(1)), NOW)).isEqualTo(SEEN);
  }

  @Test
  void a_nonce_is_remembered_until_its_proof_is_out_of_time() {
    for (long created : new long[] {-WINDOW, 0, WINDOW}) {
      Nonces nonces = nonces();
      Proof.Once once = once("n" + created, NOW.plusSeconds(created));
      assertThat(nonces.use("a", once, NOW)).isEqualTo(FIRST);
      Instant last = once.created().plus(Limits.PROOF_WINDOW);
      for (Instant later = NOW; !later.isAfter(last); later = later.plusSeconds(15)) {
        nonces.use("others at that time", once("o" + later, later), later);
        assertThat(nonces.use("a", once, later)).as("%s, at %s", once, later).isEqualTo(SEEN);
      }
      assertThat(nonces.use("a", once, last)).isEqualTo(SEEN);
    }
  }

  @Test
  void of_many_uses_at_once_one_is_the_first() throws Exception {
    Nonces nonces = nonces();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 50; round++) {
        Proof.Once once = once("n" + round, NOW);
        List<Future<Nonces.Use>> uses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          uses.add(threads.submit(() -> nonces.use("a", once, NOW)));
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

  @Test
  void a_session_that_reads_too_often_must_wait_and_none_of_its_nonces_is_good_again() {
    Nonces nonces = nonces();
    for (int i = 0; i < Limits.PROOF_NONCES_PER_SESSION; i++) {
      assertThat(nonces.use("a", once("n" + i, NOW), NOW)).isEqualTo(FIRST);
    }
    assertThat(nonces.use("a", once("one more", NOW), NOW)).isEqualTo(UNKNOWN);
    assertThat(nonces.use("b", once("n0", NOW), NOW)).as("another session").isEqualTo(FIRST);
    for (int i = 0; i < Limits.PROOF_NONCES_PER_SESSION; i++) {
      assertThat(nonces.use("a", once("n" + i, NOW), NOW)).isEqualTo(SEEN);
    }
    Instant later = NOW.plus(Limits.PROOF_WINDOW).plusSeconds(1);
    assertThat(nonces.use("a", once("one more", later), later)).isEqualTo(FIRST);
  }
}
