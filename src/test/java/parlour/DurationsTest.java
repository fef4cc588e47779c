package parlour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Multiples and parts equal those of the JDK. */
class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 3",
    "PT1.5S, 2",
    "PT0.999999999S, 7",
    "PT-1.5S, 10",
    "PT-0.1S, 3",
    "PT-9.000000001S, 10",
    "PT-9.5S, 64",
    "P3D, 64",
    "PT2562047H, 5",
    "P20000000D, 32",
    "PT0.000000005S, 2"
  })
  void a_multiple_and_a_part_are_those_of_the_JDK(Duration duration, int number) {
    assertThat(Durations.times(duration, number)).isEqualTo(duration.multipliedBy(number));
    assertThat(Durations.part(duration, number)).isEqualTo(duration.dividedBy(number));
  }

  @ParameterizedTest
  @CsvSource({"PT2562047788015215H, 2", "PT-2562047788015215H, 2"})
  void a_multiple_beyond_the_longest_duration_is_refused(Duration duration, int number) {
    assertThatThrownBy(() -> Durations.times(duration, number))
        .isInstanceOf(ArithmeticException.class);
  }
}
