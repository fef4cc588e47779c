package parlour.proof;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static parlour.proof.Nonces.Use.FIRST;
import static parlour.proof.Nonces.Use.SEEN;
import static parlour.proof.Nonces.Use.UNKNOWN;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.spec.AtOnce;

class MemoryNoncesTest extends NoncesContract {
  private static final byte[] SECRET = "any secret".getBytes(US_ASCII);

  private long uptime;
  private final Nonces memory = since(NOW.minus(Duration.ofDays(1)), Limits.NONCE_PARTS);

  private MemoryNonces since(Instant start, int parts) {
    return new MemoryNonces(start, SECRET, () -> uptime, parts);
  }

  private void pass(Duration time) {
    uptime += time.toNanos();
  }

  @Override
  protected Nonces nonces() {
    return memory;
  }

  /** At most that long: the proof was made ahead, and the clock of another node is behind. */
  @Test
  void a_nonce_is_remembered_as_long_as_its_proof_can_be_valid_and_then_forgotten() {
    Duration valid = Limits.PROOF_WINDOW.multipliedBy(2).plus(Limits.CLOCK_SKEW);
    Duration slice = Limits.NONCE_SLICE;
    for (Duration offset :
        new Duration[] {Duration.ZERO, slice.dividedBy(2), slice.minusNanos(1)}) {
      uptime = offset.toNanos();
      Nonces nonces = since(NOW, Limits.NONCE_PARTS);
      assertThat(nonces.use("a", nonce("n"))).isEqualTo(FIRST);
      assertThat(nonces.isRepeated("a", nonce("n"))).isFalse();
      for (Duration passed = Duration.ZERO;
          passed.compareTo(valid) < 0;
          passed = passed.plusSeconds(15)) {
        assertThat(nonces.use("others", nonce("o" + passed))).isEqualTo(FIRST);
        pass(Duration.ofSeconds(15));
        assertThat(nonces.use("a", nonce("n")))
            .as("%s after %s", passed, offset)
            .isEqualTo(SEEN);
        assertThat(nonces.isRepeated("a", nonce("n"))).isTrue();
      }
      pass(slice.multipliedBy(Limits.NONCE_SLICES));
      assertThat(nonces.use("a", nonce("n"))).isEqualTo(FIRST);
      assertThat(nonces.isRepeated("a", nonce("n"))).isFalse();
    }
  }

  /** With so many that the threads meet; the contract has too few for that. */
  @Test
  void of_two_threads_that_use_the_same_nonces_at_once_one_is_the_first_to_use_each() {
    List<Long> firsts = AtOnce.run(
        2,
        _ -> IntStream.range(0, 100_000)
            .filter(i -> memory.use("a", nonce("n" + i)) == FIRST)
            .count());
    assertThat(firsts.getFirst() + firsts.getLast()).isEqualTo(100_000);
  }

  /** The time of a proof says nothing about how long it was remembered. */
  @Test
  void a_clock_that_jumps_there_and_back_forgets_nothing() {
    assertThat(memory.use("a", nonce("n"))).isEqualTo(FIRST);
    for (Duration jump : new Duration[] {Duration.ofMinutes(10), Duration.ofDays(-400)}) {
      for (int i = 0; i < 1_000; i++) {
        assertThat(memory.use("others", nonce("o" + i + jump, NOW.plus(jump)))).isEqualTo(FIRST);
      }
      pass(Duration.ofSeconds(50));
      assertThat(memory.use("a", nonce("n"))).isEqualTo(SEEN);
    }
  }

  /**
   * With a 64th of the parts and of the addresses, each of which reads in sessions of its own as
   * often as its rate allows. A guest whose new nonce is taken for a used one signs another one.
   */
  @Test
  void a_thousand_addresses_that_read_all_the_time_keep_no_other_guest_from_reading() {
    int addresses = 1_000 / 64;
    Nonces nonces = since(NOW, Limits.NONCE_PARTS / 64);
    for (int minute = 0; minute < 2 * Limits.NONCE_SLICES; minute++) {
      for (int i = 0; i < addresses * Limits.HISTORIES_PER_MINUTE; i++) {
        nonces.use("session %d of %d".formatted(i, minute), nonce("n"));
      }
      pass(Limits.NONCE_SLICE);
    }
    long refused = IntStream.range(0, 10_000)
        .filter(i -> nonces.use("guest", nonce("g" + i)) != FIRST)
        .count();
    assertThat(refused).as("of ten thousand reads").isLessThan(10);
    assertThat(IntStream.range(0, 10_000))
        .allSatisfy(i -> assertThat(nonces.use("guest", nonce("g" + i))).isEqualTo(SEEN));
  }

  @Test
  void a_process_that_starts_does_not_know_what_was_used_before() {
    Nonces nonces = since(NOW.plusMillis(900), Limits.NONCE_PARTS);
    for (long before : new long[] {1, 60, Limits.PROOF_WINDOW.toSeconds()}) {
      assertThat(nonces.use("a", nonce("n", NOW.minusSeconds(before)))).isEqualTo(UNKNOWN);
    }
    assertThat(nonces.use("a", nonce("n"))).as("in the same second").isEqualTo(FIRST);
    assertThat(nonces.use("a", nonce("n"))).isEqualTo(SEEN);
    assertThat(nonces.isRepeated("a", nonce("m", NOW.minusSeconds(1)))).isFalse();
  }

  /** A process that started with a clock an hour ahead must not refuse all reads for an hour. */
  @Test
  void a_process_whose_clock_is_set_back_after_its_start_goes_on() {
    Nonces nonces = since(NOW.plus(Duration.ofHours(1)), Limits.NONCE_PARTS);
    assertThat(nonces.use("a", nonce("n"))).isEqualTo(FIRST);
    assertThat(nonces.use("a", nonce("n"))).isEqualTo(SEEN);
  }

  @Test
  void two_processes_store_a_nonce_in_different_places() {
    byte[] other = "another secret".getBytes(US_ASCII);
    assertThat(NonceBits.of(SECRET, "a", "n").bits())
        .isEqualTo(NonceBits.of(SECRET, "a", "n").bits())
        .isNotEqualTo(NonceBits.of(other, "a", "n").bits())
        .isNotEqualTo(NonceBits.of(SECRET, "a", "m").bits());
  }
}
