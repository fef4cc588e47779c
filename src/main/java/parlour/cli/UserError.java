package parlour.cli;

/** A command cannot be carried out. The message is for the operator, with the remedy. */
class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UserError(String message) {
    super(message, null, false, false);
  }

  UserError(String message, Throwable cause) {
    super(message, cause, false, false);
  }
}
