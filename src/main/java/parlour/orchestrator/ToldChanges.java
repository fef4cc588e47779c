package parlour.orchestrator;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import parlour.Sid;
import parlour.conversations.Message;
import parlour.conversations.Participant;

/**
 * What one follower was told. A log that comes in parts, by the last change of each thing, tells a
 * message that was edited later than it comes in its order: that one is new to the follower all the
 * same, and those that were told in an earlier part are not.
 */
final class ToldChanges {
  private final BitSet messages = new BitSet();
  private final Set<Sid.Participant> participants = new HashSet<>();
  private long upTo;
  private long reached;

  /**
   * @param upTo everything up to this revision is known
   */
  ToldChanges(long upTo) {
    this.upTo = upTo;
    this.reached = upTo;
  }

  /** Whether the message is new to the follower, who is told it now. */
  boolean isNew(Message message) {
    int index = Math.toIntExact(message.index());
    boolean isNew = message.addedRevision() > upTo && !messages.get(index);
    messages.set(index);
    return isNew;
  }

  /** Whether the follower does not know that they joined; they are told it now. */
  boolean isNew(Participant participant) {
    if (!participant.joined()) {
      participants.remove(participant.sid()); // they may come back
      return false;
    }
    return participants.add(participant.sid()) && participant.joinedRevision() > upTo;
  }

  /**
   * What was read of the log was told, up to a revision.
   *
   * @param more whether this was a part, after which the log goes on; where nothing new was told, a
   *     part of before is the last one still
   */
  void reach(long revision, boolean more) {
    boolean isFurther = revision > reached;
    reached = revision;
    if (isFurther && !more) {
      upTo = revision;
      messages.clear();
      participants.clear();
    }
  }
}
