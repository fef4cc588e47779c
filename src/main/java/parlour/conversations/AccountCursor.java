package parlour.conversations;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import parlour.Sid;

/**
 * How far a subscriber is.
 *
 * @param since all changes before it were delivered
 * @param delivered the revisions that were delivered of conversations that changed since then: a
 *     change can appear after later ones, because clocks differ and a commit takes time
 * @param typing the number of the last typing that was delivered
 * @param refused the refused tokens of which the subscriber was notified; empty for a subscriber
 *     that does not receive refusals
 */
public record AccountCursor(
    Instant since,
    Map<Sid.Conversation, Revision> delivered,
    long typing,
    Optional<Refusals> refused) {
  public AccountCursor {
    delivered = Map.copyOf(delivered);
  }
}
