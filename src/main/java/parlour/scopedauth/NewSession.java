package parlour.scopedauth;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import parlour.Sid;

/**
 * The request for a new session and its first token.
 *
 * @param sid chosen by the caller, so that a repeated call opens no second session
 * @param binding present if the session shall be bound to a key
 * @param tokenTtl the lifetime of a token, which ends with the session at the latest
 * @param sessionTtl the lifetime of the session, from now to its absolute end
 */
public record NewSession(
    Sid.Session sid,
    SessionOwner owner,
    List<String> grants,
    Fingerprint fingerprint,
    Optional<BindingRequest> binding,
    Duration tokenTtl,
    Duration sessionTtl) {}
