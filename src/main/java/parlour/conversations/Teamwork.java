package parlour.conversations;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;

/**
 * How an account's agents work on a conversation. Guests and webhooks receive none of it.
 *
 * @param assignee the agent who works on it
 * @param waitingSince the time of the guest's first message that nobody has answered, while the
 *     conversation is open; empty if the guest does not wait
 * @param labels that agents have given it, in alphabetical order
 */
public record Teamwork(
    Optional<Identity> assignee, Optional<Instant> waitingSince, List<String> labels) {}
