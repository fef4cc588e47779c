package parlour.conversations;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.media.Attachment;

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
   * The content of a message.
   *
   * @param files its files, at most {@link parlour.Limits#MEDIA_PER_MESSAGE}; the body can be empty
   *     if there are any
   */
  public record Content(String body, JsonText attributes, List<Attachment> files) {
    /** The content that the store and the APIs show of a removed message. */
    static final Content NONE = of("");

    /** Text without attributes. */
    public static Content of(String body) {
      return of(body, JsonText.EMPTY);
    }

    /** Text without files. */
    public static Content of(String body, JsonText attributes) {
      return new Content(body, attributes, List.of());
    }
  }

  public String body() {
    return content.orElse(Content.NONE).body();
  }

  public JsonText attributes() {
    return content.orElse(Content.NONE).attributes();
  }

  public List<Attachment> files() {
    return content.orElse(Content.NONE).files();
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
