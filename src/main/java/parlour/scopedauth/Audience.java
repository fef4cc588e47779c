package parlour.scopedauth;

import parlour.Sid;

/**
 * The account and the deployment whose tokens a call accepts. A token of another one is refused as
 * a token, so that its fingerprint is not compared.
 *
 * @param revokeOnReplay whether the replay of a superseded token revokes its whole session
 * @param tellsExpiry whether the client may learn that a token was refused because it has expired
 */
public record Audience(
    Sid.Account account, Sid.Deployment deployment, boolean revokeOnReplay, boolean tellsExpiry) {

  /** An audience whose clients do not learn why a token is refused. */
  public Audience(Sid.Account account, Sid.Deployment deployment, boolean revokeOnReplay) {
    this(account, deployment, revokeOnReplay, false);
  }
}
