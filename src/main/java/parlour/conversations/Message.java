package parlour.conversations;

import java.time.Instant;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * A message of a conversation.
 *
 * @param index its place among the conversation's messages, from 0 and without gaps
 * @param content empty if it was removed, and only its place is left
 * @param clientId the sender's own id of it, by which a repeated call is recognized
 * @param added when it was added
 * @param changed when it last changed; as {@code added} if it never did
 */
public record Message(
    Sid.Message sid,
    Sid.Conversation conversation,
    MessageIndex index,
    Author author,
    Optional<Content> content,
    Optional<String> clientId,
    Version added,
    Version changed) {

  /**
   * The sender.
   *
   * @param name the name that people see, as it was when the message was sent
   */
  public record Author(Identity identity, ParticipantKind kind, String name) {}

  /**
   * What it says.
   *
   * @param attributes the text of a JSON value that Parlour does not interpret
   */
  public record Content(String body, String attributes) {
    /** What the store and the APIs show of a message that was removed. */
    static final Content NONE = new Content("", "{}");

    /** Text without attributes. */
    public static Content of(String body) {
      return new Content(body, NONE.attributes());
    }
  }

  public String body() {
    return content.orElse(Content.NONE).body();
  }

  public String attributes() {
    return content.orElse(Content.NONE).attributes();
  }

  public boolean removed() {
    return content.isEmpty();
  }

  public Instant created() {
    return added.at();
  }

  public Instant updated() {
    return changed.at();
  }

  public Revision addedRevision() {
    return added.revision();
  }

  public Revision revision() {
    return changed.revision();
  }

  /** Only its place, as if nothing had happened to it since it was added. */
  Message withoutContent() {
    return new Message(sid, conversation, index, author, Optional.empty(), clientId, added, added);
  }
}
