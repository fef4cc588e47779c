package parlour.orchestrator;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import parlour.Identity;
import parlour.Instants;
import parlour.Limits;
import parlour.Sid;
import parlour.api.MessageFields;
import parlour.conversations.Conversations;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.federatedauth.Outcome;
import parlour.federatedauth.Refusal;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Endpoint;
import parlour.http.server.RequestFields;
import parlour.http.server.Routes;
import parlour.scopedauth.GuestToken;
import parlour.trace.Lifeline;
import parlour.trace.Trace;

/**
 * The endpoints of FlexWebchatOrchestrator, with the field names of the public contract. There is
 * no client, because the edge forwards a browser's call unchanged.
 */
public final class FlexWebchatOrchestratorHttp {
  private static final Pattern IDEMPOTENCY_KEY = Pattern.compile("[A-Za-z0-9_-]{%d,%d}"
      .formatted(Limits.MIN_IDEMPOTENCY_KEY_CHARACTERS, Limits.MAX_IDEMPOTENCY_KEY_CHARACTERS));

  private final FlexWebchatOrchestrator orchestrator;
  private final SignedCalls signedCalls;

  private FlexWebchatOrchestratorHttp(
      FlexWebchatOrchestrator orchestrator, SignedCalls signedCalls) {
    this.orchestrator = orchestrator;
    this.signedCalls = signedCalls;
  }

  public static void serve(
      FlexWebchatOrchestrator orchestrator, SignedCalls signedCalls, Routes routes) {
    FlexWebchatOrchestratorHttp http = new FlexWebchatOrchestratorHttp(orchestrator, signedCalls);
    Endpoint init = recorded(http::init, Errors.CREATE);
    routes.post("/v2/Webchat/Init", init, Errors.CREATE);
    routes.post("/v2/Webchat/Token", init, Errors.CREATE);
    routes.get("/v2/Webchat/Availability", recorded(http::availability, Errors.PLAIN));
    Endpoint refresh = recorded(http::refresh, Errors.WITH_VALID);
    routes.post("/v2/Webchat/Token/Refresh", refresh, Errors.WITH_VALID);
    routes.post("/v2/Webchat/Tokens/Refresh", refresh, Errors.WITH_VALID);
  }

  record InitAnswer(
      String token,
      String expiration,
      Identity identity,
      String conversationSid,
      Optional<String> proofKey) {}

  record AvailabilityAnswer(boolean open, Optional<String> opensAt, Optional<String> awayText) {}

  record RefreshAnswer(
      boolean valid, String token, String expiration, Identity identity, String conversationSid) {}

  private ApiResponse init(ApiRequest call) {
    RequestFields fields = call.fields(Limits.WEBCHAT_BODY);
    FlexWebchatOrchestrator.ChatRequest chat = new FlexWebchatOrchestrator.ChatRequest(
        deploymentKey(fields),
        fields.optional("customerFriendlyName"),
        fields.optional("preEngagementData"),
        firstMessage(fields),
        fields.optional("identity"),
        idempotencyKey(fields),
        fields.optional("proofKey"));
    BrowserRequest request = BrowserRequest.of(call, Optional.empty());
    FlexWebchatOrchestrator.Chat started = orchestrator.init(chat, request);
    answered("201 {token, expiration, identity, conversation_sid}");
    return ApiResponse.json(
        201,
        new InitAnswer(
            started.token().text(),
            Instants.text(started.expiration()),
            started.identity(),
            started.conversation().text(),
            started.proofKey()));
  }

  /** A blank text counts as none. */
  private static Optional<Conversations.FirstMessage> firstMessage(RequestFields fields) {
    return fields
        .optional("firstMessage")
        .filter(text -> !text.isBlank())
        .map(text -> new Conversations.FirstMessage(
            MessageFields.body("firstMessage", text),
            fields.optional("clientId").map(MessageFields::clientId)));
  }

  private static Optional<String> idempotencyKey(RequestFields fields) {
    Optional<String> key = fields.optional("idempotencyKey");
    key.filter(text -> !IDEMPOTENCY_KEY.matcher(text).matches()).ifPresent(text -> {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"idempotencyKey\" must have %d to %d letters, digits, - or _; send a random UUID."
              .formatted(
                  Limits.MIN_IDEMPOTENCY_KEY_CHARACTERS, Limits.MAX_IDEMPOTENCY_KEY_CHARACTERS));
    });
    return key;
  }

  private ApiResponse availability(ApiRequest call) {
    BrowserRequest request = BrowserRequest.of(call, Optional.empty());
    FlexWebchatOrchestrator.Availability found =
        orchestrator.availability(deploymentKey(call.query()), request);
    answered("200 {open, opens_at, away_text}");
    return ApiResponse.json(
            200,
            new AvailabilityAnswer(
                found.open(), found.opensAt().map(Instant::toString), found.awayText()))
        .with("Cache-Control", "private, max-age=" + Limits.AVAILABILITY_AGE.toSeconds());
  }

  private ApiResponse refresh(ApiRequest call) {
    BrowserRequest request = signedCalls.browserRequest(call);
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    Sid.Deployment deployment = deploymentKey(fields);
    GuestToken token = new GuestToken(fields.required("token"));
    return switch (orchestrator.refresh(deployment, token, request)) {
      case Outcome.Issued issued -> {
        answered("200 {valid: true, token, expiration, identity, conversation_sid}");
        yield ApiResponse.json(
            200,
            new RefreshAnswer(
                true,
                issued.token().token().text(),
                Instants.text(issued.token().expiration()),
                issued.identity(),
                issued.conversation().text()));
      }
      case Outcome.Refused(Refusal refusal) -> throw new Problem(code(refusal));
    };
  }

  private static ErrorCode code(Refusal refusal) {
    return switch (refusal) {
      case FINGERPRINT -> ErrorCode.FINGERPRINT_REFUSED; // arrow 11
      case TOKEN -> ErrorCode.TOKEN_REFUSED; // arrow 15
    };
  }

  private static Sid.Deployment deploymentKey(RequestFields fields) {
    String text = fields.required("deploymentKey");
    try {
      return new Sid.Deployment(text);
    } catch (IllegalArgumentException e) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"deploymentKey\" is not a deployment key: send CV and 32 lower-case hex digits.");
    }
  }

  /** Records the answer to the edge if the call fails; the endpoint itself records a success. */
  private static Endpoint recorded(Endpoint endpoint, Errors errors) {
    String valid = errors.withValid() ? "valid: false, " : "";
    return call -> {
      try {
        return endpoint.answer(call);
      } catch (RuntimeException failure) {
        ErrorCode code = errors.code(failure);
        answered("%d {%scode: %d, message}".formatted(code.status(), valid, code.code()));
        throw failure;
      }
    };
  }

  private static void answered(String answer) {
    Trace.current().arrow(Lifeline.FWO, Lifeline.S, answer, "");
  }
}
