package parlour.federatedauth;

import java.util.Optional;

/** The two public codes of a refused token, and their messages for the guest. */
public enum Refusal {
  FINGERPRINT(
      45779,
      "This chat was started in another browser, so it cannot go on in this one."
          + " You can start a new chat."),
  TOKEN(45775, "This chat session is no longer valid. You can start a new chat.");

  private final int code;
  private final String message;

  Refusal(int code, String message) {
    this.code = code;
    this.message = message;
  }

  public int code() {
    return code;
  }

  public String message() {
    return message;
  }

  static Optional<Refusal> of(int code) {
    for (Refusal refusal : values()) {
      if (refusal.code == code) {
        return Optional.of(refusal);
      }
    }
    return Optional.empty();
  }
}
