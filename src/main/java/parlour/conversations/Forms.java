package parlour.conversations;

import java.util.List;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.http.json.JsonText;
import parlour.http.json.WrittenJson;
import parlour.media.Attachment;

/**
 * A message and a participant in JSON, the same for guests, agents and webhooks.
 */
public final class Forms {
  private Forms() {}

  public record MessageForm(
      String sid,
      String conversationSid,
      MessageIndex index,
      Identity author,
      String authorKind,
      String authorName,
      String body,
      JsonText attributes,
      List<Attachment> media,
      @Nullable String clientId,
      String dateCreated,
      String dateUpdated,
      Revision addedRevision,
      Revision revision,
      boolean removed) {

    public static MessageForm of(Message message) {
      return new MessageForm(
          message.sid().text(),
          message.conversation().text(),
          message.index(),
          message.author().identity(),
          message.author().kind().word(),
          message.author().name(),
          message.body(),
          message.attributes(),
          message.files(),
          message.clientId().orElse(null),
          message.created().toString(),
          message.updated().toString(),
          message.addedRevision(),
          message.revision(),
          message.removed());
    }

    public static List<MessageForm> of(List<Message> messages) {
      return messages.stream().map(MessageForm::of).toList();
    }

    /** Their forms in JSON; messages that a store of this process remembers are written once. */
    public static WrittenJson written(List<Message> messages) {
      return messages instanceof RememberedMessages remembered
          ? remembered.json()
          : WrittenJson.of(of(messages));
    }
  }

  public record ParticipantForm(
      String sid,
      String conversationSid,
      Identity identity,
      String kind,
      String name,
      MessageIndex readIndex,
      Revision joinedRevision,
      Revision revision,
      String dateCreated,
      String dateUpdated,
      boolean joined) {

    public static ParticipantForm of(Participant participant) {
      return new ParticipantForm(
          participant.sid().text(),
          participant.conversation().text(),
          participant.identity(),
          participant.kind().word(),
          participant.name(),
          participant.readIndex(),
          participant.joinedRevision(),
          participant.revision(),
          participant.created().toString(),
          participant.updated().toString(),
          participant.joined());
    }

    public static List<ParticipantForm> of(List<Participant> participants) {
      return participants.stream().map(ParticipantForm::of).toList();
    }
  }
}
