package parlour.scopedauth;

import parlour.Sid;

/**
 * Whose guests are let in here: a token of another account or deployment is refused as a token,
 * before anything is said about its fingerprint.
 *
 * @param revokeOnReplay whether a token that was superseded and comes back ends its whole session
 */
public record Audience(Sid.Account account, Sid.Deployment deployment, boolean revokeOnReplay) {}
