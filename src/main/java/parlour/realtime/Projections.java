package parlour.realtime;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Participant;
import parlour.http.json.JsonText;
import parlour.media.Attachment;
import parlour.realtime.ConversationView.Speaker;

/** The JSON of conversations, messages and participants, as the client reads it. */
final class Projections {
  /** The client needs a role, and does nothing with it. */
  private static final String ROLE = "RL" + "0".repeat(32);

  private Projections() {}

  // ---- Data of Sync objects

  static JsonObject conversation(ConversationView view) {
    return new JsonObject()
        .with("messages", SyncObject.messages(view.sid()).name())
        .with("roster", SyncObject.roster(view.sid()).name())
        .with("friendlyName", null)
        .with("uniqueName", null)
        .with("attributes", view.attributes())
        .with("createdBy", "system")
        .with("dateCreated", view.created().toString())
        .with("dateUpdated", view.updated().toString())
        .with("state", state(view).with("dateUpdated", view.stateChanged().toString()))
        .with("lastMessage", lastMessage(view))
        .with("bindings", new JsonObject());
  }

  private static JsonObject state(ConversationView view) {
    return new JsonObject().with("current", view.state().word());
  }

  private static @Nullable JsonObject lastMessage(ConversationView view) {
    return view.lastMessage().equals(MessageIndex.NONE)
        ? null
        : new JsonObject()
            .with("index", view.lastMessage().number())
            .with("timestamp", view.lastMessageSent().toString());
  }

  static JsonObject message(Message message, ConversationView view) {
    JsonObject data = new JsonObject()
        .with("sid", message.sid().text())
        .with("author", message.author().identity().text())
        .with("text", message.body())
        .with("timestamp", message.created().toString())
        .with("dateUpdated", message.updated().toString())
        .with("lastUpdatedBy", message.author().identity().text())
        .with("attributes", message.attributes())
        .with("type", message.files().isEmpty() ? "text" : "media")
        .with("memberSid", view.memberSid(message.author().identity()));
    if (!message.files().isEmpty()) {
      data.with("medias", message.files().stream().map(Projections::media).toList())
          .with("media", media(message.files().getFirst()));
    }
    return data;
  }

  private static Map<String, Object> media(Attachment file) {
    return new JsonObject()
        .with("sid", file.sid().text())
        .with("category", file.category())
        .with("filename", file.filename())
        .with("contentType", file.contentType())
        .with("size", file.size())
        .members();
  }

  static JsonObject participant(Participant participant, ConversationView view) {
    return person(
        participant.identity(),
        participant.read(),
        participant.attributes(),
        participant.created(),
        participant.updated(),
        view);
  }

  static JsonObject participant(Speaker speaker, ConversationView view) {
    Participant.ReadMark read = new Participant.ReadMark(view.inboxReadIndex(), Optional.empty());
    return person(speaker.author(), read, JsonText.EMPTY, view.created(), view.updated(), view);
  }

  private static JsonObject person(
      Identity identity,
      Participant.ReadMark read,
      JsonText attributes,
      Instant created,
      Instant updated,
      ConversationView view) {
    return new JsonObject()
        .with("identity", identity.text())
        .with("type", "chat")
        .with("roleSid", ROLE)
        .with("attributes", attributes)
        .with("dateCreated", created.toString())
        .with("dateUpdated", updated.toString())
        .with("lastConsumedMessageIndex", numberOrNull(read.index()))
        .with("lastConsumptionTimestamp", read.at().map(Instant::toString).orElse(null))
        .with("userInfo", SyncObject.user(view.sid(), identity).name())
        .with("bindings", new JsonObject());
  }

  /** The items of a user's map. Participant and user are one here: a token has one conversation. */
  static Map<String, JsonObject> userItems(Participant participant) {
    return userItems(participant.name(), participant.attributes());
  }

  static Map<String, JsonObject> userItems(Speaker speaker) {
    return userItems(speaker.name(), JsonText.EMPTY);
  }

  private static Map<String, JsonObject> userItems(String name, JsonText attributes) {
    return Map.of(
        "friendlyName", new JsonObject().with("value", name),
        "attributes", new JsonObject().with("value", attributes));
  }

  static JsonObject myConversation(ConversationView view) {
    return new JsonObject()
        .with("status", "joined")
        .with("channel", SyncObject.conversation(view.sid()).name())
        .with("messages", SyncObject.messages(view.sid()).name())
        .with("roster", SyncObject.roster(view.sid()).name())
        .with("lastConsumedMessageIndex", numberOrNull(view.ownReadIndex()))
        .with("notificationLevel", "default");
  }

  // ---- Resources of REST

  /**
   * The conversation for its guest; unread messages are counted only where none was removed. No version
   * of the package takes their number from this answer.
   *
   * @param read how far the guest has read, which can be further than the view
   */
  static JsonObject conversationResource(ConversationView view, MessageIndex read) {
    return conversationResource(view, read, view.unread(read));
  }

  /**
   * The conversation for its guest.
   *
   * @param readIndex how far the guest has read, which can be further than the view
   * @param unread the number of messages after it, if that is known
   */
  static JsonObject conversationResource(
      ConversationView view, MessageIndex readIndex, OptionalLong unread) {
    Long read = numberOrNull(readIndex);
    return new JsonObject()
        .with("conversation_sid", view.sid().text())
        .with("status", "joined")
        .with("state", state(view))
        .with("friendly_name", null)
        .with("unique_name", null)
        .with("attributes", view.attributes())
        .with("created_by", "system")
        .with("date_created", view.created().toString())
        .with("date_updated", view.updated().toString())
        .with("notification_level", "default")
        .with("last_read_message_index", read)
        .with("last_consumed_message_index", read)
        .with("unread_messages_count", read == null || unread.isEmpty() ? null : unread.getAsLong())
        .with("messages_count", view.messages())
        .with("participants_count", view.shown().size() + view.speakers().size())
        .with(
            "sync_objects",
            new JsonObject()
                .with("conversation", SyncObject.conversation(view.sid()).name())
                .with("messages", SyncObject.messages(view.sid()).name())
                .with("participants", SyncObject.roster(view.sid()).name()));
  }

  static JsonObject messageResource(Message message, ConversationView view) {
    return new JsonObject()
        .with("sid", message.sid().text())
        .with("index", message.index().number())
        .with("conversation_sid", message.conversation().text())
        .with("author", message.author().identity().text())
        .with("body", message.body())
        .with("attributes", message.attributes())
        .with("participant_sid", view.memberSid(message.author().identity()))
        .with("date_created", message.created().toString())
        .with("date_updated", message.updated().toString())
        .with(
            "media",
            message.files().isEmpty()
                ? null
                : message.files().stream().map(Projections::mediaResource).toList());
  }

  private static Map<String, Object> mediaResource(Attachment file) {
    return new JsonObject()
        .with("sid", file.sid().text())
        .with("content_type", file.contentType())
        .with("size", file.size())
        .with("filename", file.filename())
        .with("category", file.category())
        .members();
  }

  static JsonObject userResource(Participant participant, ConversationView view) {
    return user(participant.identity(), participant.name(), participant.attributes(), view);
  }

  static JsonObject userResource(Speaker speaker, ConversationView view) {
    return user(speaker.author(), speaker.name(), JsonText.EMPTY, view);
  }

  private static JsonObject user(
      Identity identity, String name, JsonText attributes, ConversationView view) {
    return new JsonObject()
        .with("identity", identity.text())
        .with("friendly_name", name)
        .with("attributes", attributes)
        .with(
            "sync_objects",
            new JsonObject()
                .with("user_info_map", SyncObject.user(view.sid(), identity).name()));
  }

  /** A place among the messages; null where there is none yet. */
  static @Nullable Long numberOrNull(MessageIndex index) {
    return index.equals(MessageIndex.NONE) ? null : (Long) index.number();
  }
}
