package parlour.serverapi;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import parlour.Identity;
import parlour.Sid;
import parlour.accounts.AccountAuthenticator;
import parlour.api.MessageAnswers;
import parlour.api.MessageFields;
import parlour.api.ParticipantFields;
import parlour.conversations.Conversations;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Page;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Sent;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.JsonText;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.media.MediaFile;
import parlour.serverapi.ServerForms.MessagePage;
import parlour.serverapi.ServerForms.MessageResource;
import parlour.serverapi.ServerForms.ReceiptPage;
import parlour.serverapi.ServerForms.ReceiptResource;
import parlour.trace.SecurityLog.Event;

/** {@code …/Messages}: lists, reads, sends, edits and removes messages, and lists their receipts. */
final class MessageEndpoints {
  /** The author of a message that a server sends without naming one. */
  private static final String SYSTEM = "system";

  private final AccountAuthenticator authenticator;
  private final Conversations conversations;

  MessageEndpoints(AccountAuthenticator authenticator, Conversations conversations) {
    this.authenticator = authenticator;
    this.conversations = conversations;
  }

  ApiResponse messages(ServerCall call) {
    RequestFields query = call.request().query();
    int size = Paging.size(query);
    boolean newestFirst =
        query.optional("order").filter("desc"::equalsIgnoreCase).isPresent();
    Optional<MessageIndex> token = query.number("pageToken").map(MessageIndex::orNone);
    PageOfMessages page = newestFirst
        ? new PageOfMessages.Before(token.orElse(MessageIndex.END), size)
        : new PageOfMessages.After(token.orElse(MessageIndex.NONE), size);
    Page<Message> found = conversations
        .messages(call.account(), call.conversation(), page.passingOverRemoved())
        .orElseThrow(ServerCall::unknown);
    List<Message> ordered = newestFirst ? found.items().reversed() : found.items();
    return ApiResponse.json(
        200,
        new MessagePage(
            Paging.meta(
                call.base() + "/" + call.conversation().text() + "/Messages",
                "messages",
                query,
                size,
                found.more() ? String.valueOf(ordered.getLast().index().number()) : null),
            ordered.stream().map(message -> resource(call, message)).toList()));
  }

  ApiResponse send(ServerCall call) {
    RequestFields fields = call.fields();
    String author = fields.optional("author").orElse(SYSTEM);
    List<Sid.Media> files = MessageFields.files(fields, "media_sid");
    String body = MessageFields.body(fields, files);
    JsonText attributes = MessageFields.attributes(fields.optional("attributes"));
    MessageAnswers.reserveAnswer(call.request(), body, attributes);
    Optional<Participant> known =
        conversations
            .participants(call.account(), call.conversation())
            .orElseThrow(ServerCall::unknown)
            .stream()
            .filter(one -> one.identity().text().equals(author))
            .findFirst();
    Sent sent = conversations.send(
        call.account(),
        new Conversations.NewMessage(
            call.conversation(),
            new Message.Author(
                new Identity(ParticipantFields.name(author)),
                known.map(Participant::kind).orElse(ParticipantKind.SYSTEM),
                known.map(Participant::name).orElse(author)),
            Message.Content.of(body, attributes),
            new Conversations.Files(MediaFile.Owner.SERVER, files),
            // Without one, a repeated internal call would send the message twice.
            fields
                .optional("clientId")
                .map(MessageFields::clientId)
                .or(() -> Optional.of(UUID.randomUUID().toString()))));
    return switch (sent) {
      case Sent.Added(Message message) -> call.changed(201, resource(call, message));
      case Sent.Duplicate(Message message) -> call.changed(200, resource(call, message));
      case Sent.Closed() -> throw new Problem(ErrorCode.CONVERSATION_CLOSED);
      case Sent.Full() -> throw MessageAnswers.full();
      case Sent.NoSuchFile() -> throw MessageAnswers.noSuchFile();
      case Sent.NotFound() -> throw ServerCall.unknown();
    };
  }

  ApiResponse message(ServerCall call) {
    return ApiResponse.json(
        200,
        resource(
            call,
            conversations
                .message(call.account(), call.conversation(), call.message())
                .filter(message -> !message.removed())
                .orElseThrow(ServerCall::unknown)));
  }

  ApiResponse edit(ServerCall call) {
    RequestFields fields = call.fields();
    Optional<String> body = fields.optional("body");
    Optional<String> attributes = fields.optional("attributes");
    if (body.isEmpty() && attributes.isEmpty()) {
      throw new Problem(ErrorCode.MALFORMED, "Send Body or Attributes: the edit changes nothing.");
    }
    Message edited = conversations
        .edit(
            call.account(),
            call.conversation(),
            call.message(),
            body.map(MessageFields::body),
            attributes.map(text -> MessageFields.attributes(Optional.of(text))))
        .orElseThrow(ServerCall::unknown);
    authenticator.did(Event.MESSAGE_EDITED, call.caller(), call.message());
    return call.changed(200, resource(call, edited));
  }

  ApiResponse remove(ServerCall call) {
    if (conversations
        .remove(call.account(), call.conversation(), call.message())
        .isEmpty()) {
      throw ServerCall.unknown();
    }
    authenticator.did(Event.MESSAGE_REMOVED, call.caller(), call.message());
    return ApiResponse.empty(204);
  }

  /** One for each participant to whom the message was sent, from what they have read. */
  ApiResponse receipts(ServerCall call) {
    RequestFields query = call.request().query();
    List<ReceiptResource> all = receiptsOf(call);
    return ApiResponse.json(
        200,
        new ReceiptPage(
            Paging.meta(
                "%s/%s/Messages/%s/Receipts"
                    .formatted(
                        call.base(), call.conversation().text(), call.message().text()),
                "delivery_receipts",
                query,
                Math.max(all.size(), Paging.size(query)),
                null),
            all));
  }

  ApiResponse receipt(ServerCall call) {
    String sid = call.request().parameter("ReceiptSid");
    return ApiResponse.json(
        200,
        receiptsOf(call).stream()
            .filter(one -> one.sid().equals(sid))
            .findFirst()
            .orElseThrow(ServerCall::unknown));
  }

  private List<ReceiptResource> receiptsOf(ServerCall call) {
    Message message = conversations
        .message(call.account(), call.conversation(), call.message())
        .filter(one -> !one.removed())
        .orElseThrow(ServerCall::unknown);
    return conversations
        .participants(call.account(), call.conversation())
        .orElseThrow(ServerCall::unknown)
        .stream()
        .filter(one -> one.joined() && !one.identity().equals(message.author().identity()))
        .map(one -> ReceiptResource.of(message, one, call.account(), call.base()))
        .toList();
  }

  private static MessageResource resource(ServerCall call, Message message) {
    return MessageResource.of(message, call.account(), call.base());
  }
}
