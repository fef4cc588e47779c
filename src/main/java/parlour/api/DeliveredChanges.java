package parlour.api;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import parlour.Sid;
import parlour.conversations.Message;
import parlour.conversations.Participant;
import parlour.conversations.Revision;

/**
 * The changes that one subscriber has received. A log that comes in parts, ordered by the last
 * change of each item, delivers an edited message later than its original place: it is new to the
 * subscriber nevertheless, and the items of an earlier part are not.
 */
public final class DeliveredChanges {
  private final BitSet messages = new BitSet();
  private final Set<Sid.Participant> participants = new HashSet<>();
  private Revision upTo;
  private Revision reached;

  /**
   * @param upTo everything up to this revision is known
   */
  public DeliveredChanges(Revision upTo) {
    this.upTo = upTo;
    this.reached = upTo;
  }

  /** Whether the message is new to the subscriber, who receives it now. */
  boolean isNew(Message message) {
    int index = Math.toIntExact(message.index().number());
    boolean isNew = message.addedRevision().isAfter(upTo) && !messages.get(index);
    messages.set(index);
    return isNew;
  }

  /** Whether the subscriber does not know yet that they joined, and learns it now. */
  boolean isNew(Participant participant) {
    if (!participant.joined()) {
      participants.remove(participant.sid()); // they may come back
      return false;
    }
    return participants.add(participant.sid()) && participant.joinedRevision().isAfter(upTo);
  }

  /**
   * Records that the log was delivered up to a revision.
   *
   * @param more whether the log goes on after this part; if this part has nothing new, the part
   *     before it remains the last one
   */
  public void reach(Revision revision, boolean more) {
    boolean isFurther = revision.isAfter(reached);
    reached = revision;
    if (isFurther && !more) {
      upTo = revision;
      messages.clear();
      participants.clear();
    }
  }
}
