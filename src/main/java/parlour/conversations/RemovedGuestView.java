package parlour.conversations;

import java.util.List;
import parlour.scopedauth.Guest;

/**
 * The part of a conversation that a guest can still read after their removal: its state at that time.
 *
 * @param revision the conversation's revision at the removal
 * @param nextIndex the index of the first message that they cannot read
 */
record RemovedGuestView(Revision revision, MessageIndex nextIndex) {

  static RemovedGuestView of(Participant removed, ConversationStore store) {
    return new RemovedGuestView(
        removed.revision(), store.nextIndex(removed.conversation(), removed.revision()));
  }

  /**
   * @param messages those of {@link #page} of the page that was asked for
   */
  GuestConversations.History history(
      Guest guest,
      ConversationStore.Transcript transcript,
      List<Message> messages,
      PageOfMessages page) {
    List<Message> visible = messages(messages);
    return new GuestConversations.History(
        conversation(transcript.conversation()),
        guest.identity(),
        participants(transcript.participants()),
        visible,
        page.goesOn(visible, nextIndex));
  }

  /** Closed, and at a revision that does not reveal later changes. */
  Conversation conversation(Conversation now) {
    return now.closed(now.revision().earlierOf(revision), nextIndex);
  }

  List<Participant> participants(List<Participant> now) {
    return now.stream()
        .filter(one -> !one.joinedRevision().isAfter(revision))
        .map(this::participant)
        .toList();
  }

  private Participant participant(Participant now) {
    return !now.revision().isAfter(revision)
        ? now
        : new Participant(
            now.sid(),
            now.conversation(),
            now.identity(),
            now.kind(),
            now.name(),
            now.readIndex().earlierOf(nextIndex.previous()),
            now.joinedRevision(),
            revision,
            now.created(),
            true); // the later change may be that they left
  }

  /** The same page, without the messages that they cannot read. */
  PageOfMessages page(PageOfMessages asked) {
    return switch (asked) {
      case PageOfMessages.Before(MessageIndex index, int limit) ->
        new PageOfMessages.Before(index.earlierOf(nextIndex), limit);
      case PageOfMessages.After after -> after;
    };
  }

  List<Message> messages(List<Message> now) {
    return now.stream()
        .filter(message -> message.index().isBefore(nextIndex))
        .map(this::message)
        .toList();
  }

  /**
   * Leaves only the place of a message that was edited later: its new content is not for them, and
   * its old content is not stored. It has its first revision, so that a browser which knows the old
   * content keeps it.
   */
  Message message(Message now) {
    return !now.revision().isAfter(revision) || now.removed()
        ? now
        : new Message(
            now.sid(),
            now.conversation(),
            now.index(),
            now.author(),
            now.authorKind(),
            now.authorName(),
            "",
            "{}",
            now.clientId(),
            now.created(),
            now.created(),
            now.addedRevision(),
            now.addedRevision(),
            true);
  }
}
