package parlour.webhooks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.conversations.Changes;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Page;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Revision;
import parlour.conversations.Version;
import parlour.webhooks.WebhookStore.DeliveryCursor;

/**
 * The events of a conversation that were not delivered yet, in order.
 *
 * @param upTo the cursor after their delivery
 * @param more whether there are more events after them
 */
record PendingEvents(List<ConversationEvent> all, DeliveryCursor upTo, boolean more) {

  /** One event, and the cursor after its delivery. */
  record ConversationEvent(WebhookEvent event, DeliveryCursor cursor) {}

  /**
   * Reads the events after a cursor. The log has each object once, at its last change, so an edited
   * message is no longer at the place where it was added. Therefore added messages are read by
   * their index, and sorted with the other events afterwards.
   *
   * @return empty if the conversation does not exist
   */
  static Optional<PendingEvents> after(
      DeliveryCursor cursor, Conversations conversations, WebhookStore.Claim claim) {
    // First, because their last revision is the bound: later reads may be newer, and are cut off.
    Optional<Changes> changes = conversations.changes(
        claim.account(), claim.conversation(), cursor.revision(), Limits.FOLLOW_BATCH);
    Optional<Page<Message>> added = conversations.messages(
        claim.account(),
        claim.conversation(),
        new PageOfMessages.After(cursor.index(), Limits.MAX_PAGE));
    Optional<List<Participant>> participants =
        conversations.participants(claim.account(), claim.conversation());
    Optional<Conversation> conversation = conversations.find(claim.account(), claim.conversation());
    if (changes.isEmpty() || added.isEmpty() || participants.isEmpty() || conversation.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        of(cursor, conversation.get(), changes.get(), added.get(), participants.get()));
  }

  private static PendingEvents of(
      DeliveryCursor cursor,
      Conversation conversation,
      Changes changes,
      Page<Message> added,
      List<Participant> participants) {
    Revision from = cursor.revision().laterOf(Revision.CREATED);
    Revision upTo = added.more()
        ? changes.upTo().earlierOf(added.items().getLast().addedRevision())
        : changes.upTo();
    List<WebhookEvent> events = new ArrayList<>();
    if (Revision.CREATED.isAfter(cursor.revision())) {
      events.add(WebhookEvent.created(
          conversation,
          participants.stream()
              .filter(one -> one.kind() == ParticipantKind.GUEST)
              .findFirst()
              .orElse(null)));
    }
    for (Message message : added.items()) {
      if (message.addedRevision().isAfter(from)) {
        events.add(WebhookEvent.added(conversation, message));
      }
    }
    for (Participant one : participants) {
      if (one.joinedRevision().isAfter(from)) {
        events.add(WebhookEvent.joined(conversation, one));
      }
      if (!one.joined() && one.revision().isAfter(from)) {
        events.add(WebhookEvent.left(conversation, one));
      }
    }
    for (Changes.Change change : changes.changes()) {
      switch (change) {
        case Changes.Change.OfMessage(Message message) -> {
          if (message.revision().isAfter(message.addedRevision())) {
            events.add(WebhookEvent.changed(conversation, message));
          }
        }
        case Changes.Change.OfState(Conversation.State state, Version since, var _) -> {
          if (since.revision().isAfter(from)) {
            events.add(WebhookEvent.state(conversation, state, since.revision()));
          }
        }
        case Changes.Change.OfParticipant participant -> {} // read above, with when they joined
        case Changes.Change.OfConversation details -> {} // not an event
      }
    }
    events.removeIf(event -> event.revision().isAfter(upTo));
    events.sort(Comparator.comparing(WebhookEvent::revision));
    List<ConversationEvent> all = new ArrayList<>();
    MessageIndex index = cursor.index();
    for (WebhookEvent event : events) {
      if (event.type() == WebhookEvent.EventType.MESSAGE_ADDED && event.message() != null) {
        index = event.message().index();
      }
      all.add(new ConversationEvent(event, new DeliveryCursor(event.revision(), index)));
    }
    return new PendingEvents(
        List.copyOf(all), new DeliveryCursor(upTo, index), added.more() || changes.more());
  }
}
