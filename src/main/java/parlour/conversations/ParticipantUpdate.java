package parlour.conversations;

import java.util.Optional;
import parlour.http.json.JsonText;

/**
 * A change of a participant; empty fields stay as they are.
 *
 * @param name as the others see it
 * @param read the last message that they have read; a lower one than before changes nothing
 */
public record ParticipantUpdate(
    Optional<String> name, Optional<JsonText> attributes, Optional<MessageIndex> read) {

  /** Changes how they present themselves. */
  public static ParticipantUpdate profile(Optional<String> name, Optional<JsonText> attributes) {
    return new ParticipantUpdate(name, attributes, Optional.empty());
  }

  static ParticipantUpdate reading(MessageIndex index) {
    return new ParticipantUpdate(Optional.empty(), Optional.empty(), Optional.of(index));
  }
}
