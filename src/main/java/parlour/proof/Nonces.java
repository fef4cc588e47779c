package parlour.proof;

/** The nonces of proofs that were used, each remembered while its proof is valid. */
public interface Nonces {
  /** The answers about a nonce. */
  enum Use {
    /** Nobody used it before. It is remembered now. */
    FIRST,
    /**
     * It was used before in the same session, or, seldom, looks like one that was. That need not be
     * a thief: browsers, proxies and the edge repeat a GET whose answer was lost. The answer must
     * let the browser repeat the call with a new proof, which a thief cannot make, and must not end
     * the session.
     */
    SEEN,
    /**
     * It is not known whether it was used, because the proof is older than the memory. The browser
     * must repeat the call later with a new proof.
     */
    UNKNOWN
  }

  /**
   * Uses the nonce of a proof that is true and of now, and good for one answer. Does not throw.
   *
   * @param session the session's sid
   */
  Use use(String session, Proof.Nonce nonce);

  /**
   * Uses the nonce of a true proof that is good for several answers. Does not throw.
   *
   * @return whether it was used before in the same session, as far as this process knows
   */
  boolean isRepeated(String session, Proof.Nonce nonce);
}
