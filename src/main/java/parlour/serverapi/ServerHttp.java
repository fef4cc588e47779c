package parlour.serverapi;

import java.security.SecureRandom;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import parlour.accounts.AccountAuthenticator;
import parlour.accounts.AccountAuthenticator.Outcome;
import parlour.accounts.ApiCaller;
import parlour.accounts.ApiKeys.Scope;
import parlour.accounts.Directory;
import parlour.conversations.Conversations;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Endpoint;
import parlour.http.server.Routes;
import parlour.media.Media;
import parlour.media.MediaLinks;

/**
 * The API for an account's own servers: the resources, names and statuses of the public
 * Conversations REST API, v1.
 */
public final class ServerHttp {
  static final String ALL = "/v1/Conversations";
  private static final String ONE = ALL + "/{ConversationSid}";
  private static final String MESSAGES = ONE + "/Messages";
  private static final String PARTICIPANTS = ONE + "/Participants";

  private static final String MEDIA = "/v1/Services/{ServiceSid}/Media";

  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]{1,5})?");

  private final AccountAuthenticator authenticator;
  private final Optional<String> publicUrl;

  private ServerHttp(AccountAuthenticator authenticator, Optional<String> publicUrl) {
    this.authenticator = authenticator;
    this.publicUrl = publicUrl;
  }

  /**
   * @param directory where a server can start conversations
   * @param publicUrl the start of the addresses in answers; if empty, it is taken from the caller's
   *     Host header
   */
  public static void serve(
      AccountAuthenticator authenticator,
      Directory directory,
      Conversations conversations,
      Media media,
      MediaLinks links,
      Optional<String> publicUrl,
      SecureRandom random,
      Routes routes) {
    ConversationEndpoints all =
        new ConversationEndpoints(authenticator, directory, conversations, random);
    MessageEndpoints messages = new MessageEndpoints(authenticator, conversations);
    ParticipantEndpoints participants = new ParticipantEndpoints(conversations);
    MediaEndpoints files = new MediaEndpoints(media, links, random);
    ServerHttp http = new ServerHttp(authenticator, publicUrl);
    routes.post(MEDIA, http.writing(files::upload));
    routes.get(MEDIA + "/{MediaSid}", http.reading(files::find));
    routes.get(ALL, http.reading(all::list));
    routes.post(ALL, http.writing(all::create));
    routes.get(ONE, http.reading(all::fetch));
    routes.post(ONE, http.writing(all::update));
    routes.delete(ONE, http.erasing(all::erase));
    routes.get(MESSAGES, http.reading(messages::messages));
    routes.post(MESSAGES, http.writing(messages::send));
    routes.get(MESSAGES + "/{MessageSid}", http.reading(messages::message));
    routes.post(MESSAGES + "/{MessageSid}", http.writing(messages::edit));
    routes.delete(MESSAGES + "/{MessageSid}", http.erasing(messages::remove));
    routes.get(MESSAGES + "/{MessageSid}/Receipts", http.reading(messages::receipts));
    routes.get(MESSAGES + "/{MessageSid}/Receipts/{ReceiptSid}", http.reading(messages::receipt));
    routes.get(PARTICIPANTS, http.reading(participants::participants));
    routes.post(PARTICIPANTS, http.writing(participants::join));
    String participant = PARTICIPANTS + "/{ParticipantSid}";
    routes.get(participant, http.reading(participants::participant));
    routes.post(participant, http.writing(participants::update));
    routes.delete(participant, http.writing(participants::leave));
  }

  private Endpoint reading(Function<ServerCall, ApiResponse> endpoint) {
    return server(Scope.READ, endpoint);
  }

  private Endpoint writing(Function<ServerCall, ApiResponse> endpoint) {
    return server(Scope.WRITE, endpoint);
  }

  private Endpoint erasing(Function<ServerCall, ApiResponse> endpoint) {
    return server(Scope.ERASE, endpoint);
  }

  /** An endpoint that only an authenticated program can call; one with an API key needs the scope. */
  private Endpoint server(Scope scope, Function<ServerCall, ApiResponse> endpoint) {
    return call -> {
      ApiCaller caller = caller(call);
      if (!authenticator.permits(caller, scope)) {
        throw new Problem(
            ErrorCode.API_KEY_SCOPE_MISSING,
            ("This API key lacks the scope \"%1$s\", which this call needs. Have an operator create a"
                    + " key that has it: parlour api-keys create NAME --scope %1$s")
                .formatted(scope.word()));
      }
      return endpoint.apply(new ServerCall(call, caller, publicUrl.orElseGet(() -> hostOf(call))));
    };
  }

  private ApiCaller caller(ApiRequest call) {
    return switch (authenticator.authenticate(call.header("Authorization"))) {
      case Outcome.Authenticated(ApiCaller caller) -> caller;
      case Outcome.Refused() -> throw notAuthenticated(ErrorCode.SERVER_NOT_AUTHENTICATED);
      case Outcome.Expired() -> throw notAuthenticated(ErrorCode.API_KEY_EXPIRED);
    };
  }

  private static Problem notAuthenticated(ErrorCode code) {
    return new Problem(code).withHeader("WWW-Authenticate", "Basic realm=\"Parlour\"");
  }

  /**
   * The start of the addresses in answers if public.url is not set: the caller's Host, if it is this
   * machine. Any other Host is refused, because a client library sends its password to the addresses
   * that it finds in answers.
   */
  private static String hostOf(ApiRequest call) {
    String host = Objects.requireNonNullElse(call.header("Host"), "localhost");
    if (!LOOPBACK.matcher(host).matches()) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "This server does not know its own address, which answers must contain: its operator must"
              + " set public.url.");
    }
    return (call.isEncrypted() ? "https://" : "http://") + host;
  }
}
