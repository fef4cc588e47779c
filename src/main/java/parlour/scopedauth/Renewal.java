package parlour.scopedauth;

/** The result of {@link ScopedAuth#refresh}. An outage is an exception instead. */
public sealed interface Renewal {

  /** The guest was authorized, and this is their next token. */
  record Issued(SessionOwner guest, IssuedToken token) implements Renewal {}

  /** See {@link Verdict.Refused}. */
  record Refused(Verdict.Failure failure) implements Renewal {}
}
