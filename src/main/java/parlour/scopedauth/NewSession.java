package parlour.scopedauth;

import java.time.Duration;
import java.util.List;
import parlour.Sid;

/**
 * A session to be opened, and its first token.
 *
 * @param sid chosen by the caller, so that a repeated call opens no second session
 * @param tokenTtl how long each token is good; cut at the session's end
 * @param sessionTtl the absolute end of the session, counted from now
 */
public record NewSession(
    Sid.Session sid,
    SessionOwner owner,
    List<String> grants,
    Fingerprint fingerprint,
    Duration tokenTtl,
    Duration sessionTtl) {}
