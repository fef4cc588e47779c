package parlour.http;

/** The refusal of a request or a WebSocket. An expected outcome, so it has no stack trace. */
public abstract class HttpFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  protected HttpFailure(String message) {
    super(message, null, false, false);
  }

  /** Whether the same request may succeed later. */
  public abstract boolean isTemporary();

  /** The reason for the close frame of a WebSocket, which has at most 123 bytes. */
  public abstract String closeReason();
}
