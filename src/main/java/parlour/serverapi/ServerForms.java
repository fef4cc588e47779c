package parlour.serverapi;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sha256;
import parlour.Sid;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Participant;
import parlour.http.json.JsonText;
import parlour.media.Attachment;

/**
 * The resources of the server-side API, in the words of the public Conversations REST API (v1), so
 * that its client libraries read them. What Parlour does not have is null or empty.
 */
final class ServerForms {
  private ServerForms() {}

  /** A resource that a program can change. */
  sealed interface Changeable {
    /** The same without texts, for a program that may change it and not read it. */
    Changeable withoutTexts();
  }

  record ConversationResource(
      String sid,
      String accountSid,
      String chatServiceSid,
      @Nullable String messagingServiceSid,
      @Nullable String friendlyName,
      @Nullable String uniqueName,
      JsonText attributes,
      String state,
      String dateCreated,
      String dateUpdated,
      Map<String, String> timers,
      String url,
      Map<String, String> links,
      JsonText preEngagementData)
      implements Changeable {

    @Override
    public ConversationResource withoutTexts() {
      return new ConversationResource(
          sid,
          accountSid,
          chatServiceSid,
          messagingServiceSid,
          null,
          uniqueName,
          JsonText.EMPTY,
          state,
          dateCreated,
          dateUpdated,
          timers,
          url,
          links,
          JsonText.EMPTY);
    }

    static ConversationResource of(Conversations.Overview overview, String base) {
      return of(overview.conversation(), overview.guest(), base);
    }

    static ConversationResource of(
        Conversation conversation, Optional<Participant> guest, String base) {
      String url = base + "/" + conversation.sid().text();
      return new ConversationResource(
          conversation.sid().text(),
          conversation.account().text(),
          service(conversation.account()),
          null,
          guest.map(Participant::name).filter(name -> !name.isEmpty()).orElse(null),
          null,
          conversation.attributesWithAnswers(),
          conversation.state().word(),
          seconds(conversation.created()),
          seconds(conversation.updated()),
          Map.of(),
          url,
          Map.of("messages", url + "/Messages", "participants", url + "/Participants"),
          conversation.preEngagementData());
    }
  }

  record MessageResource(
      String sid,
      String accountSid,
      String conversationSid,
      String chatServiceSid,
      MessageIndex index,
      String author,
      String body,
      JsonText attributes,
      @Nullable List<Attachment> media,
      String dateCreated,
      String dateUpdated,
      String url)
      implements Changeable {

    @Override
    public MessageResource withoutTexts() {
      return new MessageResource(
          sid,
          accountSid,
          conversationSid,
          chatServiceSid,
          index,
          "",
          "",
          JsonText.EMPTY,
          null,
          dateCreated,
          dateUpdated,
          url);
    }

    static MessageResource of(Message message, Sid.Account account, String base) {
      return new MessageResource(
          message.sid().text(),
          account.text(),
          message.conversation().text(),
          service(account),
          message.index(),
          message.author().identity().text(),
          message.body(),
          message.attributes(),
          message.files().isEmpty() ? null : message.files(),
          seconds(message.created()),
          seconds(message.updated()),
          "%s/%s/Messages/%s"
              .formatted(base, message.conversation().text(), message.sid().text()));
    }
  }

  /**
   * How far a message got on its way to one participant: {@code sent}, or {@code read}.
   *
   * @param errorCode 0: no error
   */
  record ReceiptResource(
      String sid,
      String accountSid,
      String conversationSid,
      String messageSid,
      @Nullable String channelMessageSid,
      String participantSid,
      String status,
      int errorCode,
      String dateCreated,
      String dateUpdated,
      String url) {

    static ReceiptResource of(
        Message message, Participant recipient, Sid.Account account, String base) {
      boolean isRead = !recipient.readIndex().isBefore(message.index());
      // The sid is derived, because receipts are not stored: the same one each time.
      byte[] digest = Sha256.of(message.sid().text() + recipient.sid().text());
      String sid = "DY" + HexFormat.of().formatHex(digest, 0, 16);
      return new ReceiptResource(
          sid,
          account.text(),
          message.conversation().text(),
          message.sid().text(),
          null,
          recipient.sid().text(),
          isRead ? "read" : "sent",
          0,
          seconds(message.created()),
          seconds(isRead ? recipient.read().at().orElse(message.created()) : message.created()),
          "%s/%s/Messages/%s/Receipts/%s"
              .formatted(base, message.conversation().text(), message.sid().text(), sid));
    }
  }

  record ParticipantResource(
      String sid,
      String accountSid,
      String conversationSid,
      String identity,
      @Nullable String friendlyName,
      JsonText attributes,
      @Nullable Integer lastReadMessageIndex,
      @Nullable String lastReadTimestamp,
      @Nullable String roleSid,
      @Nullable Map<String, String> messagingBinding,
      String dateCreated,
      String dateUpdated,
      String url)
      implements Changeable {

    @Override
    public ParticipantResource withoutTexts() {
      return new ParticipantResource(
          sid,
          accountSid,
          conversationSid,
          "",
          null,
          JsonText.EMPTY,
          null,
          null,
          roleSid,
          messagingBinding,
          dateCreated,
          dateUpdated,
          url);
    }

    static ParticipantResource of(Participant participant, Sid.Account account, String base) {
      return new ParticipantResource(
          participant.sid().text(),
          account.text(),
          participant.conversation().text(),
          participant.identity().text(),
          participant.name().isEmpty() ? null : participant.name(),
          participant.attributes(),
          participant.readIndex().equals(MessageIndex.NONE)
              ? null
              : Math.toIntExact(participant.readIndex().number()),
          participant.read().at().map(ServerForms::seconds).orElse(null),
          null,
          null,
          seconds(participant.created()),
          seconds(participant.updated()),
          "%s/%s/Participants/%s"
              .formatted(
                  base, participant.conversation().text(), participant.sid().text()));
    }
  }

  record Meta(
      int page,
      int pageSize,
      String firstPageUrl,
      @Nullable String previousPageUrl,
      String url,
      @Nullable String nextPageUrl,
      String key) {}

  record ConversationPage(Meta meta, List<ConversationResource> conversations) {}

  record MessagePage(Meta meta, List<MessageResource> messages) {}

  record ReceiptPage(Meta meta, List<ReceiptResource> deliveryReceipts) {}

  record ParticipantPage(Meta meta, List<ParticipantResource> participants) {}

  /** The client libraries know services; an account has one, which has its digits. */
  private static String service(Sid.Account account) {
    return "IS" + account.text().substring(2);
  }

  /** The client libraries parse whole seconds only. */
  private static String seconds(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
