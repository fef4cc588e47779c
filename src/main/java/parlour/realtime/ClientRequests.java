package parlour.realtime;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.PlainText;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.api.MessageAnswers;
import parlour.api.MessageFields;
import parlour.api.ParticipantFields;
import parlour.conversations.EditOutcome;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Participant;
import parlour.conversations.Sent;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.scopedauth.Verdict;

/** Answers the requests that look like HTTP, one at a time; safe for use by several threads. */
final class ClientRequests {
  private static final String NOT_ALLOWED = "A guest may not do this.";

  private final Sid.Account account;
  private final Sid.Conversation conversation;
  private final Identity guest;
  private final String mediaHost;
  private final Delivery delivery;
  private final GuestCalls calls;
  private final SyncRequests sync;

  /** The furthest read index that this socket has stored; the view receives it a moment later. */
  private final AtomicReference<MessageIndex> stored = new AtomicReference<>(MessageIndex.NONE);

  ClientRequests(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity guest,
      String mediaHost,
      Delivery delivery,
      GuestCalls calls,
      SyncRequests sync) {
    this.account = account;
    this.conversation = conversation;
    this.guest = guest;
    this.mediaHost = mediaHost;
    this.delivery = delivery;
    this.calls = calls;
    this.sync = sync;
  }

  /** Answers a request; a subscription is answered here, and carried out afterwards. */
  FrameResponse answer(FrameRequest request) {
    try {
      return answerIfPossible(request);
    } catch (Unavailable failure) {
      return failed(failure);
    }
  }

  /** The answer to a request that met an outage or a rate limit. */
  static FrameResponse failed(Unavailable failure) {
    return failure instanceof TooManyRequests later
        ? FrameResponse.error(429, 20429, ErrorCode.TOO_MANY_REQUESTS.message())
            .retryAfter(later.retryAfter())
        : FrameResponse.unavailable();
  }

  /**
   * The same as {@link #answer}.
   *
   * @throws Unavailable in an outage, and when the request is one too many
   */
  FrameResponse answerIfPossible(FrameRequest request) {
    try {
      return route(request);
    } catch (GuestCalls.Refused refused) {
      return refused.refusal().failure() == Verdict.Failure.FINGERPRINT_VALIDATION_FAILED
          ? FrameResponse.forbidden(ErrorCode.FINGERPRINT_REFUSED.closeReason())
          : FrameResponse.error(ErrorCode.CLIENT_TOKEN_REFUSED);
    } catch (GuestCalls.Erased erased) {
      return FrameResponse.notFound();
    } catch (Problem problem) {
      return FrameResponse.error(
          problem.code().status(), problem.code().code(), String.valueOf(problem.getMessage()));
    }
  }

  private FrameResponse route(FrameRequest request) {
    List<String> path = request.path();
    return switch (path.getFirst()) {
      case "v3" -> sync(request);
      case "v4" ->
        request.is("POST", "v4", "Subscriptions")
            ? FrameResponse.of(202, SubscriptionRequest.accepted())
            : FrameResponse.notFound();
      case "Client" ->
        request.is("GET", "Client", "v2", "Configuration")
            ? FrameResponse.ok(Links.configuration(account, conversation, guest, mediaHost))
            : FrameResponse.notFound();
      case "MyConversations" -> myConversations(request);
      case "Conversations" -> conversations(request);
      case "Typing" -> request.is("POST", "Typing") ? typing(request) : FrameResponse.notFound();
      case "Users" -> users(request);
      default -> FrameResponse.notFound();
    };
  }

  private FrameResponse sync(FrameRequest request) {
    if (request.is("GET", "v3", "*", "*")) {
      return sync.root(request);
    }
    if (request.is("GET", "v3", "*", "*", "Items")) {
      return sync.items(request);
    }
    return request.method().equals("GET")
        ? FrameResponse.noSyncObject()
        : FrameResponse.error(403, 54007, NOT_ALLOWED);
  }

  private FrameResponse myConversations(FrameRequest request) {
    if (request.is("GET", "MyConversations")) {
      return FrameResponse.ok(new JsonObject()
          .with(
              "conversations",
              List.of(delivery
                  .read(view -> Projections.conversationResource(view, ownReadIndex(view)))
                  .members()))
          .with("meta", new JsonObject().with("next_token", null).with("previous_token", null)));
    }
    if (request.path().size() != 2 || !isOurs(request.path().get(1))) {
      return FrameResponse.notFound();
    }
    return switch (request.method()) {
      case "GET" -> withUnread(delivery.read(this::ownReadIndex));
      case "POST" -> read(request);
      default -> FrameResponse.forbidden(NOT_ALLOWED);
    };
  }

  private boolean isOurs(String sid) {
    return conversation.text().equals(sid);
  }

  /** Moves the guest's read index, which only grows. Other fields have no meaning here. */
  private FrameResponse read(FrameRequest request) {
    Optional<Map<String, @Nullable Object>> fields = request.json();
    if (fields.isEmpty()) {
      return FrameResponse.malformed("Send a JSON object.");
    }
    MessageIndex read =
        fields.get().get("last_read_message_index") instanceof Long index && index >= 0
            ? stored.accumulateAndGet(calls.read(new MessageIndex(index)), MessageIndex::laterOf)
            : delivery.read(this::ownReadIndex);
    return withUnread(read);
  }

  private MessageIndex ownReadIndex(ConversationView view) {
    return view.ownReadIndex().laterOf(stored.get());
  }

  /**
   * The conversation with the number of messages that its guest has not read.
   *
   * @param read how far the guest has read
   */
  private FrameResponse withUnread(MessageIndex read) {
    OptionalLong known = delivery.read(view -> view.unread(read));
    OptionalLong unread =
        known.isPresent() || read.equals(MessageIndex.NONE) ? known : calls.unread(read);
    return FrameResponse.ok(
        delivery.read(view -> Projections.conversationResource(view, read, unread)));
  }

  private FrameResponse conversations(FrameRequest request) {
    List<String> path = request.path();
    if (path.size() < 2) {
      return FrameResponse.forbidden(NOT_ALLOWED); // to create one
    }
    if (!isOurs(path.get(1))) {
      return FrameResponse.notFound();
    }
    if (request.is("GET", "Conversations", "*")) {
      return FrameResponse.ok(
          delivery.read(view -> Projections.conversationResource(view, ownReadIndex(view))));
    }
    if (request.is("POST", "Conversations", "*", "Messages")) {
      return send(request);
    }
    if (request.is("POST", "Conversations", "*", "Messages", "*")
        || request.is("DELETE", "Conversations", "*", "Messages", "*")) {
      return messageSid(path.get(3))
          .map(message -> request.method().equals("DELETE")
              ? changed(calls.remove(message), true)
              : edit(message, request))
          .orElseGet(FrameResponse::notFound);
    }
    if (request.is("GET", "Conversations", "*", "Messages", "*", "Receipts")) {
      return FrameResponse.ok(new JsonObject()
          .with("delivery_receipts", List.of())
          .with("meta", new JsonObject().with("previous_token", null).with("next_token", null)));
    }
    return request.method().equals("GET")
        ? FrameResponse.notFound()
        : FrameResponse.forbidden(NOT_ALLOWED);
  }

  private FrameResponse send(FrameRequest request) {
    Map<String, @Nullable Object> fields = request.json().orElse(Map.of());
    List<Sid.Media> files = files(fields.get("media_sids"));
    String body = text(fields, "body").orElse("");
    Sent sent = calls.send(
        files.isEmpty() ? body(body) : MessageFields.body(body),
        MessageFields.attributes(text(fields, "attributes")),
        files,
        MessageFields.clientId(request
            .header("X-Twilio-Mutation-Id")
            .orElseGet(() -> UUID.randomUUID().toString())));
    return switch (sent) {
      case Sent.Added(Message message) -> sent(message);
      case Sent.Duplicate(Message message) -> sent(message);
      case Sent.Closed() -> FrameResponse.closed();
      case Sent.Full() -> FrameResponse.full();
      case Sent.NoSuchFile() -> throw MessageAnswers.noSuchFile();
      case Sent.NotFound() -> FrameResponse.notFound();
    };
  }

  /** The files of a message; none if the field is absent or null. */
  private static List<Sid.Media> files(@Nullable Object field) {
    if (field == null) {
      return List.of();
    }
    if (!(field instanceof List<?> sids) || sids.size() > Limits.MEDIA_PER_MESSAGE) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"media_sids\" must be a list of at most %d sids."
              .formatted(Limits.MEDIA_PER_MESSAGE));
    }
    return MessageFields.files("media_sids", sids.stream().map(String::valueOf).toList());
  }

  private static Optional<Sid.Message> messageSid(String text) {
    try {
      return Optional.of(new Sid.Message(text));
    } catch (IllegalArgumentException notASid) {
      return Optional.empty();
    }
  }

  private FrameResponse edit(Sid.Message message, FrameRequest request) {
    Map<String, @Nullable Object> fields = request.json().orElse(Map.of());
    return changed(
        calls.edit(
            message,
            text(fields, "body").map(ClientRequests::body),
            text(fields, "attributes")
                .map(attributes -> MessageFields.attributes(Optional.of(attributes)))),
        false);
  }

  /** A text of the body, under the same rule as the texts of every other API. */
  private static Optional<String> text(Map<String, @Nullable Object> fields, String name) {
    if (!(fields.get(name) instanceof String text)) {
      return Optional.empty();
    }
    if (!PlainText.isPlain(text)) {
      throw new Problem(
          ErrorCode.MALFORMED, "The field \"%s\" %s.".formatted(name, PlainText.REMEDY));
    }
    return Optional.of(text);
  }

  private static String body(String text) {
    if (text.isEmpty()) {
      throw new Problem(
          ErrorCode.MALFORMED, "The field \"body\" is missing; send the text of the message.");
    }
    return MessageFields.body(text);
  }

  private FrameResponse changed(EditOutcome outcome, boolean removed) {
    return switch (outcome) {
      case EditOutcome.Done(Message message) ->
        removed
            ? FrameResponse.nothing()
            : FrameResponse.ok(delivery.read(view -> Projections.messageResource(message, view)));
      case EditOutcome.Closed() -> FrameResponse.closed();
      case EditOutcome.Full() -> FrameResponse.full();
      case EditOutcome.NotFound() ->
        FrameResponse.forbidden("A guest changes only their own messages.");
    };
  }

  private FrameResponse sent(Message message) {
    delivery.awaitDelivered(message.addedRevision());
    return FrameResponse.of(201, delivery.read(view -> Projections.messageResource(message, view)));
  }

  private FrameResponse typing(FrameRequest request) {
    if (request.formField("ChannelSid").filter(this::isOurs).isEmpty()) {
      return FrameResponse.notFound();
    }
    calls.typing();
    return FrameResponse.ok(new JsonObject().with("typing_timeout", 5));
  }

  private FrameResponse users(FrameRequest request) {
    if (request.is("POST", "Users", guest.text())) {
      Map<String, @Nullable Object> fields = request.json().orElse(Map.of());
      return calls
          .updateMe(
              text(fields, "friendly_name").map(ParticipantFields::name),
              text(fields, "attributes").map(ParticipantFields::attributes))
          .map(me -> FrameResponse.ok(delivery.read(view -> Projections.userResource(me, view))))
          .orElseGet(() -> FrameResponse.forbidden(NOT_ALLOWED));
    }
    if (!request.is("GET", "Users", "*")) {
      return FrameResponse.forbidden(NOT_ALLOWED);
    }
    String identity = request.path().get(1);
    return delivery
        .read(view -> view.participants().stream()
            .filter(one -> one.identity().text().equals(identity))
            .findFirst()
            .map((Participant one) -> Projections.userResource(one, view))
            .or(() -> view.speakers().stream()
                .filter(one -> one.author().text().equals(identity))
                .findFirst()
                .map(one -> Projections.userResource(one, view))))
        .map(FrameResponse::ok)
        .orElseGet(FrameResponse::notFound);
  }
}
