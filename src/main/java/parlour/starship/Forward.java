package parlour.starship;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpUpgrader;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.UpgradeProtocolHandler;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.websocket.core.util.WebSocketUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.Header;
import parlour.http.InternalProtocol;
import parlour.http.client.Attempts;
import parlour.http.client.HttpClients;
import parlour.http.client.Nodes;
import parlour.http.client.Nodes.Node;
import parlour.http.client.RetryPolicy;
import parlour.http.client.RetryPolicy.Attempt;
import parlour.http.server.BrowserTls;
import parlour.http.server.BytePool;
import parlour.http.server.ClientMark;
import parlour.http.server.InternalOnly;
import parlour.http.websocket.Sockets;
import parlour.trace.Trace;

/**
 * Forwards calls to the processes that run one service, their headers untouched but for what speaks
 * of the connection or pretends to come from inside. Bodies stream, and so do WebSockets, once the
 * service has accepted the handshake. Whatever goes wrong behind is a 503, never a refusal: also an
 * answer without the mark that {@link InternalOnly} puts on every answer of ours.
 *
 * <p>A call goes to another process only where nobody can have acted on it: nothing of it was sent,
 * or the process turned it away because it is stopping. One that only reads is asked once more after
 * a lost connection. The deadline holds over all of that.
 */
public final class Forward extends ProxyHandler {
  // The plain name would be that of the nested ProxyHandler.Forward.
  private static final Logger log = LoggerFactory.getLogger(parlour.starship.Forward.class);
  private static final OutageLog outages = new OutageLog(log, "a call is answered 503");

  private static final Set<HttpHeader> OF_THE_CONNECTION = EnumSet.of(
      HttpHeader.CONNECTION,
      HttpHeader.KEEP_ALIVE,
      HttpHeader.PROXY_AUTHORIZATION,
      HttpHeader.PROXY_AUTHENTICATE,
      HttpHeader.PROXY_CONNECTION,
      HttpHeader.TRANSFER_ENCODING,
      HttpHeader.TE,
      HttpHeader.TRAILER,
      HttpHeader.UPGRADE);

  private static final Set<String> OF_THE_INSIDE =
      Set.of("forwarded", "x-real-ip", "traceparent", "tracestate", "baggage");

  private static final Set<String> FORWARDED_METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /**
   * What any other method is forwarded as. No path takes it, so the answer and its Allow are the
   * service's own; and TRACE, sent as it is, might show the caller the secret.
   */
  private static final String NO_METHOD = "UNKNOWN";

  private final Nodes nodes;
  private final SslContextFactory.Client tls;
  private final Header secret;
  private final Duration deadline;
  private final long bodyBytes;
  private final Function<String, ErrorCode> outageOf;

  /** A permit for each long body, because it holds a connection to the service while it arrives. */
  private final BytePool longBodies = new BytePool(
      Limits.FORWARDED_LONG_BODIES, Limits.FORWARDED_LONG_BODIES / Limits.BODY_MEMORY_SHARE);

  /**
   * @param nodes the processes that run the service
   * @param tls how those are called whose address begins with https
   * @param deadline of a whole call, the caller's sending and the last byte of the answer included;
   *     below the listener's idle timeout, which would end a quiet call without an answer
   * @param bodyBytes the largest body that is forwarded
   * @param outageOf the code of a path's 503
   */
  public Forward(
      Nodes nodes,
      SslContextFactory.Client tls,
      String secret,
      Duration deadline,
      long bodyBytes,
      Function<String, ErrorCode> outageOf) {
    this.nodes = nodes;
    this.tls = tls;
    this.secret = new Header(InternalProtocol.SECRET_HEADER, secret);
    this.deadline = deadline;
    this.bodyBytes = bodyBytes;
    this.outageOf = outageOf;
    setViaHost("unused"); // or Jetty would ask the name service for ours
  }

  @Override
  protected HttpClient newHttpClient() {
    return HttpClients.create(tls);
  }

  @Override
  protected void configureHttpClient(HttpClient client) {
    HttpClients.configure(client);
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    getHttpClient().getProtocolHandlers().put(new UpgradeProtocolHandler());
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    var attempts = new Attempts(nodes, retryPolicy(request.getMethod()), deadline);
    var caller = new Caller(request, bodyBytes, attempts, nodes.areSeveral());
    if (HttpMethod.CONNECT.is(request.getMethod())) { // it asks for a host, not for a path
      answer(new Problem(ErrorCode.NOT_FOUND), Trace.current(), caller, response, callback);
      return true;
    }
    if (request.getLength() > bodyBytes) {
      answer(new Problem(ErrorCode.TOO_LARGE), Trace.current(), caller, response, callback);
      return true;
    }
    if (request.getLength() == 0 || Sockets.isHandshake(request)) {
      return begin(caller, response, callback);
    }
    Trace trace = Trace.current();
    caller.gather(
        Limits.BODY_UNRESERVED_BYTES,
        Limits.BODY_DEADLINE,
        isWhole -> trace.during(() -> gathered(isWhole, caller, response, callback)));
    return true;
  }

  private static RetryPolicy retryPolicy(String method) {
    return HttpMethod.GET.is(method) || HttpMethod.HEAD.is(method)
        ? RetryPolicy.REPEAT_AT_OTHER_NODE
        : RetryPolicy.NEVER_REPEAT;
  }

  private boolean gathered(boolean isWhole, Caller caller, Response response, Callback callback) {
    try {
      if (isWhole) {
        return begin(caller, response, callback);
      }
      Optional<BytePool.Held> place = longBodies.hold(ClientMark.of(caller), 1, Duration.ZERO);
      if (place.isPresent()) {
        return begin(caller, response, Callback.from(callback, place.get()::close));
      }
      var problem = new Problem(outageOf(caller)).withHeader("Connection", "close");
      answer(problem, Trace.current(), caller, response, callback);
    } catch (RuntimeException failure) {
      Response.writeError(caller, response, callback, failure);
    }
    return true;
  }

  private boolean begin(Caller caller, Response response, Callback callback) {
    Problem problem = caller.problem();
    if (problem != null) {
      answer(
          problem.withHeader("Connection", "close"), Trace.current(), caller, response, callback);
      return true;
    }
    caller.attempts().begin();
    return super.handle(caller, response, callback);
  }

  private boolean resend(Caller caller, Response response, Callback callback) {
    return super.handle(caller, response, callback);
  }

  @Override
  protected HttpURI rewriteHttpURI(Request request) {
    return request.getHttpURI();
  }

  @Override
  protected org.eclipse.jetty.client.Request newProxyToServerRequest(Request request, HttpURI uri) {
    String method = request.getMethod();
    Caller caller = (Caller) request;
    return caller
        .attempts()
        .node()
        .request(getHttpClient(), uri.getPathQuery())
        .method(FORWARDED_METHODS.contains(method) ? method : NO_METHOD)
        .timeout(Math.max(1, caller.attempts().nanosLeft()), TimeUnit.NANOSECONDS);
  }

  @Override
  protected void copyRequestHeaders(Request request, org.eclipse.jetty.client.Request forwarded) {
    var connection = new HashSet<String>();
    for (String names : request.getHeaders().getValuesList(HttpHeader.CONNECTION)) {
      for (String name : names.split(",", -1)) { // tokens (RFC 9110 §7.6.1): quotes have no meaning
        connection.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    forwarded.headers(headers -> {
      for (HttpField field : request.getHeaders()) {
        if (!OF_THE_CONNECTION.contains(field.getHeader())
            && !connection.contains(field.getLowerCaseName())
            && !pretendsToBeInside(field.getLowerCaseName())) {
          headers.add(field);
        }
      }
    });
    if (Sockets.isHandshake(request)) {
      forwarded.headers(headers -> headers
          .remove(HttpHeader.SEC_WEBSOCKET_EXTENSIONS)
          .put(HttpHeader.UPGRADE, "websocket")
          .put(HttpHeader.CONNECTION, "Upgrade"));
    }
  }

  private static boolean pretendsToBeInside(String name) {
    return name.startsWith("parlour-")
        || name.startsWith("x-forwarded-")
        || OF_THE_INSIDE.contains(name);
  }

  @Override
  protected void addProxyHeaders(Request request, org.eclipse.jetty.client.Request forwarded) {
    forwarded.headers(headers -> headers
        .put(secret.name(), secret.value())
        .put("traceparent", Trace.current().traceparent())
        .put(HttpHeader.X_FORWARDED_FOR, Request.getRemoteAddr(request)));
    String client = ClientMark.of(request);
    if (!client.isEmpty()) {
      forwarded.headers(headers -> headers.put(ClientMark.HEADER, client));
    }
    if (BrowserTls.isMarked(request)) {
      forwarded.headers(headers -> headers.put(BrowserTls.HEADER, "https"));
    }
  }

  @Override
  protected org.eclipse.jetty.client.Request.Content newProxyToServerRequestContent(
      Request request, Response response, org.eclipse.jetty.client.Request forwarded) {
    return new Caller.SentBody((Caller) request, forwarded);
  }

  @Override
  protected void sendProxyToServerRequest(
      Request request,
      org.eclipse.jetty.client.Request forwarded,
      Response response,
      Callback callback) {
    if (Sockets.isHandshake(request)) {
      var upgrade = new Upgrade(request, response, callback);
      forwarded.attribute(
          HttpUpgrader.Factory.class.getName(), (HttpUpgrader.Factory) version -> upgrade);
    }
    var caller = (Caller) request;
    caller.attempts().node().begin();
    super.sendProxyToServerRequest(request, forwarded, response, callback);
  }

  @Override
  protected org.eclipse.jetty.client.Response.CompleteListener newServerToProxyResponseListener(
      Request request,
      org.eclipse.jetty.client.Request forwarded,
      Response response,
      Callback callback) {
    return new ResponseRelay((Caller) request, forwarded, response, callback);
  }

  @Override
  protected @Nullable HttpField filterServerToProxyResponseField(HttpField field) {
    return field.getLowerCaseName().startsWith("parlour-") ? null : field;
  }

  // An early hint would carry headers past those who have a last word on them.
  @Override
  protected void onServerToProxyResponse102Processing(
      Request request,
      org.eclipse.jetty.client.Request forwarded,
      HttpFields headers,
      Response response) {}

  @Override
  protected void onServerToProxyResponse103EarlyHints(
      Request request,
      org.eclipse.jetty.client.Request forwarded,
      HttpFields headers,
      Response response) {}

  private void answer(
      Problem problem, Trace trace, Request request, Response response, Callback callback) {
    Errors.of(outageOf(request)).answer(problem, trace).send(response, callback);
  }

  private ErrorCode outageOf(Request request) {
    String path = Request.getPathInContext(request);
    return outageOf.apply(path == null ? "" : path);
  }

  /** Passes the service's answer on, once it is known to be one. */
  private final class ResponseRelay extends ProxyResponseListener {
    private final Caller caller;
    private final org.eclipse.jetty.client.Request forwarded;
    private final Response response;
    private final Callback callback;
    private final HttpFields headersBefore;
    // The client's callbacks run on its own threads, where no trace is bound.
    private final Trace trace = Trace.current();
    private boolean ours;
    private boolean turnedAway;
    private volatile boolean begun;
    private volatile boolean answered;

    ResponseRelay(
        Caller caller,
        org.eclipse.jetty.client.Request forwarded,
        Response response,
        Callback callback) {
      super(caller, forwarded, response, callback);
      this.caller = caller;
      this.forwarded = forwarded;
      this.response = response;
      this.callback = callback;
      this.headersBefore = HttpFields.build(response.getHeaders()).asImmutable();
      forwarded.onRequestBegin(_ -> begun = true);
    }

    @Override
    public void onBegin(org.eclipse.jetty.client.Response answer) {
      answered = true; // the status is set with the headers
    }

    @Override
    public void onHeaders(org.eclipse.jetty.client.Response answer) {
      if (answer.getStatus() == 503
          && answer.getHeaders().contains(InternalProtocol.DRAINING_HEADER)) {
        turnedAway = true;
        return;
      }
      String arrows = answer.getHeaders().get(InternalProtocol.TRACE_HEADER);
      if (arrows == null || answer.getStatus() < 200) {
        var _ = answer.abort(new IOException("a " + answer.getStatus() + " that is not of ours"));
        return;
      }
      ours = true;
      trace.absorb(arrows);
      response.setStatus(answer.getStatus());
      super.onHeaders(answer);
      if (response.getHeaders().getField(HttpHeader.CONTENT_LENGTH) == null
          && mayHaveBody(answer)) {
        // Otherwise its end would be that of the connection, and a part be taken for the whole.
        response.getHeaders().put(HttpHeader.TRANSFER_ENCODING, HttpHeaderValue.CHUNKED);
      }
    }

    private boolean mayHaveBody(org.eclipse.jetty.client.Response answer) {
      return caller.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
          && !HttpMethod.HEAD.is(caller.getMethod())
          && !HttpStatus.hasNoBody(answer.getStatus());
    }

    @Override
    public void onContent(
        org.eclipse.jetty.client.Response answer, Content.Chunk chunk, Runnable demander) {
      if (ours) {
        super.onContent(answer, chunk, demander);
      } else if (turnedAway) {
        demander.run();
      }
    }

    @Override
    public void onSuccess(org.eclipse.jetty.client.Response answer) {
      if (ours) {
        super.onSuccess(answer);
      }
    }

    @Override
    public void onComplete(Result result) {
      caller.attempts().node().end();
      if (ours && result.isSucceeded()) {
        super.onComplete(result);
      } else if (!sendsAgain(result.getFailure())) {
        fail(result.getFailure());
      }
    }

    /** Sends the call again, if that is safe and possible. */
    private boolean sendsAgain(@Nullable Throwable failure) {
      Attempt attempt = turnedAway ? Attempt.draining() : Attempt.failed(begun, answered, failure);
      Node before = caller.attempts().node();
      if (!caller.attempts().hasNext(attempt, caller.isResendable())) {
        return false;
      }
      caller.startAgain();
      log.debug( // Nodes logs the state of the node, once
          "trace {}: {} did not take the call ({}), {} gets it",
          trace.shortId(),
          before,
          turnedAway ? "it is stopping" : String.valueOf(failure),
          caller.attempts().node());
      return trace.during(() -> resend(caller, response, callback));
    }

    private void fail(@Nullable Throwable failure) {
      if (forwarded.getBody() instanceof Caller.SentBody body) {
        body.giveUp();
      }
      if (response.isCommitted()) {
        // The connection is cut, so that no one takes the part for the whole.
        callback.failed(failure == null ? new IOException("no answer") : failure);
        return;
      }
      response.getHeaders().clear();
      for (HttpField field : headersBefore) {
        if (!response.getHeaders().contains(field)) { // Date outlives clear()
          response.getHeaders().add(field);
        }
      }
      Problem problem = caller.problem();
      if (problem == null) {
        outages.failed(caller.attempts().node() + " failed: " + failure, trace.shortId());
        problem = new Problem(outageOf(caller));
      }
      answer(problem, trace, caller, response, callback);
    }
  }

  /** Joins the browser's connection to the service's, which has accepted the handshake. */
  private final class Upgrade implements HttpUpgrader {
    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Trace trace = Trace.current();

    Upgrade(Request request, Response response, Callback callback) {
      this.request = request;
      this.response = response;
      this.callback = callback;
    }

    @Override
    public void prepare(org.eclipse.jetty.client.Request forwarded) {
      // the browser's own handshake is sent, its key included
    }

    @Override
    public void upgrade(
        org.eclipse.jetty.client.Response answer, EndPoint service, Callback upgraded) {
      String arrows = answer.getHeaders().get(InternalProtocol.TRACE_HEADER);
      String key = request.getHeaders().get(HttpHeader.SEC_WEBSOCKET_KEY);
      String accepted = answer.getHeaders().get(HttpHeader.SEC_WEBSOCKET_ACCEPT);
      if (arrows == null || !WebSocketUtils.hashKey(key).equals(accepted)) {
        service.close();
        upgraded.failed(new IOException("a 101 that is not of ours"));
        return;
      }
      trace.absorb(arrows);
      for (HttpField field : answer.getHeaders()) {
        if (!OF_THE_CONNECTION.contains(field.getHeader())
            && field.getHeader() != HttpHeader.SEC_WEBSOCKET_ACCEPT
            && field.getHeader() != HttpHeader.DATE
            && filterServerToProxyResponseField(field) != null) {
          response.getHeaders().add(field);
        }
      }
      Sockets sockets = Sockets.of(getServer());
      var relay = new Relay(sockets);
      sockets.join(
          getHttpClient(), service, ((Caller) request).attempts().node().base(), relay.service());
      var answered = Callback.from(callback::succeeded, failure -> {
        service.close();
        callback.failed(failure);
      });
      sockets.open(request, response, answered, relay.browser());
      upgraded.succeeded();
    }
  }
}
