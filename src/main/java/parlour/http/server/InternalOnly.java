package parlour.http.server;

import java.time.InstantSource;
import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.InternalSecrets;
import parlour.OutageLog;
import parlour.Sha256;
import parlour.http.InternalProtocol;
import parlour.trace.Trace;
import parlour.trace.Traces;

/**
 * Authenticates the other processes of the installation by a shared secret, and continues their
 * traces.
 *
 * <p>Any other caller gets the 404 of an unknown path. It reveals nothing, and unlike a 401 or 403,
 * no caller can take it for the refusal of a guest's token. Each answer to an authenticated caller
 * has {@link InternalProtocol#TRACE_HEADER}, also if the trace is empty: without the header, the
 * edge and the client know that something else has answered. An error has {@link
 * InternalProtocol#CODE_HEADER}, too.
 */
public final class InternalOnly extends Handler.Wrapper {
  private static final OutageLog refused =
      new OutageLog(LoggerFactory.getLogger(InternalOnly.class), "a call on the internal listener");

  private final ErrorResponses errors;
  private final List<byte[]> secretDigests;
  private final Traces traces;
  private final InstantSource clock;

  public InternalOnly(
      ErrorResponses errors,
      InternalSecrets secrets,
      Traces traces,
      InstantSource clock,
      Handler handler) {
    super(handler);
    this.errors = errors;
    this.traces = traces;
    this.clock = clock;
    this.secretDigests = secrets.derived(Sha256::of);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    if (!isAuthenticated(request)) {
      refused.failed("without the internal secret");
      errors.answer(new RefusedRequest(404)).send(response, callback);
      return true;
    }
    Trace trace = traces.continued(request.getHeaders().get("traceparent"));
    request.setAttribute(ErrorResponses.TRACE, trace);
    if ("https".equals(request.getHeaders().get(BrowserTls.HEADER))) {
      BrowserTls.mark(request);
    }
    ClientMark.markFromHeader(request);
    return trace.during(() -> ResponseInterception.handle(
        getHandler(), request, response, callback, (status, headers) -> {
          headers.put(InternalProtocol.TRACE_HEADER, trace.encoded());
          if (request.getAttribute(ErrorResponses.CODE) instanceof Integer code) {
            headers.put(InternalProtocol.CODE_HEADER, code.toString());
          }
          traces.keep(trace, clock.instant(), status);
        }));
  }

  private boolean isAuthenticated(Request request) {
    @Nullable String given = request.getHeaders().get(InternalProtocol.SECRET_HEADER);
    // Digests have one length, so the time of the comparison does not reveal the secret's length.
    return given != null && InternalSecrets.isOneOf(secretDigests, Sha256.of(given));
  }
}
