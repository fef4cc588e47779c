package parlour.conversations;

import java.util.List;
import java.util.Optional;
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

  /** Empty if the conversation was erased meanwhile. */
  Optional<GuestConversations.History> history(
      Guest guest,
      ConversationStore.Transcript transcript,
      PageOfMessages page,
      ConversationStore store) {
    return messages(guest, page, store)
        .map(messages -> new GuestConversations.History(
            conversation(transcript.conversation()),
            guest.identity(),
            guest.sessionExpires(),
            participants(transcript.participants()),
            messages.items(),
            messages.more()));
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

  /** The first page from there on that has a message, and is not only one of removed ones. */
  private Optional<Page<Message>> messages(
      Guest guest, PageOfMessages asked, ConversationStore store) {
    PageOfMessages next = before(asked);
    while (true) {
      Optional<Page<Message>> found = store.messages(guest.account(), guest.conversation(), next);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      List<Message> all = found.get().items();
      boolean more = found.get().more()
          && switch (asked) {
            case PageOfMessages.Before _ -> true;
            case PageOfMessages.After _ ->
              all.getLast().index().isBefore(visible.end().previous());
          };
      Page<Message> page = new Page<>(messages(all, asked.removed()), more);
      if (!page.items().isEmpty() || !more) {
        return Optional.of(page);
      }
      next = next.next(all);
    }
  }

  /** The same page, without the messages that they cannot read. */
  private PageOfMessages before(PageOfMessages asked) {
    return switch (asked) {
      case PageOfMessages.Before(MessageIndex index, int limit, var removed) ->
        new PageOfMessages.Before(index.earlierOf(visible.end()), limit, removed);
      case PageOfMessages.After after -> after;
    };
  }

  private List<Message> messages(List<Message> now, PageOfMessages.Removed removed) {
    return now.stream()
        .filter(message -> message.index().isBefore(visible.end()))
        .map(this::message)
        .filter(message -> removed == PageOfMessages.Removed.SHOWN || !message.removed())
        .toList();
  }

  /** Whether they can read this message as it is now. */
  boolean shows(Message now) {
    return now.index().isBefore(visible.end()) && !now.revision().isAfter(removal.revision());
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
