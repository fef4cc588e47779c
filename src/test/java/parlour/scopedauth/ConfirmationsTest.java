package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ConfirmationsTest {
  private static final Confirmations CONFIRMATIONS = new Confirmations("9@9000 7@7000 6@6000 5@5");

  @Test
  void a_generation_is_superseded_at_the_first_use_of_the_next_one_that_was_used() {
    assertThat(CONFIRMATIONS.supersededAt(new Generation(6))).contains(Instant.ofEpochMilli(7000));
    assertThat(CONFIRMATIONS.supersededAt(new Generation(7))).contains(Instant.ofEpochMilli(9000));
    assertThat(CONFIRMATIONS.supersededAt(new Generation(8))).contains(Instant.ofEpochMilli(9000));
  }

  @Test
  void the_newest_generation_is_not_superseded() {
    assertThat(CONFIRMATIONS.supersededAt(new Generation(9))).isEmpty();
    assertThat(CONFIRMATIONS.supersededAt(new Generation(10))).isEmpty();
  }

  @Test
  void a_generation_whose_entry_was_cut_has_no_known_instant() {
    assertThat(CONFIRMATIONS.supersededAt(new Generation(5))).isEmpty();
    assertThat(CONFIRMATIONS.supersededAt(new Generation(1))).isEmpty();
  }

  @Test
  void a_new_entry_has_the_generation_and_the_instant_in_milliseconds() {
    assertThat(Confirmations.of(new Generation(7), Instant.ofEpochMilli(1_763_800_000_000L))
            .text())
        .isEqualTo("7@1763800000000 ");
  }
}
