package parlour.conversations;

import java.util.List;

/**
 * What happened to a conversation after some revision, each thing once and as it is now, in the
 * order of its last change.
 *
 * @param upTo the revision that a reader knows with these; where to go on
 * @param more whether there is more after {@code upTo}; if there is no change in this part, the
 *     next message is larger than the requested {@link Amount}
 */
public record Changes(List<Change> changes, Revision upTo, boolean more) {

  /** One thing that changed. */
  public sealed interface Change {
    Revision revision();

    record OfMessage(Message message) implements Change {
      @Override
      public Revision revision() {
        return message.revision();
      }
    }

    record OfParticipant(Participant participant) implements Change {
      @Override
      public Revision revision() {
        return participant.revision();
      }
    }

    record OfState(Conversation.State state, Revision revision) implements Change {}
  }
}
