package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTextTest {
  @Test
  void a_host_or_an_origin_from_a_stranger_controls_no_terminal_and_fills_no_log() {
    assertThat(PlainText.shown("https://a.example\u009b2J")).isEqualTo("https://a.example?2J");
    assertThat(PlainText.shown("x".repeat(Limits.PUBLIC_HEADER_BYTES)))
        .hasSize(Limits.ORIGIN_CHARACTERS);
    assertThat(PlainText.shown(null)).isEqualTo("none");
  }
}
