package parlour.scopedauth;

/** The result of a validation. An outage is an exception instead. */
public sealed interface Verdict {

  record Authorized(Guest guest) implements Verdict {}

  /** The exact {@link RefusalReason} is only in the log and the trace of ScopedAuthService. */
  record Refused(Failure failure) implements Verdict {}

  enum Failure {
    TOKEN_VALIDATION_FAILED("token_validation_failed"),
    FINGERPRINT_VALIDATION_FAILED("fingerprint_validation_failed");

    private final String message;

    Failure(String message) {
      this.message = message;
    }

    /** The word on the wire. */
    public String message() {
      return message;
    }
  }
}
