package parlour.conversations;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.http.json.JsonText;

/**
 * The store of conversations. Every change takes the conversation's next revision in its own
 * transaction. A conversation of another account does not exist: each method that names an account
 * answers as if there were none. Every method throws {@link parlour.store.StoreUnavailable}.
 */
public interface ConversationStore {

  /**
   * Stores a new conversation, its first participant, the participant's first message and the
   * greeting, all or none of them.
   *
   * @param firstMessage the sid of the guest's first message, if there is one
   * @param greeting the sid of the greeting, if there is one
   * @return false if the conversation exists already, or was erased recently, because a repeated
   *     call must not restore it; nothing is changed then
   */
  boolean create(
      Conversations.NewConversation conversation,
      Sid.Participant participant,
      Sid.Message firstMessage,
      Sid.Message greeting,
      Instant now);

  Optional<Conversation> find(Sid.Account account, Sid.Conversation conversation);

  /**
   * The conversations of an account, the newest first. No change disturbs this order; see {@link
   * Page}.
   */
  Page<Conversations.Overview> list(
      Sid.Account account,
      Optional<Conversation.State> state,
      Optional<Conversations.Place> after,
      int limit);

  /** See {@link Conversations#inbox}. */
  InboxPage inbox(
      Sid.Account account,
      Sight sight,
      InboxList list,
      Optional<Conversations.Place> after,
      int limit);

  /**
   * Counts the conversations of a list of the inbox, which must not be one of a label or a filter.
   *
   * @param max the result for this many or more
   */
  int count(Sid.Account account, Sight sight, InboxList list, int max);

  /** See {@link Conversations#unread}. */
  int unread(Sid.Account account, Sight sight, InboxList list, int conversations);

  Optional<Conversations.Overview> overview(Sid.Account account, Sid.Conversation conversation);

  /** See {@link Conversations#ofGuest}. */
  Page<Conversations.Overview> ofGuest(
      Sid.Account account, Identity guest, Optional<Conversations.Place> after, int limit);

  /**
   * The record that a conversation changed, and when it last did.
   *
   * @param erased whether it was erased; known for {@link parlour.Limits#ERASURES_REMEMBERED}
   */
  record Changed(Sid.Conversation sid, Revision revision, Instant updated, boolean erased) {
    Conversations.Place place() {
      return new Conversations.Place(updated, sid);
    }
  }

  /**
   * The conversations of an account whose last change is after a cursor and until an instant, in
   * order.
   */
  List<Changed> changed(Sid.Account account, Conversations.Place after, Instant until, int limit);

  /**
   * The revisions of some conversations, without those that do not exist.
   *
   * @param conversations at most {@link Limits#WAKE_UP_CHECKS}
   */
  Map<Sid.Conversation, Revision> revisions(List<Sid.Conversation> conversations);

  /** Adds a message at the end, or finds the message that a repeated call added before. */
  Sent send(Sid.Account account, Sid.Message sid, Conversations.NewMessage message, Instant now);

  /**
   * Changes the content of a message; empty fields stay as they are.
   *
   * @return empty if there is no such message, or it was removed
   */
  Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes,
      Instant now);

  /**
   * Changes the content of a message for its author, a guest, within the bounds of {@link #send}.
   */
  EditOutcome editOwn(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity author,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes,
      Instant now);

  /** Deletes a message's content for its author, a guest, as {@link #remove} does. */
  EditOutcome removeOwn(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity author,
      Sid.Message message,
      Instant now);

  /** Deletes a message's content and keeps its place; empty if there is no such message. */
  Optional<Message> remove(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message, Instant now);

  Optional<Message> message(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message);

  /**
   * A page of messages, by index; empty if there is no such conversation. The page has fewer
   * messages than its limit, but at least one, if they would exceed {@link
   * parlour.Limits#PAGE_BYTES}.
   */
  Optional<Page<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page);

  /** A conversation with its participants and a page of its messages, all of one moment. */
  record Transcript(
      Conversation conversation, List<Participant> participants, Page<Message> messages) {}

  /** Empty if there is no such conversation. */
  Optional<Transcript> transcript(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page);

  /**
   * The messages that were added until a revision.
   *
   * @param end the index of the first message that was added later, or will be
   * @param count how many of them were neither changed later nor removed
   */
  record MessagesUntil(MessageIndex end, int count) {}

  MessagesUntil messagesUntil(Sid.Conversation conversation, Revision revision);

  /**
   * The number of messages after an index that were not removed; empty if more than {@link
   * Limits#UNREAD_COUNTED} messages come after it, removed ones included.
   *
   * @param until counts only messages that have not changed since this revision
   */
  Optional<Integer> unread(
      Sid.Conversation conversation, MessageIndex after, Optional<Revision> until);

  /** See {@link GuestConversations#speakers}; none if there is no such conversation. */
  List<GuestConversations.Speaker> speakers(Sid.Conversation conversation);

  /** Adds a participant, or adds one again who has left; see {@link Conversations#join}. */
  JoinOutcome join(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Participant sid,
      Conversations.NewParticipant participant,
      Instant now);

  /** False if there is no such participant, or they have left. */
  boolean leave(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant, Instant now);

  Optional<Participant> participant(
      Sid.Account account, Sid.Conversation conversation, Identity identity);

  /**
   * Everybody who is or was in the conversation, in the order in which they joined. Empty only if
   * there is no such conversation, because its guest stays a participant.
   */
  List<Participant> participants(Sid.Account account, Sid.Conversation conversation);

  /**
   * Changes a participant who has not left. The read index only grows, at most to the last message.
   *
   * @return the participant after that; empty if there is none
   */
  Optional<Participant> updateParticipant(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update,
      Instant now);

  /**
   * Moves the read index of the agents up, unless another agent than the reader works on the
   * conversation; false if there is no such conversation.
   */
  boolean readByInbox(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity reader,
      MessageIndex index,
      Instant now);

  /**
   * Changes a conversation completely or not at all.
   *
   * @param closedAfter a closed one may become active if it was closed after this instant; otherwise,
   *     and always if this is empty, the result is {@link UpdateOutcome.NotReopened}
   */
  UpdateOutcome update(
      Sid.Account account,
      Sid.Conversation conversation,
      Conversations.Update update,
      Optional<Instant> closedAfter,
      Instant now);

  /** The other conversations of a guest, the newest first, at most {@code limit}. */
  Page<Conversations.Overview> othersOf(
      Sid.Account account, Sid.Conversation conversation, int limit);

  /**
   * Removes a conversation and everything that belongs to it, and records the erasure; false if
   * there is none.
   */
  boolean erase(Sid.Account account, Sid.Conversation conversation, Instant now);

  /** Does the same, but returns false if the conversation changed at that instant or later. */
  boolean eraseQuiet(
      Sid.Account account, Sid.Conversation conversation, Instant since, Instant now);

  /** Whether a conversation was erased, as long as the record of the erasure is kept. */
  boolean wasErased(Sid.Account account, Sid.Conversation conversation);

  /** Deletes records of erasures from before an instant; returns how many. */
  int deleteErasureRecords(Instant before);

  /** Conversations of a deployment whose last change is before an instant, the oldest first. */
  List<Sid.Conversation> quiet(
      Sid.Account account, Sid.Deployment deployment, Instant since, int limit);

  /** Conversations of an address whose last change is before an instant, the oldest first. */
  List<Sid.Conversation> quiet(Sid.Account account, Sid.Address address, Instant since, int limit);

  /**
   * Closes a conversation for a participant who ends it; false if they are not in it, or it is
   * closed already.
   */
  boolean close(Sid.Account account, Sid.Conversation conversation, Identity identity, Instant now);

  /**
   * Reopens a conversation for a participant who is in it.
   *
   * @param closedAfter as for {@link #update}
   */
  UpdateOutcome reopen(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      Optional<Instant> closedAfter,
      Instant now);

  /**
   * The changes after a revision; empty if there is no such conversation.
   *
   * @param limit maximum number of messages
   * @param amount maximum JSON of these messages
   */
  Optional<Changes> changes(
      Sid.Account account, Sid.Conversation conversation, Revision after, int limit, Amount amount);

  /**
   * Changes and the participant who reads them, read in one transaction: if the changes contain one
   * that came after the participant's removal, the participant is marked as removed.
   *
   * @param reader empty if there is no such participant, or nothing to read
   */
  record ChangesFor(Changes changes, Optional<Participant> reader) {}

  /** Reads {@link #changes} together with the participant who reads them, if there is a change. */
  Optional<ChangesFor> changesFor(
      Identity reader,
      Sid.Account account,
      Sid.Conversation conversation,
      Revision after,
      int limit,
      Amount amount);
}
