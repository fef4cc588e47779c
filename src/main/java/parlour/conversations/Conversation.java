package parlour.conversations;

import java.time.Instant;
import java.util.Locale;
import parlour.Sid;

/**
 * A conversation, without its messages.
 *
 * @param preEngagementData the JSON that the page passed when it started
 * @param attributes a JSON object that Parlour does not interpret
 * @param revision grows by one with every change, in the same transaction
 * @param nextIndex the index of the next message
 * @param inboxReadIndex the last message that some agent has read
 * @param guestSpoke whether its guest has sent a message; agents see it only then
 * @param updated when anything in it last changed, including read marks
 * @param lastActivity time of the last message, or of its start, end or reopening
 */
public record Conversation(
    Sid.Conversation sid,
    Sid.Account account,
    Sid.Address address,
    State state,
    String preEngagementData,
    String attributes,
    Revision revision,
    Revision stateRevision,
    MessageIndex nextIndex,
    MessageIndex inboxReadIndex,
    boolean guestSpoke,
    Instant created,
    Instant updated,
    Instant lastActivity) {

  /** The same as a guest sees it who was removed: closed, so that they can only read. */
  Conversation closed(Revision revision, MessageIndex nextIndex) {
    return new Conversation(
        sid,
        account,
        address,
        State.CLOSED,
        preEngagementData,
        attributes,
        revision,
        stateRevision.earlierOf(revision),
        nextIndex,
        inboxReadIndex,
        guestSpoke,
        created,
        updated,
        lastActivity);
  }

  /** Whether it accepts messages. */
  public enum State {
    ACTIVE,
    CLOSED;

    /** The word on the wire and in the store. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Throws {@link IllegalArgumentException} on any other word. */
    public static State of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }
}
