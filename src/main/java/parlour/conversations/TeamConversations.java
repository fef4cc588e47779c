package parlour.conversations;

import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * The work of an account's agents on its conversations. Guests and webhooks receive none of it.
 *
 * <p>Every method throws {@link parlour.Unavailable} in an outage. A conversation of another
 * account does not exist here. A change is durable before it is published.
 */
public interface TeamConversations {

  /**
   * Changes which agent works on a conversation, if it is still the expected one: of two agents who
   * claim it at the same time, one succeeds. The agent who worked on it before leaves it, which its
   * guest sees.
   *
   * @param by the agent who makes the change
   * @param from the agent who is expected to work on it; empty for none
   * @param to the agent who works on it afterwards; empty for none
   */
  AssignOutcome assign(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity by,
      Optional<Identity> from,
      Optional<Identity> to);

  /**
   * Gives a label to a conversation.
   *
   * @param by the agent who makes the change
   */
  LabelOutcome label(Sid.Account account, Sid.Conversation conversation, Identity by, String label);

  /** Removes a label from a conversation; see {@link #label}. */
  LabelOutcome unlabel(
      Sid.Account account, Sid.Conversation conversation, Identity by, String label);

  /**
   * A note that an agent writes.
   *
   * @param clientId unique among the agent's notes; a repeated call with it adds nothing
   */
  record NewNote(Identity author, String authorName, String body, String clientId) {}

  /** Adds a note to a conversation. */
  NoteOutcome addNote(Sid.Account account, Sid.Conversation conversation, NewNote note);

  /**
   * Removes the text of a note.
   *
   * @param added the revision that added it
   * @param author whose note it must be
   * @return false if the author has no such note
   */
  boolean removeNote(
      Sid.Account account, Sid.Conversation conversation, Revision added, Identity author);

  /** The notes that were added or changed after a revision, in the order of their last changes. */
  Page<Note> notes(Sid.Account account, Sid.Conversation conversation, Revision after);

  /** The changes in the history of a conversation after a revision, in their order. */
  Page<TeamEvent> history(Sid.Account account, Sid.Conversation conversation, Revision after);

  /**
   * Lets an agent leave active conversations of the account, because they were removed. The guests
   * see it. A closed conversation stays as it is: a change would delay its erasure.
   *
   * @return how many they left; {@link parlour.Limits#LEFT_AT_ONCE} if there may be more
   */
  int leaveAll(Sid.Account account, Identity agent);

  /** The labels that conversations of the account have, the first in alphabetical order. */
  List<String> labels(Sid.Account account);

  /**
   * Finds the conversations of an account in which a message with the names of its files, a note,
   * or the name of the guest has all of some words. Words in quotation marks must follow each
   * other, and the last word can be the beginning of one. A change can be found after {@link
   * parlour.Limits#SEARCH_UPDATE}.
   *
   * @param sight conversations of its hidden desks are not found
   * @param words at most {@link parlour.Limits#SEARCH_CHARACTERS}
   * @param after where the page begins, as the page before says
   * @throws parlour.TooManyRequests if other searches of the account take too long
   */
  SearchPage search(Sid.Account account, Sight sight, String words, Optional<Long> after);
}
