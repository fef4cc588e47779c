package parlour.federatedauth;

import java.time.Duration;
import java.util.Optional;
import parlour.Sid;
import parlour.scopedauth.BindingRequest;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.SessionOwner;

/**
 * A guest who starts a chat.
 *
 * @param session chosen by the caller, so that a repeated call opens no second session
 * @param binding present if the session shall be bound to a key
 * @param tokenTtl the lifetime of a token
 * @param sessionTtl the lifetime of the session, from now to its absolute end
 */
public record NewGuest(
    Sid.Session session,
    SessionOwner owner,
    Fingerprint fingerprint,
    Optional<BindingRequest> binding,
    Duration tokenTtl,
    Duration sessionTtl) {}
