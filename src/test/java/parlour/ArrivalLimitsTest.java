package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bounds of arriving data that depend on each other still fit when one of them is changed. */
class ArrivalLimitsTest {

  @Test
  void a_caller_waits_longer_than_the_part_that_it_calls() {
    assertThat(List.of(
            Limits.SCOPED_AUTH_DEADLINE,
            Limits.CONVERSATIONS_DEADLINE,
            Limits.BODY_DEADLINE,
            Limits.FORWARD_DEADLINE,
            Limits.IDLE_TIMEOUT,
            Limits.DRAIN))
        .isSorted();
    assertThat(Limits.BODY_DEADLINE.plus(Limits.CONVERSATIONS_DEADLINE))
        .as("a slow body and its answer, at the edge")
        .isLessThan(Limits.FORWARD_DEADLINE);
    assertThat(Limits.BODY_STEP_DEADLINE).isLessThan(Limits.BODY_DEADLINE);
    assertThat(Limits.HEADER_DEADLINE).isLessThan(Limits.IDLE_TIMEOUT);
  }

  @Test
  void a_socket_is_ended_with_a_reason_before_it_is_ended_without_one() {
    for (Duration timeout : List.of(Limits.SOCKET_HELLO, Limits.SOCKET_SILENCE)) {
      assertThat(timeout.plus(Limits.SOCKET_OVERDUE)).isLessThan(Limits.SOCKET_IDLE);
    }
    assertThat(Limits.SOCKET_PING.multipliedBy(3)).isLessThanOrEqualTo(Limits.SOCKET_SILENCE);
    assertThat(Limits.SOCKET_FRAMES_AFTER_CLOSE)
        .as("the largest text that was on its way")
        .isGreaterThanOrEqualTo(Limits.SOCKET_TEXT_PARTS);
  }

  @Test
  void one_clients_share_is_enough_for_one_call_and_too_little_to_keep_others_out() {
    assertThat(Limits.BODY_UNRESERVED_BYTES)
        .as("a refresh needs no room")
        .isGreaterThanOrEqualTo(Limits.REFRESH_BODY);
    assertThat(Limits.BODY_UNRESERVED_BYTES)
        .as("what the edge reads first can be sent to another process")
        .isLessThanOrEqualTo(Limits.REPEATED_BODY);
    assertThat(Limits.BODY_MEMORY / Limits.BODY_MEMORY_SHARE)
        .isGreaterThanOrEqualTo(Limits.MESSAGE_CALL_BODY);
    assertThat(Limits.FORWARDED_LONG_BODIES).isLessThanOrEqualTo(Limits.CLIENT_CONNECTIONS / 2);
    assertThat(Limits.HEADER_UNRESERVED_BYTES).isLessThan(Limits.PUBLIC_HEADER_BYTES);
    assertThat(Limits.HEADER_MEMORY / Limits.HEADER_MEMORY_SHARE)
        .isGreaterThanOrEqualTo(Limits.PUBLIC_HEADER_BYTES);
    assertThat(Limits.CONNECTIONS_PER_ADDRESS * 4)
        .as("of an IPv6 /48")
        .isLessThan(Limits.PUBLIC_CONNECTIONS);
  }
}
