package parlour.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.proof.Nonces.Use.FIRST;
import static parlour.proof.Nonces.Use.SEEN;
import static parlour.proof.Nonces.Use.UNKNOWN;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import parlour.Limits;

class MemoryNoncesTest extends NoncesContract {
  private final MemoryNonces memory = new MemoryNonces(NOW.minus(Duration.ofDays(1)));

  @Override
  protected Nonces nonces() {
    return memory;
  }

  @Test
  void what_is_out_of_time_takes_no_memory() {
    for (int i = 0; i < 1_000; i++) {
      memory.use("session " + i, once("n", NOW), NOW);
    }
    assertThat(memory.size()).isEqualTo(1_000);
    Instant later = NOW.plus(Limits.PROOF_WINDOW).plusSeconds(1);
    memory.use("another", once("n", later), later);
    assertThat(memory.size()).isEqualTo(1);
    assertThat(memory.sessions()).isEqualTo(1);
  }

  @Test
  void a_session_that_goes_on_forgets_what_is_out_of_time() {
    MemoryNonces nonces = new MemoryNonces(NOW.minus(Duration.ofDays(1)));
    for (int i = 0; i < 10_000; i++) {
      Instant now = NOW.plusSeconds(i);
      assertThat(nonces.use("a", once("n" + i, now), now)).isEqualTo(FIRST);
      assertThat(nonces.size()).isLessThanOrEqualTo((int) Limits.PROOF_WINDOW.toSeconds() + 1);
    }
  }

  @Test
  void beyond_the_bound_of_all_sessions_a_new_nonce_is_unknown_and_no_old_one_is_good_again() {
    for (int i = 0; i < Limits.PROOF_NONCES; i++) {
      memory.use("session " + i / 100, once("n" + i % 100, NOW), NOW);
    }
    assertThat(memory.size()).isEqualTo(Limits.PROOF_NONCES);
    assertThat(memory.use("session 0", once("new", NOW), NOW)).isEqualTo(UNKNOWN);
    assertThat(memory.use("new session", once("new", NOW), NOW)).isEqualTo(UNKNOWN);
    assertThat(memory.sessions()).as("without the new one").isEqualTo(Limits.PROOF_NONCES / 100);
    for (int i = 0; i < Limits.PROOF_NONCES; i++) {
      assertThat(memory.use("session " + i / 100, once("n" + i % 100, NOW), NOW))
          .isEqualTo(SEEN);
    }
    assertThat(memory.size()).isEqualTo(Limits.PROOF_NONCES);
    Instant later = NOW.plus(Limits.PROOF_WINDOW).plusSeconds(1);
    assertThat(memory.use("new session", once("new", later), later)).isEqualTo(FIRST);
    assertThat(memory.size()).isEqualTo(1);
  }

  @Test
  void a_process_that_starts_does_not_know_what_was_used_before() {
    MemoryNonces nonces = new MemoryNonces(NOW.plusMillis(900));
    Instant now = NOW.plusSeconds(5);
    for (long before : new long[] {1, 60, Limits.PROOF_WINDOW.toSeconds()}) {
      assertThat(nonces.use("a", once("n", NOW.minusSeconds(before)), now)).isEqualTo(UNKNOWN);
    }
    assertThat(nonces.use("a", once("n", NOW), now)).as("in the same second").isEqualTo(FIRST);
    assertThat(nonces.use("a", once("n", NOW), now)).isEqualTo(SEEN);
  }

  /** A process that started with a clock an hour ahead must not refuse all reads for an hour. */
  @Test
  void a_process_whose_clock_is_set_back_after_its_start_goes_on() {
    MemoryNonces nonces = new MemoryNonces(NOW.plus(Duration.ofHours(1)));
    assertThat(nonces.use("a", once("n", NOW), NOW)).isEqualTo(FIRST);
    assertThat(nonces.use("a", once("n", NOW), NOW)).isEqualTo(SEEN);
  }

  @Test
  void what_was_remembered_while_the_clock_was_far_ahead_is_forgotten_when_it_is_set_back() {
    Instant ahead = NOW.plus(Duration.ofDays(365));
    memory.use("a", once("n", ahead), ahead);
    memory.use("b", once("n", NOW), NOW);
    assertThat(memory.size()).isEqualTo(1);
    Instant later = NOW.plus(Limits.PROOF_WINDOW).plusSeconds(1);
    memory.use("c", once("n", later), later);
    assertThat(memory.size()).isEqualTo(1);
  }

  @Test
  void a_clock_that_is_set_back_by_less_than_the_window_forgets_nothing() {
    assertThat(memory.use("a", once("n", NOW), NOW)).isEqualTo(FIRST);
    Instant back = NOW.minus(Limits.PROOF_WINDOW);
    assertThat(memory.use("b", once("n", back), back)).isEqualTo(FIRST);
    assertThat(memory.use("a", once("n", NOW), back)).isEqualTo(SEEN);
    assertThat(memory.use("a", once("n", NOW), NOW)).isEqualTo(SEEN);
  }
}
