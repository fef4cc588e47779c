package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SidTest {
  private static final SecureRandom random = new SecureRandom();

  @Test
  void sids_of_messages_are_in_the_order_of_their_time() {
    List<String> sids = Stream.of(
            "1970-01-01T00:00:00Z",
            "2026-11-29T22:00:00.001Z",
            "2026-11-29T22:00:00.002Z",
            "2107-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z")
        .map(time -> Sid.Message.next(Instant.parse(time), random).text())
        .toList();
    assertThat(sids).isSorted();
  }

  /** The clock of a machine can be anywhere. */
  @ParameterizedTest
  @ValueSource(strings = {"1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"})
  void sids_are_well_formed_and_differ_whatever_the_time(String time) {
    Instant now = Instant.parse(time);
    assertThat(Sid.Message.next(now, random)).isNotEqualTo(Sid.Message.next(now, random));
    assertThat(Sid.Participant.next(now, random)).isNotEqualTo(Sid.Participant.next(now, random));
  }
}
