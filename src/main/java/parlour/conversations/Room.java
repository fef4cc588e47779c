package parlour.conversations;

import parlour.Limits;
import parlour.http.json.JsonSize;

/** Counts the items of a page, in bytes of JSON. */
final class Room {
  private final int max;
  private final boolean oneAtLeast;
  private int taken;
  private boolean full;

  /**
   * @param oneAtLeast whether the first item fits, whatever its length
   */
  Room(int max, boolean oneAtLeast) {
    this.max = max;
    this.oneAtLeast = oneAtLeast;
  }

  /** Whether an item did not fit: no item after it is taken, however small. */
  boolean isFull() {
    return full;
  }

  /** The bytes of the items that it has taken. */
  int taken() {
    return taken;
  }

  boolean takes(Message message) {
    return takes(size(message));
  }

  boolean takes(Conversations.Overview overview) {
    return takes(size(overview));
  }

  boolean takes(Conversation.Details details) {
    return takes(JsonSize.of(details.attributes().text()));
  }

  private boolean takes(int bytes) {
    if (full || (taken + bytes > max && (taken > 0 || !oneAtLeast))) {
      full = true;
      return false;
    }
    taken += bytes;
    return true;
  }

  private static int size(Message message) {
    return Limits.MESSAGE_ENVELOPE_BYTES
        + JsonSize.of(message.body())
        + JsonSize.of(message.attributes().text())
        + JsonSize.of(message.author().identity().text())
        + JsonSize.of(message.author().name());
  }

  private static int size(Conversations.Overview overview) {
    Conversation conversation = overview.conversation();
    return Limits.OVERVIEW_ENVELOPE_BYTES
        + JsonSize.of(conversation.preEngagementData().text())
        + JsonSize.of(conversation.attributes().text())
        + overview.lastMessage().map(Room::size).orElse(0);
  }
}
