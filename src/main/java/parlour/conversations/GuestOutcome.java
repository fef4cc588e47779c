package parlour.conversations;

import java.util.function.Function;
import java.util.function.Supplier;
import parlour.scopedauth.Verdict;
import parlour.trace.Trace;

/** The outcome of a guest's call. */
public sealed interface GuestOutcome<T> {

  /** The credentials were valid. */
  record Done<T>(T value) implements GuestOutcome<T> {}

  /** The token, the proof or the fingerprint was refused. */
  record Refused<T>(Verdict.Refused refusal) implements GuestOutcome<T> {}

  /**
   * Calls Conversations, and records the call in the current trace.
   *
   * @param question the text of its arrow
   */
  static <T> GuestOutcome<T> of(String question, Supplier<GuestOutcome<T>> call) {
    return Trace.current()
        .exchange(
            parlour.trace.Lifeline.FWO,
            parlour.trace.Lifeline.CNV,
            question,
            call,
            answer -> switch (answer) {
              case Done<T> _ -> "let in";
              case Refused<T>(Verdict.Refused refusal) -> refusal.failure().message();
            });
  }

  /**
   * The value.
   *
   * @param error how the interface answers a refusal
   */
  default T orThrow(Function<Verdict.Refused, ? extends RuntimeException> error) {
    return switch (this) {
      case Done<T>(T value) -> value;
      case Refused<T>(Verdict.Refused refusal) -> throw error.apply(refusal);
    };
  }
}
