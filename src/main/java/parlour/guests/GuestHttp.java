package parlour.guests;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Reopening;
import parlour.api.Frames;
import parlour.api.MessageAnswers;
import parlour.api.MessageFields;
import parlour.conversations.Conversation;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestCredentials;
import parlour.conversations.GuestOutcome;
import parlour.conversations.MessageIndex;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.conversations.UpdateOutcome;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.JsonText;
import parlour.http.json.WrittenJson;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.http.server.Routes;
import parlour.media.MediaLinks;
import parlour.media.Uploads;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.orchestrator.SignedCalls;
import parlour.scopedauth.Audience;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Verdict;

/**
 * The API of guests for their conversation. Each call has the token as bearer (RFC 6750 §2.1), the
 * deployment key in a header, and the signals of the fingerprint.
 */
public final class GuestHttp {
  /** In a header, so that the edge can distinguish deployments without reading bodies. */
  private static final String DEPLOYMENT_KEY = "Webchat-Deployment-Key";

  private final FlexWebchatOrchestrator orchestrator;
  private final GuestConversations conversations;
  private final Reopening reopening;
  private final SignedCalls signedCalls;
  private final InstantSource clock;

  private GuestHttp(
      FlexWebchatOrchestrator orchestrator,
      GuestConversations conversations,
      Reopening reopening,
      SignedCalls signedCalls,
      InstantSource clock) {
    this.orchestrator = orchestrator;
    this.conversations = conversations;
    this.reopening = reopening;
    this.signedCalls = signedCalls;
    this.clock = clock;
  }

  /**
   * @param reopening how long guests can reopen their conversations
   * @param links to files
   */
  public static void serve(
      FlexWebchatOrchestrator orchestrator,
      GuestConversations conversations,
      Reopening reopening,
      Uploads uploads,
      MediaLinks links,
      SignedCalls signedCalls,
      InstantSource clock,
      Routes routes) {
    GuestHttp http = new GuestHttp(orchestrator, conversations, reopening, signedCalls, clock);
    routes.get("/v2/Webchat/Messages", http::history);
    routes.post("/v2/Webchat/Messages", http::send);
    routes.post("/v2/Webchat/Read", http::read);
    routes.post("/v2/Webchat/Typing", http::typing);
    routes.post("/v2/Webchat/End", http::end);
    routes.post("/v2/Webchat/Reopen", http::reopen);
    new GuestFiles(http, conversations, uploads, links).serve(routes);
    new GuestPush(http, conversations).serve(routes);
  }

  /**
   * @param reopenableFor as in {@link parlour.api.Frames.Welcome}
   * @param stateAt as in {@link parlour.api.Frames.Welcome}
   */
  record HistoryAnswer(
      String conversationSid,
      String state,
      Optional<Optional<Long>> reopenableFor,
      Instant stateAt,
      Revision revision,
      Identity identity,
      List<ParticipantForm> participants,
      WrittenJson messages,
      boolean hasMore) {}

  record ReadAnswer(MessageIndex readIndex) {}

  record StateAnswer(String state) {}

  private ApiResponse history(ApiRequest call) {
    PageOfMessages page = MessageFields.page(call.query());
    GuestCredentials credentials = credentials(call);
    call.checkBody(Limits.SMALL_BODY);
    GuestConversations.History history = ask(
            "history {page}", () -> conversations.history(credentials, page))
        .orElseThrow(MessageAnswers::gone);
    return ApiResponse.json(
        200,
        new HistoryAnswer(
            history.conversation().sid().text(),
            history.conversation().state().word(),
            reopenableFor(
                reopening,
                history.conversation(),
                history.identity(),
                history.sessionExpires(),
                history.participants(),
                clock.instant()),
            history.conversation().status().since().at(),
            history.conversation().revision(),
            history.identity(),
            ParticipantForm.of(history.participants()),
            MessageForm.written(history.messages()),
            history.more()));
  }

  private ApiResponse send(ApiRequest call) {
    GuestCredentials credentials =
        call.hasLongBody() ? longCallCredentials(call) : credentials(call);
    RequestFields fields = call.fields(Limits.MESSAGE_CALL_BODY);
    List<Sid.Media> files = MessageFields.files(fields, "media_sids");
    String body = MessageFields.body(fields, files);
    JsonText attributes = MessageFields.attributes(fields.optional("attributes"));
    String clientId = MessageFields.clientId(fields.required("clientId"));
    MessageAnswers.reserveAnswer(call, body, attributes);
    return MessageAnswers.sent(ask(
        "message {body, client_id}",
        () -> conversations.send(credentials, body, attributes, files, clientId)));
  }

  private ApiResponse read(ApiRequest call) {
    GuestCredentials credentials = credentials(call);
    MessageIndex index = MessageFields.index(call.fields(Limits.SMALL_BODY));
    return ApiResponse.json(
        200, new ReadAnswer(ask("read {index}", () -> conversations.read(credentials, index))));
  }

  private ApiResponse typing(ApiRequest call) {
    GuestCredentials credentials = credentials(call);
    call.checkBody(Limits.SMALL_BODY);
    ask("typing", () -> conversations.typing(credentials));
    return ApiResponse.empty(204);
  }

  private ApiResponse end(ApiRequest call) {
    GuestCredentials credentials = credentials(call);
    boolean forget = call.fieldsIfAny(Limits.SMALL_BODY).flag("forget");
    Conversation.State state = ask("end {forget}", () -> conversations.end(credentials, forget));
    return ApiResponse.json(200, new StateAnswer(state.word()));
  }

  private ApiResponse reopen(ApiRequest call) {
    GuestCredentials credentials = credentials(call);
    call.checkBody(Limits.SMALL_BODY);
    Audience of = credentials.audience();
    Duration within = reopening.within(of.account(), of.deployment());
    return switch (ask("reopen", () -> conversations.reopen(credentials, within))) {
      case UpdateOutcome.Updated(Conversation open) ->
        ApiResponse.json(200, new StateAnswer(open.state().word()));
      case UpdateOutcome.NotReopened _ ->
        throw new Problem(
            ErrorCode.CONVERSATION_CLOSED,
            "This conversation has ended, and cannot be reopened any more.");
      case UpdateOutcome.NotFound() -> throw MessageAnswers.gone();
    };
  }

  /**
   * How long a guest can reopen their conversation: not at all once they were removed from it, and
   * only until their session ends.
   */
  static Optional<Optional<Long>> reopenableFor(
      Reopening reopening,
      Conversation conversation,
      Identity guest,
      Instant sessionExpires,
      List<Participant> participants,
      Instant now) {
    return conversation
        .ended()
        .filter(_ ->
            participants.stream().anyMatch(one -> one.joined() && one.identity().equals(guest)))
        .map(ended -> reopening.secondsLeft(conversation, ended, sessionExpires, now))
        .orElse(Frames.NOT_REOPENABLE);
  }

  GuestCredentials credentials(ApiRequest call) {
    return orchestrator.credentials(
        deploymentKey(call.header(DEPLOYMENT_KEY)),
        bearer(call.header("Authorization")),
        signedCalls.browserRequest(call));
  }

  /** Refuses a text that cannot be a token, before the body is read. */
  GuestCredentials longCallCredentials(ApiRequest call) {
    return orchestrator.longCallCredentials(
        deploymentKey(call.header(DEPLOYMENT_KEY)),
        bearer(call.header("Authorization")),
        signedCalls.browserRequest(call));
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

  /** Calls Conversations, and turns a refusal into the error of the API. */
  static <T> T ask(String question, Supplier<GuestOutcome<T>> call) {
    return GuestOutcome.of(question, call).orThrow(GuestHttp::refused);
  }

  static Problem refused(Verdict.Refused refusal) {
    return switch (refusal.failure()) {
      case FINGERPRINT_VALIDATION_FAILED -> new Problem(ErrorCode.FINGERPRINT_REFUSED);
      case TOKEN_VALIDATION_FAILED, TOKEN_EXPIRED ->
        new Problem(refusal.renewable() ? ErrorCode.TOKEN_RENEWABLE : ErrorCode.TOKEN_REFUSED);
    };
  }
}
