package parlour.starship;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.server.AddressRates;
import parlour.http.server.ApiResponse;
import parlour.http.server.ClientMark;
import parlour.http.server.ErrorResponses;
import parlour.http.server.Proxies;
import parlour.http.server.ResponseInterception;
import parlour.http.server.ServerTime;
import parlour.http.websocket.SocketKind;
import parlour.metrics.Metrics;
import parlour.rates.RateLimiter;
import parlour.trace.Lifeline;
import parlour.trace.Trace;
import parlour.trace.Traces;

/**
 * Starship (S): the edge, the only part of Parlour that browsers reach.
 *
 * <p>It answers preflights, limits rates, forwards calls to the orchestrator in this process or
 * another one, and completes the headers of each answer: an Access-Control-Allow-Origin that is
 * present stays, otherwise it becomes {@code *}. Calls of Parlour's own pages and of servers get
 * none (docs/adr/0013). Starship never reads a body.
 */
public final class Starship extends Handler.Wrapper {
  private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";

  /** Set on every answer, for {@code parlour trace}. */
  private static final String TRACE_ID = "Parlour-Trace-Id";

  private static final List<String> BROWSER_HEADERS = List.of(
      "content-type",
      "authorization",
      "content-digest",
      "signature-input",
      "signature",
      "ui-version",
      "webchat-version",
      "webchat-deployment-key",
      "x-twilio-token",
      "x-twilio-sec-usersettings",
      "x-twilio-sec-webchatinfo",
      "x-twilio-sec-decoders",
      "x-sec-usersettings",
      "x-sec-webchatinfo",
      "x-sec-decoders",
      "i-twilio-sec-usersettings",
      "i-twilio-sec-webchatinfo",
      "i-twilio-sec-decoders");

  // Encoded once, because each answer has them.
  private static final HttpField EXPOSED = new PreEncodedHttpField(
      "Access-Control-Expose-Headers",
      String.join(", ", "Retry-After", TRACE_ID, ServerTime.HEADER));
  private static final HttpField NO_SNIFFING =
      new PreEncodedHttpField("X-Content-Type-Options", "nosniff");
  private static final HttpField NO_REFERRER =
      new PreEncodedHttpField("Referrer-Policy", "no-referrer");

  private static final String REQUEST_HEADERS = "Access-Control-Request-Headers";

  /** A token (RFC 9110 §5.6.2), in lower case as browsers send header names. */
  private static final Pattern HEADER_NAME =
      Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]{1," + Limits.PREFLIGHT_HEADER_CHARACTERS + "}");

  private final FilesHost files;
  private final ClientAddress clientAddress;
  private final AddressRates rates;
  private final Traces traces;
  private final Metrics metrics;
  private final NotedOutages outages;
  private final InstantSource clock;
  private final Semaphore refusedBodies = new Semaphore(Limits.REFUSED_BODIES);

  /**
   * @param orchestrator the orchestrator's endpoints, or a {@link Forward} to them
   * @param files the host that answers the contents of files
   * @param proxies the proxies whose X-Forwarded-For is trusted
   * @param limiter counts the calls of each client address
   */
  public Starship(
      Handler orchestrator,
      FilesHost files,
      Proxies proxies,
      RateLimiter limiter,
      Traces traces,
      Metrics metrics,
      NotedOutages outages,
      InstantSource clock) {
    super(orchestrator);
    this.files = files;
    this.clientAddress = new ClientAddress(proxies);
    this.rates = new AddressRates(limiter);
    this.traces = traces;
    this.metrics = metrics;
    this.outages = outages;
    this.clock = clock;
  }

  /** The facts that a {@link Forward} needs of the call at a path. */
  public static ForwardedCall callOf(String path) {
    return PublicCall.of("POST", path)
        .map(PublicCall::forwarded)
        .orElseGet(() -> new ForwardedCall(
            ErrorCode.UNEXPECTED,
            Limits.FORWARD_DEADLINE,
            Limits.MESSAGE_CALL_BODY,
            false,
            false,
            SocketKind.TEXT));
  }

  @Override
  public boolean handle(Request received, Response response, Callback callback) {
    Optional<Request> below = PathPrefix.takenOff(received);
    Request request = below.orElse(received);
    boolean isPrefixed = PathPrefix.isOn(received);
    Optional<PublicCall> known = below
        .flatMap(served -> PublicCall.of(served.getMethod(), path(served)))
        .filter(found -> !isPrefixed || found.isForOtherPages());
    Optional<PublicCall> call = known.filter(found -> files.answers(found, request));
    boolean forOtherPages = call.map(PublicCall::isForOtherPages).orElse(true);
    boolean isPreflight = request.getMethod().equals("OPTIONS");
    if (isPreflight && (call.isPresent() || !files.isCalled(request))) {
      (forOtherPages ? preflight(request) : ApiResponse.empty(204)).send(response, callback);
      return true;
    }
    long begin = System.nanoTime();
    String words = known.map(PublicCall::inWords).orElse("a call to an unknown path");
    // Calls to unknown paths have no rate limit, so they must not use up the room for spans.
    Trace trace = known.isPresent() ? traces.begin(Lifeline.S, words) : Trace.begin();
    request.setAttribute(ErrorResponses.TRACE, trace);
    String client = clientAddress.of(request);
    if (rates.isCounting()) { // otherwise a proxy limits rates
      ClientMark.mark(request, client);
    }
    trace.arrow(Lifeline.B, Lifeline.FWO, words, "");
    if (call.isEmpty()) {
      // Without rates, all calls can seem to come from the proxy in front.
      String sharer = rates.isCounting() ? client : "";
      known.ifPresent(refused -> files.explain(refused, request, sharer, trace));
    }
    return trace.during(() -> ResponseInterception.handle(
        (in, out, done) -> forward(call, client, in, out, done),
        request,
        response,
        callback,
        (status, headers) -> {
          if (forOtherPages) {
            allowOrigin(headers, clock.instant(), trace);
          } else {
            headers.remove(ALLOW_ORIGIN); // errors that Jetty makes have one
          }
          complete(status, headers, trace);
          if (status == 503) {
            outages.note(trace, call.map(PublicCall::outage).orElse(ErrorCode.UNEXPECTED), client);
          }
          count(
              call.map(PublicCall::metric).orElse("unknown"),
              status,
              Duration.ofNanos(System.nanoTime() - begin),
              request);
        }));
  }

  private void count(String kind, int status, Duration duration, Request request) {
    metrics.answered(kind, status, duration);
    if (request.getAttribute(ErrorResponses.CODE) instanceof Integer code
        && ErrorCode.isKnown(code)) { // a newer orchestrator can have others
      metrics.failed(kind, code);
    }
  }

  /** CONNECT and OPTIONS * have none. */
  private static String path(Request request) {
    return Objects.requireNonNullElse(Request.getPathInContext(request), "");
  }

  private boolean forward(
      Optional<PublicCall> call,
      String client,
      Request request,
      Response response,
      Callback callback)
      throws Exception {
    if (call.isEmpty()) {
      Errors.PLAIN.answer(new Problem(ErrorCode.NOT_FOUND)).send(response, callback);
      return true;
    }
    // First, because rates are taken for the length that the client announces.
    if (request.getLength() > longestBody(call.get(), request)) {
      refuse(new Problem(ErrorCode.TOO_LARGE), call.get(), request, response, callback);
      return true;
    }
    return switch (RateCharge.of(call.get().rates(), rates, client, request)) {
      case RateCharge.Refused(Duration wait) -> {
        Problem problem = new Problem(ErrorCode.TOO_MANY_REQUESTS).retryAfter(wait);
        refuse(problem, call.get(), request, response, callback);
        yield true;
      }
      case RateCharge.Charged charge ->
        Trace.current()
            .forwarding(
                Lifeline.FWO,
                call.get().inWords(),
                () -> super.handle(
                    charge.request(), response, charge.settling(response, callback))); // arrow 3
    };
  }

  /**
   * Answers once the announced file has arrived, if it is not too long: a client that is still
   * sending when the connection closes does not see the answer.
   */
  private void refuse(
      Problem problem, PublicCall call, Request request, Response response, Callback callback) {
    ApiResponse answer = Errors.of(call.outage()).answer(problem);
    long length = request.getLength();
    if (!call.isUpload()
        || length <= 0
        || length > Limits.REFUSED_BODY
        || !refusedBodies.tryAcquire()) {
      answer.send(response, callback);
      return;
    }
    Scheduler.Task tooSlow = request
        .getComponents()
        .getScheduler()
        .schedule(
            () -> request.fail(new TimeoutException("a refused body is too slow")),
            Limits.REFUSED_BODY_DEADLINE.toMillis(),
            TimeUnit.MILLISECONDS);
    Content.Source.consumeAll(request, Callback.from(() -> {
      tooSlow.cancel();
      refusedBodies.release();
      answer.send(response, callback);
    }));
  }

  /**
   * A file that is the whole body is refused before its bytes are forwarded: a service that refuses
   * it closes the connection, and the edge could lose the answer. Only a form is longer than its
   * file.
   */
  private static long longestBody(PublicCall call, Request request) {
    String type = request.getHeaders().get("Content-Type");
    boolean isForm = type != null && type.regionMatches(true, 0, "multipart/", 0, 10);
    return call.isUpload() && !isForm ? Limits.MEDIA_FILE_BYTES : call.bodyBytes();
  }

  private static void allowOrigin(HttpFields.Mutable headers, Instant now, Trace trace) {
    boolean theirs = headers.contains(ALLOW_ORIGIN);
    if (!theirs) {
      headers.put(ALLOW_ORIGIN, "*"); // arrow 16
    }
    headers.put(EXPOSED);
    if (!headers.contains(ServerTime.HEADER)) { // the orchestrator's, if it refused a proof's time
      headers.put(ServerTime.HEADER, ServerTime.of(now).value());
    }
    trace.action(
        Lifeline.S,
        "lets Access-Control-Allow-Origin through, or sets it to *",
        theirs ? "lets it through" : "sets it to *");
  }

  private void complete(int status, HttpFields.Mutable headers, Trace trace) {
    headers.put(TRACE_ID, trace.shortId());
    headers.put(NO_SNIFFING);
    headers.put(NO_REFERRER);
    trace.arrow(Lifeline.S, Lifeline.B, "the answer, unchanged", "HTTP " + status); // arrow 17
    traces.keep(trace, clock.instant(), status);
  }

  /**
   * Allows any origin, because the deployment is named in the body, which a preflight does not
   * have. Allows any header name, because pages wrap {@code fetch} and add their own headers
   * ({@code traceparent}), which Parlour does not read.
   */
  private static ApiResponse preflight(Request request) {
    return ApiResponse.empty(204)
        .with(ALLOW_ORIGIN, "*")
        .with("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        .with("Access-Control-Allow-Headers", String.join(", ", allowedHeaders(request)))
        .with("Access-Control-Max-Age", String.valueOf(Limits.PREFLIGHT_AGE.toSeconds()))
        .with("Vary", REQUEST_HEADERS);
  }

  private static Set<String> allowedHeaders(Request request) {
    var names = new LinkedHashSet<>(BROWSER_HEADERS);
    request.getHeaders().getValuesList(REQUEST_HEADERS).stream()
        .flatMap(list -> Arrays.stream(list.split(",", -1)))
        .map(name -> name.strip().toLowerCase(Locale.ROOT))
        .filter(name -> HEADER_NAME.matcher(name).matches())
        .limit(Limits.PREFLIGHT_HEADERS)
        .forEach(names::add);
    return names;
  }
}
