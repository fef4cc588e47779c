package parlour.starship;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
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
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
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
import parlour.http.server.ErrorResponses;
import parlour.http.server.ServerTime;
import parlour.http.websocket.SocketKind;
import parlour.http.websocket.Sockets;
import parlour.trace.Trace;

/**
 * Forwards calls to the nodes of one service. {@link ForwardedHeaders} says which headers change.
 * Bodies stream in both directions. A WebSocket is relayed after the service has accepted its
 * handshake.
 *
 * <p>Every failure of a node is answered with 503, never with a refusal. An answer without {@link
 * InternalProtocol#TRACE_HEADER} is such a failure, because it is not from Parlour. {@link
 * RetryPolicy} says whether another node gets the call first; the deadline covers all attempts. A
 * patient handshake waits for a node if none accepts it.
 */
public final class Forward extends ProxyHandler {
  // Without its package, the name would mean the nested class ProxyHandler.Forward.
  private static final Logger log = LoggerFactory.getLogger(parlour.starship.Forward.class);
  private static final OutageLog outages = new OutageLog(log, "a call is answered 503");

  private static final Set<String> FORWARDED_METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /**
   * Replaces every other method. No path accepts it, so the service answers 405 with its own Allow.
   * A TRACE that was forwarded unchanged could show the internal secret to the caller.
   */
  private static final String NO_METHOD = "UNKNOWN";

  private static final Pattern CODE = Pattern.compile("[0-9]{5}");

  private final Nodes nodes;
  private final SslContextFactory.Client tls;
  private final Header secret;
  private final Function<String, ForwardedCall> callOf;

  /** A permit for each long body, because it holds a connection to the service while it arrives. */
  private final BytePool longBodies = new BytePool(
      Limits.FORWARDED_LONG_BODIES, Limits.FORWARDED_LONG_BODIES / Limits.BODY_MEMORY_SHARE);

  /** A permit for each call with a file, because it holds a connection for minutes. */
  private final BytePool uploads = files();

  private final BytePool downloads = files();

  /** A permit for each handshake that waits for a node, while its client keeps its connection. */
  private final BytePool waiting = new BytePool(
      Limits.FORWARDED_WAITING, Limits.FORWARDED_WAITING / Limits.FORWARDED_WAITING_SHARE);

  /**
   * @param tls used for nodes whose address begins with https
   * @param callOf finds the call by its path
   */
  public Forward(
      Nodes nodes,
      SslContextFactory.Client tls,
      String secret,
      Function<String, ForwardedCall> callOf) {
    this.nodes = nodes;
    this.tls = tls;
    this.secret = new Header(InternalProtocol.SECRET_HEADER, secret);
    this.callOf = callOf;
    setViaHost("unused"); // otherwise Jetty looks up the name of this host
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
    ForwardedCall call = callOf(request);
    if (!call.hasFile()) {
      return handle(call, request, response, callback);
    }
    BytePool files = HttpMethod.POST.is(request.getMethod()) ? uploads : downloads;
    Optional<BytePool.Held> place = files.hold(ClientMark.of(request), 1, Duration.ZERO);
    if (place.isEmpty()) {
      Errors.of(call.outage())
          .answer(new Problem(call.outage()).withHeader("Connection", "close"), Trace.current())
          .send(response, callback);
      return true;
    }
    return handle(call, request, response, Callback.from(callback, place.get()::close));
  }

  private boolean handle(
      ForwardedCall call, Request request, Response response, Callback callback) {
    var attempts = new Attempts(nodes, retryPolicy(request.getMethod()), call.deadline());
    var caller = new Caller(request, call.bodyBytes(), attempts, nodes.areSeveral());
    if (HttpMethod.CONNECT.is(request.getMethod())) { // its target is a host, not a path
      answer(new Problem(ErrorCode.NOT_FOUND), Trace.current(), caller, response, callback);
      return true;
    }
    if (request.getLength() > call.bodyBytes()) {
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
        isWhole ->
            trace.during(() -> gathered(isWhole || call.hasFile(), caller, response, callback)));
    return true;
  }

  private static BytePool files() {
    return new BytePool(
        Limits.FORWARDED_FILES, Limits.FORWARDED_FILES / Limits.FORWARDED_FILES_SHARE);
  }

  private static RetryPolicy retryPolicy(String method) {
    return HttpMethod.GET.is(method) || HttpMethod.HEAD.is(method)
        ? RetryPolicy.REPEAT_AT_OTHER_NODE
        : RetryPolicy.NEVER_REPEAT;
  }

  /**
   * @param hasPlace whether it needs no permit for a long body
   */
  private boolean gathered(boolean hasPlace, Caller caller, Response response, Callback callback) {
    Callback answered = callback;
    try {
      if (!hasPlace) {
        Optional<BytePool.Held> place = longBodies.hold(ClientMark.of(caller), 1, Duration.ZERO);
        if (place.isEmpty()) {
          var problem = new Problem(outageOf(caller)).withHeader("Connection", "close");
          answer(problem, Trace.current(), caller, response, callback);
          return true;
        }
        answered = Callback.from(callback, place.get()::close);
      }
      return begin(caller, response, answered);
    } catch (RuntimeException failure) {
      Response.writeError(caller, response, answered, failure);
      return true;
    }
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
    long left = Math.max(1, caller.attempts().nanosLeft());
    var forwarded = caller
        .attempts()
        .node()
        .request(getHttpClient(), uri.getPathQuery())
        .method(FORWARDED_METHODS.contains(method) ? method : NO_METHOD)
        .timeout(left, TimeUnit.NANOSECONDS);
    if (left > TimeUnit.MILLISECONDS.toNanos(getHttpClient().getIdleTimeout())) {
      forwarded.idleTimeout(left, TimeUnit.NANOSECONDS); // nothing arrives while a file is checked
    }
    return forwarded;
  }

  @Override
  protected void copyRequestHeaders(Request request, org.eclipse.jetty.client.Request forwarded) {
    ForwardedHeaders.copy(request, forwarded);
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
    var caller = (Caller) request;
    if (Sockets.isHandshake(caller)) {
      SocketKind kind = callOf(caller).socketKind();
      var upgrade =
          new Upgrade(getHttpClient(), Sockets.of(getServer()), kind, caller, response, callback);
      forwarded.attribute(
          HttpUpgrader.Factory.class.getName(), (HttpUpgrader.Factory) _ -> upgrade);
    }
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
    return ForwardedHeaders.isInternal(field.getLowerCaseName())
            && !ServerTime.HEADER.equalsIgnoreCase(field.getName())
        ? null
        : field;
  }

  // Interim answers are not forwarded: their headers would bypass ResponseInterception.
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

  private ForwardedCall callOf(Request request) {
    return callOf.apply(path(request));
  }

  private ErrorCode outageOf(Request request) {
    return callOf(request).outage();
  }

  /**
   * Sends a handshake again after a pause, because no node accepts it now. One that has a body does
   * not wait: its client can break it, and only without a body can the edge see that the client is
   * gone.
   *
   * @return false if it may not wait, or not any longer
   */
  private boolean waitsForNode(
      Attempt attempt, Trace trace, Caller caller, Response response, Callback callback) {
    if (!Sockets.isHandshake(caller)
        || !callOf(caller).isPatient()
        || response.isCommitted()
        || !caller.isPresent()
        || caller.attempts().nanosLeft() < Limits.FORWARD_PAUSE.toNanos()
        || !caller.attempts().hasAnotherRound(attempt)) {
      return false;
    }
    Callback answered = callback;
    if (!caller.isWaiting()) {
      Optional<BytePool.Held> place = waiting.hold(ClientMark.of(caller), 1, Duration.ZERO);
      if (place.isEmpty()) {
        return false;
      }
      caller.waitForNode();
      answered = Callback.from(callback, place.get()::close);
    }
    Callback once = answered;
    caller
        .getComponents()
        .getScheduler()
        .schedule(
            () -> {
              try {
                if (!caller.isPresent()) {
                  var problem = new Problem(outageOf(caller)).withHeader("Connection", "close");
                  answer(problem, trace, caller, response, once);
                  return;
                }
                caller.attempts().beginAgain();
                trace.during(() -> resend(caller, response, once));
              } catch (RuntimeException failure) {
                Response.writeError(caller, response, once, failure);
              }
            },
            Limits.FORWARD_PAUSE.toMillis(),
            TimeUnit.MILLISECONDS);
    return true;
  }

  private static String path(Request request) {
    return Objects.requireNonNullElse(Request.getPathInContext(request), "");
  }

  /** Passes the answer to one attempt on, after checking that it is from Parlour. */
  private final class ResponseRelay extends ProxyResponseListener {
    private final Caller caller;
    private final org.eclipse.jetty.client.Request forwarded;
    private final Response response;
    private final Callback callback;
    private final HttpFields headersBefore;
    // The client's callbacks run on its own threads, where no trace is bound.
    private final Trace trace = Trace.current();
    private boolean isFromParlour;
    private boolean isDraining;
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
        isDraining = true;
        return;
      }
      String arrows = answer.getHeaders().get(InternalProtocol.TRACE_HEADER);
      if (arrows == null || answer.getStatus() < 200) {
        var _ = answer.abort(
            new IOException("the answer " + answer.getStatus() + " is not from Parlour"));
        return;
      }
      isFromParlour = true;
      trace.appendEncoded(arrows);
      caller.setAttribute(ErrorResponses.CODE, code(answer));
      response.setStatus(answer.getStatus());
      super.onHeaders(answer);
      if (response.getHeaders().getField(HttpHeader.CONTENT_LENGTH) == null
          && mayHaveBody(answer)) {
        // Otherwise the body would end with the connection, so that the browser would take a part
        // for the whole.
        response.getHeaders().put(HttpHeader.TRANSFER_ENCODING, HttpHeaderValue.CHUNKED);
      }
    }

    /** The code of an error; null if the answer is none. */
    private static @Nullable Integer code(org.eclipse.jetty.client.Response answer) {
      @Nullable String code = answer.getHeaders().get(InternalProtocol.CODE_HEADER);
      return code != null && CODE.matcher(code).matches() ? Integer.valueOf(code) : null;
    }

    private boolean mayHaveBody(org.eclipse.jetty.client.Response answer) {
      return caller.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
          && !HttpMethod.HEAD.is(caller.getMethod())
          && !HttpStatus.hasNoBody(answer.getStatus());
    }

    @Override
    public void onContent(
        org.eclipse.jetty.client.Response answer, Content.Chunk chunk, Runnable demander) {
      if (isFromParlour) {
        super.onContent(answer, chunk, demander);
      } else if (isDraining) {
        demander.run();
      }
    }

    @Override
    public void onSuccess(org.eclipse.jetty.client.Response answer) {
      if (isFromParlour) {
        super.onSuccess(answer);
      }
    }

    @Override
    public void onComplete(Result result) {
      caller.attempts().node().end();
      if (isFromParlour && result.isSucceeded()) {
        super.onComplete(result);
        return;
      }
      Attempt attempt =
          isDraining ? Attempt.draining() : Attempt.failed(begun, answered, result.getFailure());
      if (!sendsAgain(attempt) && !waitsForNode(attempt, trace, caller, response, callback)) {
        fail(result.getFailure());
      }
    }

    /** Sends the call again, if that is safe and possible. */
    private boolean sendsAgain(Attempt attempt) {
      Node before = caller.attempts().node();
      if (!caller.attempts().hasNext(attempt, caller.isResendable())) {
        return false;
      }
      caller.startAgain();
      log.debug( // Nodes logs the state of the node, once
          "trace {}: {} did not take the call ({}), {} gets it",
          trace.shortId(),
          before,
          isDraining ? "it is stopping" : String.valueOf(attempt.failure()),
          caller.attempts().node());
      return trace.during(() -> resend(caller, response, callback));
    }

    private void fail(@Nullable Throwable failure) {
      if (forwarded.getBody() instanceof Caller.SentBody body) {
        body.giveUp();
      }
      if (response.isCommitted()) {
        // Closes the connection, so that the browser does not take the part for the whole.
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
        outages.failed(caller.attempts().node() + " failed: " + failure, trace.id());
        problem = new Problem(outageOf(caller));
      }
      answer(problem, trace, caller, response, callback);
    }
  }
}
