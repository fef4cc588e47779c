package parlour.orchestrator;

import io.avaje.jsonb.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.Conversation;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestOutcome;
import parlour.conversations.GuestPass;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Sent;
import parlour.federatedauth.Refusal;
import parlour.http.Answer;
import parlour.http.Call;
import parlour.http.ErrorCode;
import parlour.http.Errors;
import parlour.http.Fields;
import parlour.http.JsonSize;
import parlour.http.Problem;
import parlour.http.Routes;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Verdict;
import parlour.trace.Participant;
import parlour.trace.Trace;

/**
 * The guest's calls about their conversation. Each carries the token as bearer (RFC 6750 §2.1), the
 * deployment key in a header, and what a fingerprint is made of.
 */
public final class GuestHttp {
  /** In a header, so that the edge can tell deployments apart without reading bodies. */
  private static final String DEPLOYMENT_KEY = "Webchat-Deployment-Key";

  private static final Pattern CLIENT_ID =
      Pattern.compile("[A-Za-z0-9_-]{1," + Limits.CLIENT_ID_CHARACTERS + "}");

  private final FlexWebchatOrchestrator orchestrator;
  private final GuestConversations conversations;

  private GuestHttp(FlexWebchatOrchestrator orchestrator, GuestConversations conversations) {
    this.orchestrator = orchestrator;
    this.conversations = conversations;
  }

  public static void serve(
      FlexWebchatOrchestrator orchestrator, GuestConversations conversations, Routes routes) {
    GuestHttp http = new GuestHttp(orchestrator, conversations);
    routes.get("/v2/Webchat/Messages", http::history, Errors.PLAIN);
    routes.post("/v2/Webchat/Messages", http::send, Errors.PLAIN);
    routes.post("/v2/Webchat/Read", http::read, Errors.PLAIN);
    routes.post("/v2/Webchat/Typing", http::typing, Errors.PLAIN);
    routes.post("/v2/Webchat/End", http::end, Errors.PLAIN);
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record HistoryAnswer(
      String conversationSid,
      String state,
      long revision,
      String identity,
      List<ParticipantForm> participants,
      List<MessageForm> messages,
      boolean hasMore) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record ReadAnswer(long readIndex) {}

  @Json
  record EndAnswer(String state) {}

  private Answer history(Call call) {
    PageOfMessages page = page(call.query());
    GuestPass pass = pass(call);
    GuestConversations.History history = asked(
            "history {page}", () -> conversations.history(pass, page))
        .orElseThrow(GuestHttp::gone);
    return Answer.json(
        200,
        new HistoryAnswer(
            history.conversation().sid().text(),
            history.conversation().state().word(),
            history.conversation().revision(),
            history.identity(),
            ParticipantForm.of(history.participants()),
            MessageForm.of(history.messages()),
            history.more()));
  }

  private Answer send(Call call) {
    GuestPass pass = pass(call);
    if (call.hasLongBody() && !pass.token().isWellFormed()) {
      throw refused(Verdict.Failure.TOKEN_VALIDATION_FAILED); // before the body is read
    }
    Fields fields = call.fields(Limits.MESSAGE_CALL_BODY);
    String body = body(fields.required("body"));
    String attributes = attributes(fields.optional("attributes"));
    String clientId = clientId(fields.required("clientId"));
    reserveAnswer(call, body, attributes);
    return sent(asked(
        "message {body, client_id}", () -> conversations.send(pass, body, attributes, clientId)));
  }

  /** Reserves memory for the answer to a message, before the message is stored. */
  static void reserveAnswer(Call call, String body, String attributes) {
    call.reserveAnswer(JsonSize.of(body) + JsonSize.of(attributes));
  }

  static Answer sent(Sent sent) {
    return switch (sent) {
      case Sent.Added(var message) -> Answer.json(201, MessageForm.of(message));
      case Sent.Before(var message) -> Answer.json(200, MessageForm.of(message));
      case Sent.Closed() -> throw new Problem(ErrorCode.CONVERSATION_CLOSED);
      case Sent.Full() -> throw new Problem(ErrorCode.CONVERSATION_FULL);
      case Sent.Nowhere() -> throw gone();
    };
  }

  private Answer read(Call call) {
    GuestPass pass = pass(call);
    long index = index(call.fields(Limits.REFRESH_BODY));
    return Answer.json(
        200, new ReadAnswer(asked("read {index}", () -> conversations.read(pass, index))));
  }

  static long index(Fields fields) {
    return fields
        .number("index")
        .filter(index -> index >= 0)
        .orElseThrow(() -> new Problem(
            ErrorCode.MALFORMED,
            "The field \"index\" is missing; send the index of the last message that was read."));
  }

  private Answer typing(Call call) {
    GuestPass pass = pass(call);
    asked("typing", () -> conversations.typing(pass));
    return Answer.empty(204);
  }

  private Answer end(Call call) {
    GuestPass pass = pass(call);
    boolean forget = call.fieldsIfAny(Limits.REFRESH_BODY).flag("forget");
    Conversation.State state = asked("end {forget}", () -> conversations.end(pass, forget));
    return Answer.json(200, new EndAnswer(state.word()));
  }

  private GuestPass pass(Call call) {
    return orchestrator.pass(
        deploymentKey(call.header(DEPLOYMENT_KEY)),
        bearer(call.header("Authorization")),
        new Visit(call::header, call::answerWith));
  }

  private static Sid.Deployment deploymentKey(@Nullable String header) {
    try {
      return new Sid.Deployment(header == null ? "" : header);
    } catch (IllegalArgumentException e) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The header %s is missing or no deployment key: send CV and 32 lower-case hex digits."
              .formatted(DEPLOYMENT_KEY));
    }
  }

  /** The scheme's case does not matter (RFC 9110 §11.1). */
  private static GuestToken bearer(@Nullable String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The header Authorization is missing: send Bearer and the guest's token.");
    }
    return new GuestToken(authorization.substring(7).strip());
  }

  /** Asks Conversations, and makes of a refusal the guest's error. */
  static <T> T asked(String question, Supplier<GuestOutcome<T>> asking) {
    GuestOutcome<T> outcome = Trace.current()
        .asks(Participant.FWO, Participant.CNV, question, asking, answer -> switch (answer) {
          case GuestOutcome.Done<T> done -> "let in";
          case GuestOutcome.Refused<T>(Verdict.Failure failure) -> failure.message();
        });
    return switch (outcome) {
      case GuestOutcome.Done<T>(T value) -> value;
      case GuestOutcome.Refused<T>(Verdict.Failure failure) -> throw refused(failure);
    };
  }

  static Problem refused(Verdict.Failure failure) {
    return switch (failure) {
      case FINGERPRINT_VALIDATION_FAILED ->
        new Problem(ErrorCode.FINGERPRINT_REFUSED, Refusal.FINGERPRINT.message());
      case TOKEN_VALIDATION_FAILED -> new Problem(ErrorCode.TOKEN_REFUSED, Refusal.TOKEN.message());
    };
  }

  static Problem gone() {
    return new Problem(ErrorCode.NOT_FOUND, "This conversation was erased.");
  }

  /** {@code before} or {@code after} an index, and a {@code limit}; without: the newest. */
  static PageOfMessages page(Fields query) {
    long limit = query.number("limit").orElse((long) Limits.PAGE_DEFAULT);
    if (limit < 1 || limit > Limits.PAGE_MOST) {
      throw new Problem(
          ErrorCode.MALFORMED, "The limit must be from 1 to %d.".formatted(Limits.PAGE_MOST));
    }
    Optional<Long> before = query.number("before");
    Optional<Long> after = query.number("after");
    if (before.isPresent() && after.isPresent()) {
      throw new Problem(ErrorCode.MALFORMED, "Ask for before or after, not for both.");
    }
    return after
        .<PageOfMessages>map(index -> new PageOfMessages.After(index, (int) limit))
        .orElseGet(() -> new PageOfMessages.Before(before.orElse(Long.MAX_VALUE), (int) limit));
  }

  static String body(String body) {
    return body("body", body);
  }

  /** The text of a message, from the field of this name. */
  static String body(String field, String body) {
    if (body.getBytes(StandardCharsets.UTF_8).length > Limits.MESSAGE_BODY_BYTES) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"%s\" has more than %d bytes; send a shorter message, or two."
              .formatted(field, Limits.MESSAGE_BODY_BYTES));
    }
    return body;
  }

  /** The attributes of a message. */
  static String attributes(Optional<String> given) {
    return attributes(given.orElse("{}"), Limits.ATTRIBUTES_BYTES);
  }

  static String attributes(String attributes, int most) {
    if (attributes.getBytes(StandardCharsets.UTF_8).length > most
        || parlour.http.Json.object(attributes).isEmpty()) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"attributes\" must be the text of a JSON object of at most %d bytes."
              .formatted(most));
    }
    return attributes;
  }

  static String clientId(String clientId) {
    if (!CLIENT_ID.matcher(clientId).matches()) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"client_id\" must have 1 to %d letters, digits, - or _."
              .formatted(Limits.CLIENT_ID_CHARACTERS));
    }
    return clientId;
  }
}
