package parlour.realtime;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import parlour.conversations.MessageIndex;
import parlour.conversations.Revision;

/** Makes the payloads of Sync notifications, each with one event. */
final class SyncEvents {
  /** The message type of a notification with an event of a Sync object. */
  static final String EVENT = "twilio.sync.event";

  /** The same of a participant who is typing. */
  static final String TYPING = "twilio.ipmsg.typing_indicator";

  private SyncEvents() {}

  /** A change of an item or of an object. */
  enum Change {
    ADDED,
    UPDATED,
    REMOVED;

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static JsonObject document(SyncObject object, Revision id, JsonObject data, Instant at) {
    return event(
        "document_updated",
        0,
        with(object, id, at).with("document_data", data).with("document_revision", text(id)));
  }

  static JsonObject listItem(
      SyncObject object,
      Change change,
      Revision id,
      MessageIndex index,
      JsonObject data,
      Instant at) {
    return event(
        "list_item_" + change.word(),
        0,
        with(object, id, at)
            .with("item_index", index.number())
            .with("item_data", data)
            .with("item_revision", text(id))
            .with("list_revision", text(id))
            .with("item_url", object.url() + "/Items/" + index.number()));
  }

  static JsonObject mapItem(
      SyncObject object, Change change, Revision id, String key, JsonObject data, Instant at) {
    return event(
        "map_item_" + change.word(),
        0,
        with(object, id, at)
            .with("item_key", key)
            .with("item_data", data)
            .with("item_revision", text(id))
            .with("map_revision", text(id))
            .with("item_url", object.url() + "/Items/" + key));
  }

  private static JsonObject with(SyncObject object, Revision id, Instant at) {
    return new JsonObject()
        .with("id", id.number())
        .with("date_created", at.toString())
        .with("date_expires", null)
        .with(object.kind().word() + "_sid", object.sid());
  }

  static JsonObject established(String sid, Revision upTo, long correlation) {
    return event(
        "subscription_established",
        correlation,
        new JsonObject()
            .with("object_sid", sid)
            .with("replay_status", "completed")
            .with("last_event_id", upTo.number()));
  }

  static JsonObject canceled(String sid, long correlation) {
    return event("subscription_canceled", correlation, new JsonObject().with("object_sid", sid));
  }

  static JsonObject failed(String sid, long correlation) {
    return event(
        "subscription_failed",
        correlation,
        new JsonObject()
            .with("object_sid", sid)
            .with(
                "error",
                new JsonObject()
                    .with("status", 404)
                    .with("code", 54100)
                    .with("message", "There is no such Sync object.")));
  }

  private static JsonObject event(String type, long correlation, JsonObject event) {
    return new JsonObject()
        .with("event_type", type)
        .with("correlation_id", correlation)
        .with("event_protocol_version", 4)
        .with("events", List.of(event.members()));
  }

  private static String text(Revision revision) {
    return String.valueOf(revision.number());
  }

  /** The item or the root of an object, as a page or a root has it. */
  static JsonObject resource(
      String name, Object key, String url, Revision revision, Instant created, Instant updated) {
    return new JsonObject()
        .with(name, key)
        .with("last_event_id", revision.number())
        .with("revision", text(revision))
        .with("url", url)
        .with("date_created", created.toString())
        .with("date_updated", updated.toString())
        .with("date_expires", null);
  }
}
