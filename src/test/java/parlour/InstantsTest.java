package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstantsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00Z",
        "2026-11-30T12:00:00Z",
        "2026-11-30T12:00:01Z",
        "2026-11-30T12:01:00Z",
        "2026-11-30T12:01:00.100Z",
        "2026-11-30T12:01:00.000001Z",
        "2026-11-30T12:01:59.000000001Z",
        "0000-01-01T00:00:00Z",
        "-0001-12-31T23:59:00Z",
        "9999-12-31T23:59:59.999Z",
        "+10000-01-01T00:00:00Z"
      })
  void the_text_is_that_of_the_JDK(String text) {
    assertThat(Instants.text(Instant.parse(text))).isEqualTo(text);
  }

  @Test
  void the_text_of_any_instant_is_that_of_the_JDK() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      Instant instant =
          Instant.ofEpochMilli(random.nextLong(-100_000_000_000_000L, 300_000_000_000_000L));
      assertThat(Instants.text(instant)).as("seed %d", seed).isEqualTo(instant.toString());
    }
  }
}
