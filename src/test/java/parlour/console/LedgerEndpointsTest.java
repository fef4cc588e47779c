package parlour.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import parlour.trace.Arrow;
import parlour.trace.Participant;
import parlour.trace.Trace;

/** The arrows of a request, as an admin reads them. */
class LedgerEndpointsTest {
  @Test
  void why_a_call_got_no_answer_is_left_out_because_it_can_name_hosts() {
    assertThat(detail(Trace.NO_ANSWER, "postgres://parlour@db.internal:5432/parlour is down"))
        .isEmpty();
    assertThat(detail("checks the token", "expired")).isEqualTo("expired");
  }

  private static String detail(String text, String detail) {
    return LedgerEndpoints.ArrowForm.of(new Arrow(Participant.FAS, Participant.SAS, text, detail))
        .detail();
  }
}
