package parlour.proof;

import parlour.Limits;

/**
 * A proof whose time is too far from the server's. It says nothing about who sends it: the client
 * takes the server's time from the answer, signs again, and repeats the call.
 */
public final class ProofOutOfTime extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ProofOutOfTime() {
    super(
        "The proof's time is too far from the server's: created in the header Signature-Input must be within "
            + Limits.PROOF_WINDOW.toSeconds()
            + " seconds of the server's time; sign the call again with the time in the header"
            + " Parlour-Time, or in server_time, of this answer.");
  }
}
