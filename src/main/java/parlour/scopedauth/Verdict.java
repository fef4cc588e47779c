package parlour.scopedauth;

/** The result of a validation. An outage is an exception instead. */
public sealed interface Verdict {

  record Authorized(Guest guest) implements Verdict {}

  /**
   * The exact {@link RefusalReason} is only in the log and the trace of ScopedAuthService.
   *
   * @param renewable whether the browser can renew this token, and then repeat the call
   */
  record Refused(Failure failure, boolean renewable) implements Verdict {
    public Refused(Failure failure) {
      this(failure, false);
    }
  }

  enum Failure {
    TOKEN_VALIDATION_FAILED("token_validation_failed"),
    FINGERPRINT_VALIDATION_FAILED("fingerprint_validation_failed"),
    /** A genuine token has expired; only if the audience {@linkplain Audience tells expiry}. */
    TOKEN_EXPIRED("token_expired");

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
