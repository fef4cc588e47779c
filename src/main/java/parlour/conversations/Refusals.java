package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import parlour.Limits;
import parlour.Sid;

/**
 * The recently refused tokens of which a subscriber was notified.
 *
 * @param readAt when they were last read from ScopedAuth, by the clock of the node that read them
 * @param last when a token was last refused in a conversation, in milliseconds since 1970
 */
public record Refusals(Instant readAt, Map<Sid.Conversation, Long> last) {
  public Refusals {
    last = Map.copyOf(last);
  }

  /** How long until they are read again; zero also if another node's clock is ahead. */
  Duration dueIn(Instant now) {
    Duration age = Duration.between(readAt, now);
    boolean isDue = age.isNegative() || age.compareTo(Limits.REFUSALS_POLL) >= 0;
    return isDue ? Duration.ZERO : Limits.REFUSALS_POLL.minus(age);
  }
}
