package parlour.conversations;

import java.util.List;
import parlour.scopedauth.Guest;

/**
 * The part of a conversation that a guest can still read after their removal: its state at that time.
 *
 * @param removal the removal
 * @param visible the messages that they can read
 */
record RemovedGuestView(Version removal, ConversationStore.MessagesUntil visible) {

  static RemovedGuestView of(Participant removed, ConversationStore store) {
    return new RemovedGuestView(
        removed.changed(), store.messagesUntil(removed.conversation(), removed.revision()));
  }

  /**
   * @param messages those of {@link #page} of the page that was asked for
   */
  GuestConversations.History history(
      Guest guest,
      ConversationStore.Transcript transcript,
      List<Message> messages,
      PageOfMessages asked) {
    List<Message> page = messages(messages);
    return new GuestConversations.History(
        conversation(transcript.conversation()),
        guest.identity(),
        participants(transcript.participants()),
        page,
        asked.goesOn(page, visible.end()));
  }

  /** Closed, and at a revision that does not reveal later changes. */
  Conversation conversation(Conversation now) {
    return now.closed(removal, visible);
  }

  List<Participant> participants(List<Participant> now) {
    return now.stream()
        .filter(one -> !one.joinedRevision().isAfter(removal.revision()))
        .map(this::participant)
        .toList();
  }

  private Participant participant(Participant now) {
    return now.revision().isAfter(removal.revision()) ? now.at(removal, visible.end()) : now;
  }

  /** The same page, without the messages that they cannot read. */
  PageOfMessages page(PageOfMessages asked) {
    return switch (asked) {
      case PageOfMessages.Before(MessageIndex index, int limit) ->
        new PageOfMessages.Before(index.earlierOf(visible.end()), limit);
      case PageOfMessages.After after -> after;
    };
  }

  List<Message> messages(List<Message> now) {
    return now.stream()
        .filter(message -> message.index().isBefore(visible.end()))
        .map(this::message)
        .toList();
  }

  /**
   * Leaves only the place of a message that was edited later: its new content is not for them, and
   * its old content is not stored. It has its first revision, so that a browser which knows the old
   * content keeps it.
   */
  Message message(Message now) {
    return now.revision().isAfter(removal.revision()) && !now.removed()
        ? now.withoutContent()
        : now;
  }
}
