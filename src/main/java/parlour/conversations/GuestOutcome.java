package parlour.conversations;

import parlour.scopedauth.Verdict;

/** What a guest's call came to. */
public sealed interface GuestOutcome<T> {

  /** They were let in. */
  record Done<T>(T value) implements GuestOutcome<T> {}

  /** Their token or their browser was not good. */
  record Refused<T>(Verdict.Failure failure) implements GuestOutcome<T> {}
}
