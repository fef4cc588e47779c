package parlour.realtime;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import parlour.Sid;
import parlour.conversations.Message;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.realtime.SyncEvents.Change;

/**
 * One client's subscription to one Sync object: decides whether the client learns of an item for the
 * first time. The client drops the update of an item that it does not know, so that an item must be
 * said to be added, whatever happened to it since.
 */
final class Subscription {
  private final SyncObject object;
  private final Revision known;
  private final BitSet messages = new BitSet();
  private final Set<Sid.Participant> participants = new HashSet<>();

  /**
   * @param known the client knows every item that was added up to this revision
   */
  Subscription(SyncObject object, Revision known) {
    this.object = object;
    this.known = known;
  }

  SyncObject object() {
    return object;
  }

  /** How the client learns of this state of a message. */
  Change changeOf(Message message) {
    if (message.removed()) {
      return Change.REMOVED;
    }
    if (!isNew(message)) {
      return Change.UPDATED;
    }
    messages.set(Math.toIntExact(message.index().number()));
    return Change.ADDED;
  }

  /** Whether the client does not know the message yet. */
  boolean isNew(Message message) {
    return message.addedRevision().isAfter(known)
        && !messages.get(Math.toIntExact(message.index().number()));
  }

  /**
   * How the client learns of this state of a participant.
   *
   * @param isShown whether the roster has the participant
   */
  Change changeOf(Participant participant, boolean isShown) {
    if (!isShown) {
      participants.remove(participant.sid()); // they may come back
      return Change.REMOVED;
    }
    return participant.joinedRevision().isAfter(known) && participants.add(participant.sid())
        ? Change.ADDED
        : Change.UPDATED;
  }
}
