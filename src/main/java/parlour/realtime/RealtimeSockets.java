package parlour.realtime;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.conversations.GuestConversations;
import parlour.http.server.AddressBlock;
import parlour.http.server.AddressRates;
import parlour.http.server.ApiRequest;
import parlour.http.server.BytePool;
import parlour.http.server.Routes;
import parlour.http.server.SocketEndpoint;
import parlour.http.websocket.OpenSockets;
import parlour.http.websocket.SocketHandler;
import parlour.http.websocket.SocketKind;
import parlour.orchestrator.AdmittedSockets;
import parlour.orchestrator.BrowserRequest;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.rates.LocalRateLimiter;
import parlour.rates.RateLimiter;

/**
 * The WebSockets of unchanged pages that use the package {@code @twilio/conversations} ({@code GET
 * /v3/wsconnect}). The client's first frame must be {@code init}, with its token.
 */
public final class RealtimeSockets implements SocketEndpoint {
  static final OutageLog outages = new OutageLog(
      LoggerFactory.getLogger(RealtimeSockets.class), "the sockets of the published client wait");

  private final Parts parts;
  private final PublicAddress address;
  private final AdmittedSockets admitted;

  /**
   * @param admitted checks the open sockets again after each change of the directory
   * @param limiter counts the calls of each client address, and the replays of each session
   * @param publicUrl where browsers reach this installation, if it is configured
   */
  public RealtimeSockets(
      FlexWebchatOrchestrator orchestrator,
      GuestConversations conversations,
      AdmittedSockets admitted,
      RateLimiter limiter,
      Optional<String> publicUrl,
      InstantSource clock,
      SecureRandom random) {
    this.parts = new Parts(
        orchestrator,
        conversations,
        new OpenSockets<>(),
        new AddressRates(limiter),
        new FramePace(new AddressRates(limiter.isCounting() ? new LocalRateLimiter() : limiter)),
        new BytePool(
            Limits.REALTIME_REQUEST_MEMORY,
            Limits.REALTIME_REQUEST_MEMORY / Limits.REALTIME_REQUEST_MEMORY_SHARE),
        limiter,
        clock,
        random);
    this.admitted = admitted;
    this.address = new PublicAddress(publicUrl);
  }

  /**
   * The parts that all connections share.
   *
   * @param addresses counts the calls of client addresses, in all processes together
   * @param frames delays the frames of a client address that sends too many
   * @param requests memory for the requests that wait or are being answered
   */
  record Parts(
      FlexWebchatOrchestrator orchestrator,
      GuestConversations conversations,
      OpenSockets<Sid.Session> sockets,
      AddressRates addresses,
      FramePace frames,
      BytePool requests,
      RateLimiter limiter,
      InstantSource clock,
      SecureRandom random) {}

  /**
   * The facts of the upgrade, which cannot be read afterwards.
   *
   * @param headers by lower-case name
   * @param client the address that the socket is counted for
   * @param mediaHost where the browser reaches this server
   */
  record Handshake(Map<String, String> headers, String client, String mediaHost) {
    BrowserRequest browserRequest() {
      return new BrowserRequest(
          name -> headers.get(name.toLowerCase(Locale.ROOT)),
          (name, value) -> {}, // the response, which could have had headers, was sent before
          Optional.empty(),
          AddressBlock.networkOf(client));
    }
  }

  public void serve(Routes routes) {
    routes.socket("/v3/wsconnect", this, SocketKind.BINARY);
  }

  @Override
  public SocketHandler accept(ApiRequest request) {
    Map<String, String> headers = new HashMap<>();
    for (String name : new String[] {"Origin", "User-Agent", "Accept-Language"}) {
      String value = request.header(name);
      if (value != null) {
        headers.put(name.toLowerCase(Locale.ROOT), value);
      }
    }
    Handshake handshake = new Handshake(Map.copyOf(headers), request.client(), address.of(request));
    return socket -> {
      RealtimeConnection connection = new RealtimeConnection(handshake, socket, parts);
      admitted.during(connection, connection::run);
    };
  }
}
