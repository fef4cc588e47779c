package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTextTest {
  @Test
  void a_host_or_an_origin_from_a_stranger_controls_no_terminal_and_fills_no_log() {
    assertThat(PlainText.shown("https://a.example\u009b2J")).isEqualTo("https://a.example?2J");
    assertThat(PlainText.shown("x".repeat(Limits.PUBLIC_HEADER_BYTES)))
        .hasSize(Limits.ORIGIN_CHARACTERS);
    assertThat(PlainText.shown(null)).isEqualTo("none");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\u001f", "\u007f", "\u0080", "\u00a0", "\u20ac", "\ud800", "\ude00\ud83d"})
  void a_character_that_is_not_printable_ASCII_is_noticed_at_each_place(String text) {
    assertThat(PlainText.isPrintableAscii(text + "ab")).isFalse();
    assertThat(PlainText.isPrintableAscii("a" + text + "b")).isFalse();
    assertThat(PlainText.isPrintableAscii("ab" + text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "~", "plr1.aZ09-_"})
  void printable_ASCII_is_recognized(String text) {
    assertThat(PlainText.isPrintableAscii(text)).isTrue();
  }
}
