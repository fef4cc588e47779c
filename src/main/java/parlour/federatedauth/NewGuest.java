package parlour.federatedauth;

import java.time.Duration;
import parlour.Sid;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.SessionOwner;

/**
 * A guest who starts a chat.
 *
 * @param session chosen by the caller, so that a repeated call opens no second session
 * @param tokenTtl the lifetime of a token
 * @param sessionTtl the lifetime of the session, from now to its absolute end
 */
public record NewGuest(
    Sid.Session session,
    SessionOwner owner,
    Fingerprint fingerprint,
    Duration tokenTtl,
    Duration sessionTtl) {}
