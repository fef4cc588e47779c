package parlour.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import parlour.ledger.LedgerEntry;
import parlour.ledger.LedgerNote;
import parlour.trace.Arrow;
import parlour.trace.Lifeline;
import parlour.trace.Trace;
import parlour.trace.Traces;

/** The request that an admin reads. */
class LedgerEndpointsTest {
  private final Traces traces = new Traces();

  @Test
  void why_a_call_got_no_answer_is_left_out_because_it_can_name_hosts() {
    assertThat(detail(Trace.NO_ANSWER, "postgres://parlour@db.internal:5432/parlour is down"))
        .isEmpty();
    assertThat(detail("checks the token", "expired")).isEqualTo("expired");
  }

  private static String detail(String text, String detail) {
    return LedgerEndpoints.ArrowForm.of(new Arrow(Lifeline.FAS, Lifeline.SAS, text, detail))
        .detail();
  }

  @Test
  void the_request_of_another_account_is_not_shown_for_its_first_digits() {
    Trace own = recorded("12345678" + "a".repeat(24));
    Trace ofOthers = recorded("12345678" + "b".repeat(24));
    assertThat(traces.find("12345678").map(Traces.Entry::trace)).contains(ofOthers);
    assertThat(LedgerEndpoints.recordedOf(List.of(entry(""), entry(own.id())), traces)
            .map(Traces.Entry::trace))
        .contains(own);
    assertThat(LedgerEndpoints.recordedOf(List.of(entry("12345678" + "c".repeat(24))), traces))
        .isEmpty();
    assertThat(LedgerEndpoints.recordedOf(List.of(), traces)).isEmpty();
  }

  private Trace recorded(String id) {
    Trace trace = Trace.continued("00-" + id + "-0000000000000001-01");
    assertThat(trace.id()).isEqualTo(id);
    trace.arrow(Lifeline.FWO, Lifeline.S, "an answer", "");
    traces.keep(trace, Instant.EPOCH, 401);
    return trace;
  }

  private static LedgerEntry entry(String trace) {
    return new LedgerEntry(
        Instant.EPOCH, 1, trace, LedgerNote.of(LedgerNote.GUEST_REFUSED, "expired"), 0);
  }
}
