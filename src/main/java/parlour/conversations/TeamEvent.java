package parlour.conversations;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import parlour.Identity;

/**
 * A change in the history of a conversation, which only agents see.
 *
 * @param revision the revision of the conversation that made it: its place among the messages
 * @param by the agent or the guest who made it; empty if the account's own server did
 * @param about the agent who works on the conversation after {@link Kind#ASSIGNED}, empty for none;
 *     the participant who joined or left
 * @param label the label that was given or removed
 */
public record TeamEvent(
    Revision revision,
    Kind kind,
    Optional<Identity> by,
    Optional<Identity> about,
    Optional<String> label,
    Instant at) {

  /** The kinds of changes that the history has. */
  public enum Kind {
    ASSIGNED,
    JOINED,
    LEFT,
    CLOSED,
    REOPENED,
    LABELLED,
    UNLABELLED;

    boolean isOfLabel() {
      return switch (this) {
        case LABELLED, UNLABELLED -> true;
        case ASSIGNED, JOINED, LEFT, CLOSED, REOPENED -> false;
      };
    }

    /** The word for it in the store and on the wire of the inbox. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Kind of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }
}
