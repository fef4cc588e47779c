package parlour.serverapi;

import java.security.SecureRandom;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import parlour.Sid;
import parlour.accounts.AccountAuthenticator;
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
    routes.post(MEDIA, http.server(files::upload));
    routes.get(MEDIA + "/{MediaSid}", http.server(files::find));
    routes.get(ALL, http.server(all::list));
    routes.post(ALL, http.server(all::create));
    routes.get(ONE, http.server(all::fetch));
    routes.post(ONE, http.server(all::update));
    routes.delete(ONE, http.server(all::erase));
    routes.get(MESSAGES, http.server(messages::messages));
    routes.post(MESSAGES, http.server(messages::send));
    routes.get(MESSAGES + "/{MessageSid}", http.server(messages::message));
    routes.post(MESSAGES + "/{MessageSid}", http.server(messages::edit));
    routes.delete(MESSAGES + "/{MessageSid}", http.server(messages::remove));
    routes.get(MESSAGES + "/{MessageSid}/Receipts", http.server(messages::receipts));
    routes.get(MESSAGES + "/{MessageSid}/Receipts/{ReceiptSid}", http.server(messages::receipt));
    routes.get(PARTICIPANTS, http.server(participants::participants));
    routes.post(PARTICIPANTS, http.server(participants::join));
    String participant = PARTICIPANTS + "/{ParticipantSid}";
    routes.get(participant, http.server(participants::participant));
    routes.post(participant, http.server(participants::update));
    routes.delete(participant, http.server(participants::leave));
  }

  /** An endpoint that only an authenticated server can call. */
  private Endpoint server(Function<ServerCall, ApiResponse> endpoint) {
    return call -> {
      Sid.Account account = authenticator
          .signedIn(call.header("Authorization"))
          .orElseThrow(() -> new Problem(ErrorCode.SERVER_NOT_AUTHENTICATED)
              .withHeader("WWW-Authenticate", "Basic realm=\"Parlour\""));
      return endpoint.apply(new ServerCall(call, account, publicUrl.orElseGet(() -> hostOf(call))));
    };
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
