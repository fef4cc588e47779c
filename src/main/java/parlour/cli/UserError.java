package parlour.cli;

/** What was asked for cannot be done: why, and the remedy, in words for the operator. */
final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UserError(String message) {
    super(message, null, false, false);
  }
}
