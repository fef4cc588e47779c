package parlour.starship;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
import org.eclipse.jetty.websocket.core.util.WebSocketUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.http.ErrorCode;
import parlour.http.Errors;
import parlour.http.Header;
import parlour.http.InternalOnly;
import parlour.http.Outgoing;
import parlour.http.Problem;
import parlour.http.Sockets;
import parlour.trace.Trace;

/**
 * Forwards calls to one service, their headers untouched but for what speaks of the connection or
 * pretends to come from inside. Bodies stream, and so do WebSockets, once the service has accepted
 * the handshake. Whatever goes wrong behind is a 503, never a refusal: also an answer without the
 * mark that {@link InternalOnly} puts on every answer of ours.
 */
public final class Forward extends ProxyHandler {
  // The plain name would be that of the nested ProxyHandler.Forward.
  private static final Logger log = LoggerFactory.getLogger(parlour.starship.Forward.class);

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

  // Not TRACE, which would show the caller the secret, nor CONNECT.
  private static final Set<String> FORWARDED_METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
  private static final String ALLOW = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

  private final URI upstream;
  private final Header secret;
  private final Duration deadline;
  private final long bodyBytes;
  private final Function<String, ErrorCode> outageOf;

  /**
   * @param upstream the service's base address
   * @param deadline of a whole call, the caller's sending and the last byte of the answer included;
   *     below the listener's idle timeout, which would end a quiet call without an answer
   * @param bodyBytes the largest body that is forwarded
   * @param outageOf the code of a path's 503
   */
  public Forward(
      URI upstream,
      String secret,
      Duration deadline,
      long bodyBytes,
      Function<String, ErrorCode> outageOf) {
    this.upstream = upstream;
    this.secret = new Header(InternalOnly.SECRET_HEADER, secret);
    this.deadline = deadline;
    this.bodyBytes = bodyBytes;
    this.outageOf = outageOf;
    setViaHost("unused"); // or Jetty would ask the name service for ours
  }

  @Override
  protected HttpClient newHttpClient() {
    return Outgoing.create();
  }

  @Override
  protected void configureHttpClient(HttpClient client) {
    Outgoing.configure(client);
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    getHttpClient().getProtocolHandlers().put(new UpgradeProtocolHandler());
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    var caller = new Caller(request, bodyBytes);
    if (!FORWARDED_METHODS.contains(request.getMethod())) {
      var refusal = new Problem(ErrorCode.METHOD_NOT_ALLOWED).withHeader("Allow", ALLOW);
      answer(refusal, Trace.current(), caller, response, callback);
      return true;
    }
    if (request.getLength() > bodyBytes) {
      answer(new Problem(ErrorCode.TOO_LARGE), Trace.current(), caller, response, callback);
      return true;
    }
    return super.handle(caller, response, callback);
  }

  @Override
  protected HttpURI rewriteHttpURI(Request request) {
    return request.getHttpURI();
  }

  @Override
  protected org.eclipse.jetty.client.Request newProxyToServerRequest(Request request, HttpURI uri) {
    return getHttpClient()
        .newRequest(upstream)
        .path(Outgoing.path(upstream, uri.getPathQuery()))
        .method(request.getMethod())
        .timeout(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  protected void copyRequestHeaders(Request request, org.eclipse.jetty.client.Request forwarded) {
    var connection = new HashSet<String>();
    for (String name : request.getHeaders().getCSV(HttpHeader.CONNECTION, false)) {
      connection.add(name.toLowerCase(Locale.ROOT));
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
    super.sendProxyToServerRequest(request, forwarded, response, callback);
  }

  @Override
  protected org.eclipse.jetty.client.Response.CompleteListener newServerToProxyResponseListener(
      Request request,
      org.eclipse.jetty.client.Request forwarded,
      Response response,
      Callback callback) {
    return new Answering((Caller) request, forwarded, response, callback);
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

  /** The caller's request: what it sends is counted, and how its sending failed remembered. */
  private static final class Caller extends Request.Wrapper {
    private final long bodyBytes;
    private final HttpFields headers;
    private long read;
    private volatile @Nullable Throwable failure;
    private volatile boolean abandoned;

    Caller(Request request, long bodyBytes) {
      super(request);
      this.bodyBytes = bodyBytes;
      // We answer Expect ourselves when the body is read. To wait for the service to answer it
      // would be a way to hang.
      this.headers =
          HttpFields.build(request.getHeaders()).remove(HttpHeader.EXPECT).asImmutable();
    }

    @Override
    public HttpFields getHeaders() {
      return headers;
    }

    @Override
    public Content.@Nullable Chunk read() {
      Content.Chunk chunk = super.read();
      if (Content.Chunk.isFailure(chunk)) {
        if (!abandoned) {
          failure = chunk.getFailure();
        }
      } else if (chunk != null) {
        read += chunk.remaining();
        if (read > bodyBytes) {
          chunk.release();
          var tooLarge = new Problem(ErrorCode.TOO_LARGE);
          failure = tooLarge;
          return Content.Chunk.from(tooLarge, true);
        }
      }
      return chunk;
    }

    /** Called when the service failed: what is read from now on is not the caller's doing. */
    @Override
    public void fail(Throwable cause) {
      abandoned = true;
      super.fail(cause);
    }

    /** What the caller did wrong, if it was the caller. */
    @Nullable
    Problem problem() {
      return switch (failure) {
        case null -> null;
        case Problem problem -> problem;
        case TimeoutException slow -> new Problem(ErrorCode.REQUEST_TIMEOUT);
        default -> new Problem(ErrorCode.MALFORMED, "The body stops half way.");
      };
    }
  }

  /** Passes the service's answer on, once it is known to be one. */
  private final class Answering extends ProxyResponseListener {
    private final Caller caller;
    private final Response response;
    private final Callback callback;
    private final HttpFields headersBefore;
    // The client's callbacks run on its own threads, where no trace is bound.
    private final Trace trace = Trace.current();
    private boolean ours;

    Answering(
        Caller caller,
        org.eclipse.jetty.client.Request forwarded,
        Response response,
        Callback callback) {
      super(caller, forwarded, response, callback);
      this.caller = caller;
      this.response = response;
      this.callback = callback;
      this.headersBefore = HttpFields.build(response.getHeaders()).asImmutable();
    }

    @Override
    public void onBegin(org.eclipse.jetty.client.Response answer) {
      // the status is set with the headers
    }

    @Override
    public void onHeaders(org.eclipse.jetty.client.Response answer) {
      String arrows = answer.getHeaders().get(InternalOnly.TRACE_HEADER);
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
      if (ours && result.isSucceeded()) {
        super.onComplete(result);
      } else {
        fail(result.getFailure());
      }
    }

    private void fail(@Nullable Throwable failure) {
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
        log.warn("trace {}: {} failed: {}", trace.shortId(), upstream, String.valueOf(failure));
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
      String arrows = answer.getHeaders().get(InternalOnly.TRACE_HEADER);
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
      sockets.join(getHttpClient(), service, upstream, relay.service());
      var answered = Callback.from(callback::succeeded, failure -> {
        service.close();
        callback.failed(failure);
      });
      sockets.open(request, response, answered, relay.browser());
      upgraded.succeeded();
    }
  }
}
