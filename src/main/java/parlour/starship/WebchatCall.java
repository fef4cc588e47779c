package parlour.starship;

import java.util.Locale;
import java.util.Optional;
import parlour.http.ErrorCode;

/** The calls that the edge lets through to the orchestrator; there are no others. */
enum WebchatCall {
  INIT(
      "POST /v2/Webchat/Init {deploymentKey, customerFriendlyName, preEngagementData}",
      ErrorCode.CREATE_UNAVAILABLE),
  REFRESH("POST /v2/Webchat/Token/Refresh {deploymentKey, token}", ErrorCode.REFRESH_UNAVAILABLE),
  MESSAGES("GET or POST /v2/Webchat/Messages", ErrorCode.UNEXPECTED),
  SIGN("POST /v2/Webchat/Read, Typing or End", ErrorCode.UNEXPECTED),
  STREAM("GET /v2/Webchat/Stream", ErrorCode.UNEXPECTED);

  private final String inWords;
  private final ErrorCode outage;

  WebchatCall(String inWords, ErrorCode outage) {
    this.inWords = inWords;
    this.outage = outage;
  }

  /** Paths match in any case. */
  static Optional<WebchatCall> of(String path) {
    return switch (path.toLowerCase(Locale.ROOT)) {
      case "/v2/webchat/init", "/v2/webchat/token" -> Optional.of(INIT);
      case "/v2/webchat/token/refresh", "/v2/webchat/tokens/refresh" -> Optional.of(REFRESH);
      case "/v2/webchat/messages" -> Optional.of(MESSAGES);
      case "/v2/webchat/read", "/v2/webchat/typing", "/v2/webchat/end" -> Optional.of(SIGN);
      case "/v2/webchat/stream" -> Optional.of(STREAM);
      default -> Optional.empty();
    };
  }

  /** The arrow that it is in docs/diagrams, whichever of its paths was called. */
  String inWords() {
    return inWords;
  }

  /** The code of "could not be decided". */
  ErrorCode outage() {
    return outage;
  }
}
