package parlour.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.http.client.RetryPolicy.Decision.GIVE_UP;
import static parlour.http.client.RetryPolicy.Decision.ONCE_MORE_AT_ANY_NODE;
import static parlour.http.client.RetryPolicy.Decision.ONCE_MORE_AT_OTHER_NODE;
import static parlour.http.client.RetryPolicy.Decision.OTHER_NODE;
import static parlour.http.client.RetryPolicy.NEVER_REPEAT;
import static parlour.http.client.RetryPolicy.REPEAT_AT_ANY_NODE;
import static parlour.http.client.RetryPolicy.REPEAT_AT_OTHER_NODE;

import java.io.EOFException;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import parlour.http.client.RetryPolicy.Attempt;
import parlour.http.client.RetryPolicy.Decision;

/** The table of docs/adr/0022, row by row. */
class RetryPolicyTest {
  private static final long TIME_LEFT = 1;

  private static final Attempt REFUSED_CONNECTION =
      Attempt.failed(false, false, new ConnectException());
  private static final Attempt FULL_QUEUE =
      Attempt.failed(false, false, new RejectedExecutionException());
  private static final Attempt LOST_BEFORE_AN_ANSWER =
      Attempt.failed(true, false, new EOFException());

  /** A row of the table, with the decision of each policy. */
  record Row(String what, Attempt attempt, Map<RetryPolicy, Decision> decisions) {
    @Override
    public String toString() {
      return what;
    }
  }

  static final List<Row> ROWS = List.of(
      new Row("a refused connection", REFUSED_CONNECTION, all(OTHER_NODE)),
      new Row("a full queue", FULL_QUEUE, all(OTHER_NODE)),
      new Row("a node that is draining", Attempt.draining(), all(OTHER_NODE)),
      new Row(
          "a connection that was lost before an answer",
          LOST_BEFORE_AN_ANSWER,
          Map.of(
              NEVER_REPEAT, GIVE_UP,
              REPEAT_AT_OTHER_NODE, ONCE_MORE_AT_OTHER_NODE,
              REPEAT_AT_ANY_NODE, ONCE_MORE_AT_ANY_NODE)),
      new Row(
          "an answer that breaks off",
          Attempt.failed(true, true, new EOFException()),
          all(GIVE_UP)),
      new Row(
          "an answer that is not from Parlour",
          Attempt.failed(true, true, new IllegalStateException()),
          all(GIVE_UP)),
      new Row(
          "a failure that does not prove a lost connection",
          Attempt.failed(true, false, new IllegalStateException()),
          all(GIVE_UP)),
      new Row("a silent node", Attempt.failed(true, false, new TimeoutException()), all(GIVE_UP)),
      new Row(
          "a silent node in a urgent call",
          new Attempt(true, false, false, true, new TimeoutException()),
          all(OTHER_NODE)),
      new Row(
          "an answer that breaks off in a urgent call",
          new Attempt(true, true, false, true, new EOFException()),
          all(GIVE_UP)));

  private static Map<RetryPolicy, Decision> all(Decision decision) {
    return Map.of(
        NEVER_REPEAT, decision, REPEAT_AT_OTHER_NODE, decision, REPEAT_AT_ANY_NODE, decision);
  }

  @ParameterizedTest
  @FieldSource("ROWS")
  void the_decision_after_an_attempt_is_that_of_the_table(Row row) {
    for (RetryPolicy policy : RetryPolicy.values()) {
      assertThat(policy.after(row.attempt(), false, TIME_LEFT))
          .as(policy.name())
          .isEqualTo(row.decisions().get(policy));
    }
  }

  @ParameterizedTest
  @FieldSource("ROWS")
  void nothing_is_sent_after_the_deadline(Row row) {
    for (RetryPolicy policy : RetryPolicy.values()) {
      assertThat(policy.after(row.attempt(), false, 0)).isEqualTo(GIVE_UP);
      assertThat(policy.after(row.attempt(), false, -1)).isEqualTo(GIVE_UP);
    }
  }

  @ParameterizedTest
  @EnumSource(RetryPolicy.class)
  void a_call_that_may_have_been_executed_is_repeated_once_at_most(RetryPolicy policy) {
    assertThat(policy.after(LOST_BEFORE_AN_ANSWER, true, TIME_LEFT)).isEqualTo(GIVE_UP);
    assertThat(policy.after(REFUSED_CONNECTION, true, TIME_LEFT)).isEqualTo(OTHER_NODE);
    assertThat(policy.after(Attempt.draining(), true, TIME_LEFT)).isEqualTo(OTHER_NODE);
  }

  @ParameterizedTest
  @FieldSource("ROWS")
  void only_a_node_that_cannot_be_reached_or_is_draining_is_avoided(Row row) {
    assertThat(row.attempt().isNodesFault())
        .isEqualTo(
            row.attempt().equals(REFUSED_CONNECTION) || row.attempt().equals(Attempt.draining()));
  }
}
