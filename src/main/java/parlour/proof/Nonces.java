package parlour.proof;

import java.time.Instant;

/** The nonces of proofs that are good for one answer, each remembered while its proof is valid. */
public interface Nonces {
  /** The answers about a nonce. */
  enum Use {
    /** Nobody used it before. It is remembered now. */
    FIRST,
    /** It was used before in the same session. */
    SEEN,
    /**
     * It is not known whether it was used, because the bound of the memory is reached, or because
     * the proof is older than the memory. The call must be repeated later with a new proof.
     */
    UNKNOWN
  }

  /**
   * Uses the nonce of a proof that is true and of now. Does not throw.
   *
   * @param session the session's sid
   */
  Use use(String session, Proof.Once once, Instant now);
}
