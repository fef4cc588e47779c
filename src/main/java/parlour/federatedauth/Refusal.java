package parlour.federatedauth;

import java.util.Optional;
import parlour.errors.ErrorCode;

/** The two public codes of a refused token, and their messages for the guest. */
public enum Refusal {
  FINGERPRINT(ErrorCode.FINGERPRINT_REFUSED),
  TOKEN(ErrorCode.TOKEN_REFUSED);

  private final ErrorCode error;

  Refusal(ErrorCode error) {
    this.error = error;
  }

  public int code() {
    return error.code();
  }

  public String message() {
    return error.message();
  }

  static Optional<Refusal> of(int code) {
    for (Refusal refusal : values()) {
      if (refusal.code() == code) {
        return Optional.of(refusal);
      }
    }
    return Optional.empty();
  }
}
