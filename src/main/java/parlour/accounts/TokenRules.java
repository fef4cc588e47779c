package parlour.accounts;

import parlour.scopedauth.Sensitivity;

/**
 * A deployment's demands on the browser that presents a token.
 *
 * @param sensitivity how much of the browser must be unchanged
 * @param proof whether the browser must prove that it holds the session's key
 * @param revokeOnReplay whether a superseded token that is used again ends a session that is not
 *     bound to a key
 * @param realtime whether a client that Parlour did not make can open the realtime socket, which
 *     demands less of the browser
 */
public record TokenRules(
    Sensitivity sensitivity, ProofRule proof, boolean revokeOnReplay, boolean realtime) {
  public static final TokenRules DEFAULT =
      new TokenRules(Sensitivity.MEDIUM, ProofRule.PREFER, false);

  /** The rules of a deployment without the realtime socket. */
  public TokenRules(Sensitivity sensitivity, ProofRule proof, boolean revokeOnReplay) {
    this(sensitivity, proof, revokeOnReplay, false);
  }

  /** These rules with the realtime socket. */
  public TokenRules withRealtime() {
    return new TokenRules(sensitivity, proof, revokeOnReplay, true);
  }
}
