package parlour.conversations;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * The store of what the agents of an account note at its conversations. Each change takes the
 * conversation's next revision in its own transaction. Every method throws {@link
 * parlour.store.StoreUnavailable}.
 */
public interface TeamStore {

  /** See {@link TeamConversations#assign}. */
  AssignOutcome assign(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity by,
      Optional<Identity> from,
      Optional<Identity> to,
      Instant now);

  /** See {@link TeamConversations#label}. */
  LabelOutcome label(
      Sid.Account account, Sid.Conversation conversation, Identity by, String label, Instant now);

  /** See {@link TeamConversations#unlabel}. */
  LabelOutcome unlabel(
      Sid.Account account, Sid.Conversation conversation, Identity by, String label, Instant now);

  /** See {@link TeamConversations#addNote}. */
  NoteOutcome addNote(
      Sid.Account account,
      Sid.Conversation conversation,
      TeamConversations.NewNote note,
      Instant now);

  /** See {@link TeamConversations#removeNote}. */
  boolean removeNote(
      Sid.Account account,
      Sid.Conversation conversation,
      Revision added,
      Identity author,
      Instant now);

  /** See {@link TeamConversations#notes}. */
  Page<Note> notes(Sid.Account account, Sid.Conversation conversation, Revision after);

  /** See {@link TeamConversations#history}. */
  Page<TeamEvent> history(Sid.Account account, Sid.Conversation conversation, Revision after);

  /**
   * The active conversations of an account that an agent is in.
   *
   * @param limit how many are returned at most
   */
  List<Sid.Conversation> joinedBy(Sid.Account account, Identity agent, int limit);

  /** Lets an agent leave a conversation; false if they are not in it. */
  boolean leave(Sid.Account account, Sid.Conversation conversation, Identity agent, Instant now);

  /** See {@link TeamConversations#labels}. */
  List<String> labels(Sid.Account account);

  /** See {@link TeamConversations#search}. */
  SearchPage search(Sid.Account account, Sight sight, String words, Optional<Long> after);
}
