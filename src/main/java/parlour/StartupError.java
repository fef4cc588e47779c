package parlour;

/** A reason not to start, in words for the operator: what is wrong, and the remedy. */
public final class StartupError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StartupError(String message) {
    super(message);
  }

  public StartupError(String message, Throwable cause) {
    super(message, cause);
  }
}
