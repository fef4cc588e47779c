package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.trace.Lifeline;
import parlour.trace.Trace;
import parlour.trace.Traces;

class TraceKeepingTest {

  @Test
  void a_flood_of_calls_to_nowhere_does_not_push_out_a_refusal() {
    var traces = new Traces();
    Trace refused = kept(traces, 401);
    for (int status : new int[] {200, 404, 429, 503}) {
      for (int i = 0; i < Limits.TRACES_KEPT; i++) {
        kept(traces, status);
      }
    }
    assertThat(traces.find(refused.shortId())).isPresent();
  }

  @Test
  void of_each_kind_the_last_ones_are_kept() {
    var traces = new Traces();
    Trace first = kept(traces, 200);
    Trace second = kept(traces, 200);
    for (int i = 1; i < Limits.GOOD_TRACES_KEPT; i++) {
      kept(traces, 200);
    }
    assertThat(traces.find(first.shortId())).isEmpty();
    assertThat(traces.find(second.shortId())).isPresent();
  }

  @Test
  void the_header_of_a_trace_stays_within_its_bound_in_any_script() {
    for (String letter : new String[] {"a", "é", "…", "😀"}) {
      Trace trace = Trace.begin();
      for (int i = 0; i < Limits.ARROWS_PER_TRACE; i++) {
        trace.action(Lifeline.SAS, "does", letter.repeat(90));
      }
      Trace absorbing = Trace.begin();
      absorbing.appendEncoded(trace.encoded());
      assertThat(trace.encoded().length()).as(letter).isLessThanOrEqualTo(Limits.TRACE_HEADER);
      assertThat(absorbing.arrows()).as(letter).isNotEmpty().allMatch(trace.arrows()::contains);
    }
  }

  @Test
  void the_code_of_an_outage_and_the_part_that_did_not_answer_come_back_with_the_arrows() {
    Trace there = Trace.begin();
    there.arrow(Lifeline.SAS, Lifeline.FAS, Trace.NO_ANSWER, "its store is down");
    there.arrow(Lifeline.FAS, Lifeline.FWO, Trace.NO_ANSWER, "");
    there.outage(45776);
    Trace edge = Trace.begin();
    assertThat(edge.outageCode()).isEmpty();
    edge.appendEncoded(there.encoded());
    assertThat(edge.outageCode()).hasValue(45776);
    assertThat(edge.firstWithoutAnswer()).contains(Lifeline.SAS);
    assertThat(edge.arrows()).hasSize(2);
  }

  private static Trace kept(Traces traces, int status) {
    Trace trace = Trace.begin();
    trace.arrow(Lifeline.B, Lifeline.FWO, "a call", "");
    traces.keep(trace, Instant.EPOCH, status);
    return trace;
  }
}
