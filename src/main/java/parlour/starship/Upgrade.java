package parlour.starship;

import java.io.IOException;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpUpgrader;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.util.WebSocketUtils;
import parlour.http.InternalProtocol;
import parlour.http.websocket.SocketKind;
import parlour.http.websocket.Sockets;
import parlour.trace.Trace;

/** Connects the browser to a service that has accepted its WebSocket handshake. */
final class Upgrade implements HttpUpgrader {
  private final HttpClient client;
  private final Sockets sockets;
  private final SocketKind kind;
  private final Caller caller;
  private final Response response;
  private final Callback callback;
  private final Trace trace = Trace.current();

  /**
   * @param client on whose connection the service answers
   * @param callback completed when the browser has the answer to its handshake
   */
  Upgrade(
      HttpClient client,
      Sockets sockets,
      SocketKind kind,
      Caller caller,
      Response response,
      Callback callback) {
    this.client = client;
    this.sockets = sockets;
    this.kind = kind;
    this.caller = caller;
    this.response = response;
    this.callback = callback;
  }

  @Override
  public void prepare(org.eclipse.jetty.client.Request forwarded) {
    // The browser's own handshake is forwarded, with its key.
  }

  @Override
  public void upgrade(
      org.eclipse.jetty.client.Response answer, EndPoint service, Callback upgraded) {
    String arrows = answer.getHeaders().get(InternalProtocol.TRACE_HEADER);
    String key = caller.getHeaders().get(HttpHeader.SEC_WEBSOCKET_KEY);
    String accepted = answer.getHeaders().get(HttpHeader.SEC_WEBSOCKET_ACCEPT);
    if (arrows == null || !WebSocketUtils.hashKey(key).equals(accepted)) {
      service.close();
      upgraded.failed(new IOException("the service's answer 101 is not from Parlour"));
      return;
    }
    trace.appendEncoded(arrows);
    ForwardedHeaders.copyHandshake(answer.getHeaders(), response.getHeaders());
    var relay = new Relay(sockets, kind);
    sockets.join(client, service, caller.attempts().node().base(), relay.service());
    var answered = Callback.from(callback::succeeded, failure -> {
      service.close();
      callback.failed(failure);
    });
    if (!sockets.open(caller, response, answered, relay.browser())) {
      service.close();
      Response.writeError(caller, response, callback, HttpStatus.BAD_REQUEST_400);
    }
    upgraded.succeeded();
  }
}
