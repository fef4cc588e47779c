package parlour.conversations;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.http.json.JsonText;

/**
 * The changes of a conversation after a revision: each changed item once, as it is now, in the
 * order of their last changes.
 *
 * @param upTo the revision that a reader has reached with these; the next read starts after it
 * @param more whether there is more after {@code upTo}; if there is no change in this part, the
 *     next item is larger than the requested {@link Amount}
 */
public record Changes(List<Change> changes, Revision upTo, boolean more) {

  /** Whether there is nothing in it, and nothing after it. */
  boolean isEmpty() {
    return changes.isEmpty() && !more;
  }

  /** An item that changed. */
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

    /**
     * @param since when it got this state; its revision is the change by which the reader learns it
     * @param ended when it was closed; empty if it is open, or closed only for a guest who was removed
     *     from it
     */
    record OfState(Conversation.State state, Version since, Optional<Instant> ended)
        implements Change {
      @Override
      public Revision revision() {
        return since.revision();
      }

      /**
       * @param revision the change by which the reader learns the state
       */
      static OfState of(Conversation conversation, Revision revision) {
        Instant since = conversation.status().since().at();
        return new OfState(
            conversation.state(), new Version(revision, since), conversation.ended());
      }
    }

    /**
     * The attributes, or how far the agents have read; not those with which it was created.
     *
     * @param changed its time is that of the last change of anything in the conversation
     */
    record OfConversation(JsonText attributes, MessageIndex inboxReadIndex, Version changed)
        implements Change {
      @Override
      public Revision revision() {
        return changed.revision();
      }
    }
  }
}
