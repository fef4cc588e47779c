package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import parlour.Limits;

class OriginTest {
  @Test
  void an_origin_from_a_stranger_controls_no_terminal_and_fills_no_log() {
    assertThat(Origin.shown("https://a.example\u009b2J")).isEqualTo("https://a.example?2J");
    assertThat(Origin.shown("x".repeat(Limits.PUBLIC_HEADER_BYTES)))
        .hasSize(Limits.ORIGIN_CHARACTERS);
    assertThat(Origin.shown(null)).isEqualTo("none");
  }
}
