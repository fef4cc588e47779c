package parlour.http;

/**
 * A failure that ends a request or a WebSocket in its own way. It is an answer, so it has no stack
 * trace.
 */
public abstract class HttpFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  protected HttpFailure(String message) {
    super(message, null, false, false);
  }

  /** Whether the same request may succeed later. */
  public abstract boolean isTemporary();

  /** Why a WebSocket is closed, short enough for a close frame. */
  public abstract String closeReason();
}
