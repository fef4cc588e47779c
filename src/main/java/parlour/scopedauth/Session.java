package parlour.scopedauth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import parlour.Sid;

/**
 * A guest's session: one line of token generations under one absolute end.
 *
 * @param generation the newest generation that was ever used
 * @param confirmations when the last generations were first used, newest first, as {@code
 *     "7@1763800000000 6@1763799000000 "}; bounded, so its tail may be cut
 */
public record Session(
    Sid.Session sid,
    Sid.Account account,
    Sid.Deployment deployment,
    String identity,
    Sid.Conversation conversation,
    long generation,
    String confirmations,
    Instant created,
    Instant expires,
    Instant lastSeen,
    @Nullable Instant revoked,
    @Nullable String revokedWhy,
    int refusals,
    int replays,
    int observed,
    @Nullable Instant lastRefused,
    @Nullable String lastRefusedWhy) {}
