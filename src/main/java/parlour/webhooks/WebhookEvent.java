package parlour.webhooks;

import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.conversations.Conversation;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Message;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.http.json.JsonText;

/**
 * One event, as it is sent: a change of a conversation, and the changed object in its current state.
 *
 * @param eventId the same each time that this event is sent; can be used as a message's client id
 * @param revision the conversation's; higher than that of the event before
 */
record WebhookEvent(
    String eventId,
    EventType type,
    String accountSid,
    String addressSid,
    @Nullable String conversationSid,
    Revision revision,
    @Nullable ConversationPart conversation,
    @Nullable ParticipantForm participant,
    @Nullable MessageForm message) {

  /** The type of an event; its text is the name in the API. */
  enum EventType {
    CONVERSATION_CREATED("conversation.created"),
    CONVERSATION_CLOSED("conversation.closed"),
    CONVERSATION_REOPENED("conversation.reopened"),
    PARTICIPANT_JOINED("participant.joined"),
    PARTICIPANT_LEFT("participant.left"),
    MESSAGE_ADDED("message.added"),
    MESSAGE_EDITED("message.edited"),
    MESSAGE_REMOVED("message.removed"),
    TEST("test");

    private final String text;

    EventType(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }

    private boolean isOfConversation() {
      return switch (this) {
        case CONVERSATION_CREATED, CONVERSATION_CLOSED, CONVERSATION_REOPENED -> true;
        case PARTICIPANT_JOINED,
            PARTICIPANT_LEFT,
            MESSAGE_ADDED,
            MESSAGE_EDITED,
            MESSAGE_REMOVED,
            TEST -> false;
      };
    }
  }

  /** A conversation, as webhooks receive it. */
  record ConversationPart(
      String sid,
      String state,
      JsonText attributes,
      JsonText preEngagementData,
      String dateCreated) {

    static ConversationPart of(Conversation conversation) {
      return new ConversationPart(
          conversation.sid().text(),
          conversation.state().word(),
          conversation.attributes(),
          conversation.preEngagementData(),
          conversation.created().toString());
    }
  }

  /** The first event of a conversation, with the guest who started it. */
  static WebhookEvent created(Conversation conversation, @Nullable Participant guest) {
    return of(EventType.CONVERSATION_CREATED, conversation, Revision.CREATED, guest, null);
  }

  /** Closed, or reopened. */
  static WebhookEvent state(
      Conversation conversation, Conversation.State state, Revision revision) {
    EventType type = switch (state) {
      case CLOSED -> EventType.CONVERSATION_CLOSED;
      case ACTIVE -> EventType.CONVERSATION_REOPENED;
    };
    return of(type, conversation, revision, null, null);
  }

  static WebhookEvent joined(Conversation conversation, Participant participant) {
    return of(
        EventType.PARTICIPANT_JOINED,
        conversation,
        participant.joinedRevision(),
        participant,
        null);
  }

  static WebhookEvent left(Conversation conversation, Participant participant) {
    return of(EventType.PARTICIPANT_LEFT, conversation, participant.revision(), participant, null);
  }

  static WebhookEvent added(Conversation conversation, Message message) {
    return of(EventType.MESSAGE_ADDED, conversation, message.addedRevision(), null, message);
  }

  /** Edited, or removed. */
  static WebhookEvent changed(Conversation conversation, Message message) {
    EventType type = message.removed() ? EventType.MESSAGE_REMOVED : EventType.MESSAGE_EDITED;
    return of(type, conversation, message.revision(), null, message);
  }

  /** The event that an operator sends to check the webhook. */
  static WebhookEvent test(Accounts.Address address, String id) {
    return new WebhookEvent(
        id,
        EventType.TEST,
        address.account().text(),
        address.sid().text(),
        null,
        Revision.NONE,
        null,
        null,
        null);
  }

  private static WebhookEvent of(
      EventType type,
      Conversation conversation,
      Revision revision,
      @Nullable Participant participant,
      @Nullable Message message) {
    Sid.Conversation sid = conversation.sid();
    return new WebhookEvent(
        "%s-%d-%s".formatted(sid.text(), revision.number(), type.text().replace('.', '-')),
        type,
        conversation.account().text(),
        conversation.address().text(),
        sid.text(),
        revision,
        type.isOfConversation() ? ConversationPart.of(conversation) : null,
        participant == null ? null : ParticipantForm.of(participant),
        message == null ? null : MessageForm.of(message));
  }
}
