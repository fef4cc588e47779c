package parlour.proof;

/**
 * A proof without the one form that Parlour reads: answered 400. The message names the header or
 * the field and what to send, and repeats no value of the call.
 */
public final class MalformedProof extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  MalformedProof(String message) {
    super(message);
  }
}
