package parlour.accounts;

import java.time.Duration;
import java.util.Optional;
import parlour.Sid;
import parlour.scopedauth.Sensitivity;

/**
 * What an account has configured for one of its deployment keys (arrow 5).
 *
 * @param address the address of new conversations; empty: no chat can start
 * @param greeter sends the first message to a new guest
 * @param tokenTtl how long each token is valid
 * @param sessionTtl the absolute end of a session, counted from its beginning
 * @param revokeOnReplay whether a superseded token that comes back ends its whole session
 * @param accountKey for this account's fingerprints and identities
 */
public record Configuration(
    Sid.Account account,
    Sid.Deployment deployment,
    Optional<Sid.Address> address,
    Optional<Greeter> greeter,
    AllowedOrigins allowedOrigins,
    Sensitivity fingerprintSensitivity,
    Duration tokenTtl,
    Duration sessionTtl,
    boolean revokeOnReplay,
    AccountKey accountKey) {}
