package parlour.accounts;

import parlour.scopedauth.Sensitivity;

/**
 * What a deployment demands of the browser that presents a token.
 *
 * @param sensitivity how much of the browser must be unchanged
 * @param proof whether the browser must prove that it holds the session's key
 * @param revokeOnReplay whether a superseded token that is used again ends a session that is not
 *     bound to a key
 */
public record TokenRules(Sensitivity sensitivity, ProofRule proof, boolean revokeOnReplay) {
  public static final TokenRules DEFAULT =
      new TokenRules(Sensitivity.MEDIUM, ProofRule.PREFER, false);
}
