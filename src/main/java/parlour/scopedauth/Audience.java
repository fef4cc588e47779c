package parlour.scopedauth;

import parlour.Sid;

/**
 * The account and the deployment whose tokens a call accepts. A token of another one is refused as
 * a token, so that its fingerprint is not compared.
 *
 * @param revokeOnReplay whether the replay of a superseded token revokes its whole session
 */
public record Audience(Sid.Account account, Sid.Deployment deployment, boolean revokeOnReplay) {}
