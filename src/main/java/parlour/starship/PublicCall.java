package parlour.starship;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.http.websocket.SocketKind;
import parlour.rates.Rate;

/** The calls that the edge forwards to the orchestrator. All others are answered with 404. */
enum PublicCall {
  INIT(
      "POST /v2/Webchat/Init {deploymentKey, customerFriendlyName, preEngagementData}",
      ErrorCode.CREATE_UNAVAILABLE,
      Rate.CREATES,
      Pages.ANY),
  REFRESH(
      "POST /v2/Webchat/Token/Refresh {deploymentKey, token}",
      ErrorCode.REFRESH_UNAVAILABLE,
      Rate.REFRESHES,
      Pages.ANY),
  AVAILABILITY("GET /v2/Webchat/Availability", ErrorCode.UNEXPECTED, Rate.HISTORIES, Pages.ANY),
  HISTORY("GET /v2/Webchat/Messages", ErrorCode.UNEXPECTED, Rate.HISTORIES, Pages.ANY),
  SEND(
      "POST /v2/Webchat/Messages {body, client_id}",
      ErrorCode.UNEXPECTED,
      Rate.MESSAGES,
      Pages.ANY),
  READ("POST /v2/Webchat/Read {index}", ErrorCode.UNEXPECTED, Rate.SIGNS, Pages.ANY),
  TYPING("POST /v2/Webchat/Typing", ErrorCode.UNEXPECTED, Rate.SIGNS, Pages.ANY),
  END("POST /v2/Webchat/End", ErrorCode.UNEXPECTED, Rate.SIGNS, Pages.ANY),
  REOPEN("POST /v2/Webchat/Reopen", ErrorCode.UNEXPECTED, Rate.SIGNS, Pages.ANY),
  PUSH("a call of /v2/Webchat/Push", ErrorCode.UNEXPECTED, Rate.SIGNS, Pages.ANY),
  STREAM("GET /v2/Webchat/Stream", ErrorCode.UNEXPECTED, Rate.STREAMS, Pages.ANY),
  REALTIME("GET /v3/wsconnect", ErrorCode.UNEXPECTED, Rate.STREAMS, Pages.ANY),
  UPLOAD("POST /v2/Webchat/Media {file}", ErrorCode.UNEXPECTED, Rate.UPLOADS, Pages.ANY),
  FILE("GET /v2/Webchat/Media/{MediaSid}", ErrorCode.UNEXPECTED, Rate.HISTORIES, Pages.ANY),
  CONTENT("GET /media/{file}", ErrorCode.UNEXPECTED, Rate.DOWNLOADS, Pages.ANY),
  SERVICE_UPLOAD(
      "POST /v1/Services/{ServiceSid}/Media {file}", ErrorCode.UNEXPECTED, Rate.UPLOADS, Pages.ANY),
  SERVICE_FILE(
      "a call of /v1/Services/{ServiceSid}/Media", ErrorCode.UNEXPECTED, Rate.HISTORIES, Pages.ANY),
  SERVICE_FILES(
      "POST /v1/Services/{ServiceSid}/MediaSet {list}",
      ErrorCode.UNEXPECTED,
      Rate.HISTORIES,
      Pages.ANY),
  SERVERS("a call of /v1/Conversations", ErrorCode.UNEXPECTED, Rate.SERVERS, Pages.OURS),
  SIGN_IN(
      "POST /inbox/api/sign-in {name, password}", ErrorCode.UNEXPECTED, Rate.SIGN_INS, Pages.OURS),
  OIDC_SIGN_IN("a call of /inbox/api/oidc", ErrorCode.UNEXPECTED, Rate.SIGN_INS, Pages.OURS),
  INBOX("a call of /inbox/api", ErrorCode.UNEXPECTED, Rate.INBOX, Pages.OURS),
  INBOX_UPLOAD(
      "POST /inbox/api/conversations/{ConversationSid}/media {file}",
      ErrorCode.UNEXPECTED,
      Rate.UPLOADS,
      Pages.OURS),
  INBOX_STREAM("GET /inbox/api/stream", ErrorCode.UNEXPECTED, Rate.STREAMS, Pages.OURS);

  private static final String CONVERSATIONS = "/v1/conversations";
  private static final String INBOX_API = "/inbox/api/";
  private static final Pattern SERVICE_MEDIA =
      Pattern.compile("/v1/services/[^/]+/media(set|/.*)?");
  private static final Pattern INBOX_MEDIA =
      Pattern.compile("/inbox/api/conversations/[^/]+/media");

  /** The pages whose scripts can read the answer. */
  private enum Pages {
    /** Pages of any origin, unless the orchestrator names the one that the deployment allows. */
    ANY,
    /** Pages of this origin only: the answer never has a CORS header. */
    OURS
  }

  private final String inWords;
  private final ErrorCode outage;
  private final Rate rate;
  private final Pages pages;
  private final String metric = name().toLowerCase(Locale.ROOT);

  PublicCall(String inWords, ErrorCode outage, Rate rate, Pages pages) {
    this.inWords = inWords;
    this.outage = outage;
    this.rate = rate;
    this.pages = pages;
  }

  /** The name of this kind of call in metrics. */
  String metric() {
    return metric;
  }

  /** Finds a call by its path, in any case. The orchestrator refuses methods that are wrong. */
  static Optional<PublicCall> of(String method, String path) {
    String lower = path.toLowerCase(Locale.ROOT);
    return switch (lower) {
      case "/v2/webchat/init", "/v2/webchat/token" -> Optional.of(INIT);
      case "/v2/webchat/token/refresh", "/v2/webchat/tokens/refresh" -> Optional.of(REFRESH);
      case "/v2/webchat/availability" -> Optional.of(AVAILABILITY);
      case "/v2/webchat/messages" -> Optional.of(method.equals("POST") ? SEND : HISTORY);
      case "/v2/webchat/read" -> Optional.of(READ);
      case "/v2/webchat/typing" -> Optional.of(TYPING);
      case "/v2/webchat/end" -> Optional.of(END);
      case "/v2/webchat/reopen" -> Optional.of(REOPEN);
      case "/v2/webchat/push", "/v2/webchat/push/end" -> Optional.of(PUSH);
      case "/v2/webchat/stream" -> Optional.of(STREAM);
      case "/v2/webchat/media" -> Optional.of(UPLOAD);
      case "/v3/wsconnect" -> Optional.of(REALTIME);
      case "/inbox/api/sign-in" -> Optional.of(SIGN_IN);
      case "/inbox/api/oidc/begin", "/inbox/api/oidc/finish" -> Optional.of(OIDC_SIGN_IN);
      case "/inbox/api/stream" -> Optional.of(INBOX_STREAM);
      default -> below(lower);
    };
  }

  private static Optional<PublicCall> below(String path) {
    if (path.equals(CONVERSATIONS) || path.startsWith(CONVERSATIONS + "/")) {
      return Optional.of(SERVERS);
    }
    if (path.startsWith("/v2/webchat/media/")) {
      return Optional.of(FILE);
    }
    if (path.startsWith("/media/")) {
      return Optional.of(CONTENT);
    }
    Matcher media = SERVICE_MEDIA.matcher(path);
    if (media.matches()) {
      return Optional.of(
          switch (Objects.requireNonNullElse(media.group(1), "")) {
            case "" -> SERVICE_UPLOAD;
            case "set" -> SERVICE_FILES;
            default -> SERVICE_FILE;
          });
    }
    if (INBOX_MEDIA.matcher(path).matches()) {
      return Optional.of(INBOX_UPLOAD);
    }
    return path.startsWith(INBOX_API) ? Optional.of(INBOX) : Optional.empty();
  }

  /** The text of its arrow in docs/diagrams, the same for each spelling of its path. */
  String inWords() {
    return inWords;
  }

  /** The code of its 503. */
  ErrorCode outage() {
    return outage;
  }

  /** Whether its body is a file, or a form with files. */
  boolean isUpload() {
    return this == UPLOAD || this == SERVICE_UPLOAD || this == INBOX_UPLOAD;
  }

  /** The longest body that the orchestrator reads of this call; the edge refuses longer ones. */
  long bodyBytes() {
    return switch (this) {
      case INIT -> Limits.WEBCHAT_BODY;
      case REFRESH, READ, TYPING, END, REOPEN, PUSH, SIGN_IN, OIDC_SIGN_IN -> Limits.SMALL_BODY;
      case UPLOAD, SERVICE_UPLOAD, INBOX_UPLOAD -> Limits.MEDIA_FILE_BYTES + Limits.UPLOAD_ENVELOPE;
      case AVAILABILITY,
          HISTORY,
          SEND,
          STREAM,
          REALTIME,
          FILE,
          CONTENT,
          SERVICE_FILE,
          SERVICE_FILES,
          SERVERS,
          INBOX,
          INBOX_STREAM -> Limits.MESSAGE_CALL_BODY;
    };
  }

  /** The facts that the edge needs to forward it. */
  ForwardedCall forwarded() {
    boolean hasFile = switch (this) {
      case UPLOAD, SERVICE_UPLOAD, INBOX_UPLOAD, CONTENT -> true;
      default -> false;
    };
    return new ForwardedCall(
        outage,
        hasFile ? Limits.FORWARD_FILE_DEADLINE : Limits.FORWARD_DEADLINE,
        bodyBytes(),
        hasFile,
        this == REALTIME, // its client gives up when its first handshake is refused
        this == REALTIME ? SocketKind.BINARY : SocketKind.TEXT);
  }

  /** The rates that limit it. A call that one of them refuses is not counted in the next. */
  List<Rate> rates() {
    return rate == Rate.UPLOADS ? List.of(rate, Rate.DAILY_UPLOADS) : List.of(rate);
  }

  /** Whether pages of other origins can read the answer: the calls of arrow 16. */
  boolean isForOtherPages() {
    return pages == Pages.ANY;
  }
}
