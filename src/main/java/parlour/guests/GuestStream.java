package parlour.guests;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.accounts.Reopening;
import parlour.api.Frames;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Entered;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.Json;
import parlour.http.server.ApiRequest;
import parlour.http.server.Routes;
import parlour.http.server.SocketEndpoint;
import parlour.http.websocket.OpenSockets;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketHandler;
import parlour.orchestrator.AdmittedSockets;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.proof.SocketChallenge;
import parlour.trace.Trace;

/**
 * The WebSockets of guests ({@code GET /v2/Webchat/Stream}), which deliver the changes of a
 * conversation as they happen. The server sends a challenge, which a client without a key ignores;
 * the client's first text must be a {@link Hello}.
 */
public final class GuestStream implements SocketEndpoint {
  static final OutageLog outages =
      new OutageLog(LoggerFactory.getLogger(GuestStream.class), "the sockets of guests wait");

  private final FlexWebchatOrchestrator orchestrator;
  private final GuestConversations conversations;
  private final Reopening reopening;
  private final InstantSource clock;
  private final SecureRandom random;
  private final OpenSockets<Sid.Session> sockets = new OpenSockets<>();
  private final AdmittedSockets admitted;

  /**
   * @param admitted checks the open sockets again after each change of the directory
   */
  public GuestStream(
      FlexWebchatOrchestrator orchestrator,
      GuestConversations conversations,
      Reopening reopening,
      AdmittedSockets admitted,
      InstantSource clock,
      SecureRandom random) {
    this.orchestrator = orchestrator;
    this.conversations = conversations;
    this.reopening = reopening;
    this.admitted = admitted;
    this.clock = clock;
    this.random = random;
  }

  public void serve(Routes routes) {
    routes.socket("/v2/Webchat/Stream", this);
  }

  @Override
  public SocketHandler accept(ApiRequest request) {
    // The request cannot be read after the upgrade.
    Map<String, String> handshake = new HashMap<>();
    for (String name : new String[] {"Origin", "User-Agent", "Accept-Language"}) {
      String value = request.header(name);
      if (value != null) {
        handshake.put(name.toLowerCase(Locale.ROOT), value);
      }
    }
    String client = request.client();
    return socket -> run(handshake, client, socket);
  }

  private void run(Map<String, String> handshake, String client, Socket socket) {
    String traceId = Trace.current().shortId();
    try {
      SocketChallenge challenge = SocketChallenge.next(random);
      socket.send(Frames.text(new Frames.Challenge("challenge", challenge.nonce())));
      Hello hello = Hello.of(message(socket.receive(Limits.SOCKET_HELLO)), challenge);
      run(new GuestConnection(
          hello,
          challenge,
          handshake,
          client,
          socket,
          traceId,
          orchestrator,
          conversations,
          reopening,
          clock));
    } catch (Problem problem) {
      refuse(problem, null, traceId, socket);
    } catch (TooManyRequests later) {
      refuse(new Problem(ErrorCode.TOO_MANY_REQUESTS), later.retryAfter(), traceId, socket);
    } catch (Unavailable unavailable) {
      outages.failed(unavailable, traceId);
      refuse(new Problem(ErrorCode.UNEXPECTED), Limits.RETRY_AFTER, traceId, socket);
    }
  }

  private void run(GuestConnection connection) {
    admitted.during(connection, () -> {
      Entered entered = connection.enter();
      sockets.within(entered.session().session(), () -> connection.stay(entered));
    });
  }

  /**
   * Sends the reason, and closes the socket.
   *
   * @param retryAfter when the client can try again; null if that is of no use
   */
  static void refuse(
      Problem problem, @Nullable Duration retryAfter, String traceId, Socket socket) {
    ErrorCode code = problem.code();
    socket.send(Frames.text(new Frames.Refused(
        "refused",
        code.code(),
        code.action(),
        String.valueOf(problem.getMessage()),
        traceId,
        retryAfter == null ? null : Math.max(1, retryAfter.toSeconds()))));
    socket.close(retryAfter == null ? Socket.REFUSED : Socket.TRY_LATER, "");
  }

  static Map<String, @Nullable Object> message(String text) {
    return Json.object(text).orElseThrow(() -> malformed("Send JSON objects."));
  }

  static Problem malformed(String remedy) {
    return new Problem(ErrorCode.MALFORMED, remedy);
  }
}
