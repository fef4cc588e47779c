package parlour.conversations;

import java.util.List;
import parlour.scopedauth.Guest;

/**
 * What a guest may read of a conversation that they were removed from: what there was then.
 *
 * @param revision the conversation's revision when they left
 * @param nextIndex the index of the first message that is not for them
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

  /** For them it has ended, and its revision tells nothing of what goes on. */
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
            true); // what changed since may be that they left
  }

  /** Such a page, which begins before what is not for them. */
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
   * Of one that was edited since only its place is left: its words of now are not for them, and those
   * of then are not kept. It bears its first revision, so that a browser that knows those keeps them.
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
