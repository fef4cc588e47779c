package parlour;

/** The reason why a process cannot start. The message is for the operator, with the remedy. */
public final class StartupError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StartupError(String message) {
    super(message);
  }

  public StartupError(String message, Throwable cause) {
    super(message, cause);
  }
}
