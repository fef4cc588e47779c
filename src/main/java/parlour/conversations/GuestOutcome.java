package parlour.conversations;

import parlour.scopedauth.Verdict;

/** The outcome of a guest's call. */
public sealed interface GuestOutcome<T> {

  /** The credentials were valid. */
  record Done<T>(T value) implements GuestOutcome<T> {}

  /** The token, the proof or the fingerprint was refused. */
  record Refused<T>(Verdict.Refused refusal) implements GuestOutcome<T> {}
}
