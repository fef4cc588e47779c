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

/**
 * One event, as it is sent: what happened at a revision of a conversation, and the thing it happened
 * to as it is when it is sent.
 *
 * @param eventId the same each time that this event is sent; it can be a message's client id
 * @param revision the conversation's; each event of it has a higher one than the event before
 */
record WebhookEvent(
    String eventId,
    String type,
    String accountSid,
    String addressSid,
    @Nullable String conversationSid,
    Revision revision,
    @Nullable ConversationPart conversation,
    @Nullable ParticipantForm participant,
    @Nullable MessageForm message) {

  /** A conversation, to whom it is told. */
  record ConversationPart(
      String sid, String state, String attributes, String preEngagementData, String dateCreated) {

    static ConversationPart of(Conversation conversation) {
      return new ConversationPart(
          conversation.sid().text(),
          conversation.state().word(),
          conversation.attributes(),
          conversation.preEngagementData(),
          conversation.created().toString());
    }
  }

  /** The first event of a conversation, with the guest who began it. */
  static WebhookEvent created(Conversation conversation, @Nullable Participant guest) {
    return of("conversation.created", conversation, Revision.CREATED, guest, null);
  }

  /** Closed, or reopened. */
  static WebhookEvent state(
      Conversation conversation, Conversation.State state, Revision revision) {
    boolean closed = state == Conversation.State.CLOSED;
    return of(
        closed ? "conversation.closed" : "conversation.reopened",
        conversation,
        revision,
        null,
        null);
  }

  static WebhookEvent joined(Conversation conversation, Participant participant) {
    return of("participant.joined", conversation, participant.joinedRevision(), participant, null);
  }

  static WebhookEvent left(Conversation conversation, Participant participant) {
    return of("participant.left", conversation, participant.revision(), participant, null);
  }

  static WebhookEvent added(Conversation conversation, Message message) {
    return of("message.added", conversation, message.addedRevision(), null, message);
  }

  /** Edited, or removed. */
  static WebhookEvent changed(Conversation conversation, Message message) {
    String type = message.removed() ? "message.removed" : "message.edited";
    return of(type, conversation, message.revision(), null, message);
  }

  /** What an operator sends to see whether anybody is there. */
  static WebhookEvent test(Accounts.Address address, String id) {
    return new WebhookEvent(
        id,
        "test",
        address.account().text(),
        address.sid().text(),
        null,
        Revision.NONE,
        null,
        null,
        null);
  }

  private static WebhookEvent of(
      String type,
      Conversation conversation,
      Revision revision,
      @Nullable Participant participant,
      @Nullable Message message) {
    Sid.Conversation sid = conversation.sid();
    boolean whole = type.startsWith("conversation.");
    return new WebhookEvent(
        "%s-%d-%s".formatted(sid.text(), revision.number(), type.replace('.', '-')),
        type,
        conversation.account().text(),
        conversation.address().text(),
        sid.text(),
        revision,
        whole ? ConversationPart.of(conversation) : null,
        participant == null ? null : ParticipantForm.of(participant),
        message == null ? null : MessageForm.of(message));
  }
}
