package parlour.errors;

import java.util.List;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.TooManyRequests;
import parlour.http.Header;
import parlour.http.server.ApiResponse;
import parlour.trace.Trace;

/**
 * How a route tells its failures: whether the body says {@code "valid":false}, and the code for
 * "could not be decided", which is what a caller hears of an outage and of a bug of ours alike.
 */
public record Errors(boolean withValid, ErrorCode outage) {
  private static final OutageLog outages =
      new OutageLog(LoggerFactory.getLogger(Errors.class), "a call is answered 503");

  /** The request attribute that holds the call's {@link Trace}, for errors that Jetty makes. */
  public static final String TRACE = Trace.class.getName();

  public static final Errors PLAIN = new Errors(false, ErrorCode.UNEXPECTED);

  /** Refresh and validate. */
  public static final Errors WITH_VALID = new Errors(true, ErrorCode.REFRESH_UNAVAILABLE);

  public static final Errors CREATE = new Errors(false, ErrorCode.CREATE_UNAVAILABLE);

  /** The errors of a path whose outage has this code. */
  public static Errors of(ErrorCode outage) {
    return new Errors(outage == ErrorCode.REFRESH_UNAVAILABLE, outage);
  }

  /** The answer to a valid call for whose real answer there was no memory. */
  public ApiResponse noRoom() {
    return answer(new Problem(outage));
  }

  /** The answer to a call that ended with an exception, whatever it is. */
  public ApiResponse answer(Throwable failure) {
    return switch (failure) {
      case Problem problem -> answer(problem);
      case TooManyRequests later ->
        answer(new Problem(ErrorCode.TOO_MANY_REQUESTS).retryAfter(later.retryAfter()));
      default -> { // an outage, or a bug
        outages.failed(failure, Trace.current().shortId());
        yield answer(new Problem(outage));
      }
    };
  }

  private ApiResponse answer(Problem problem) {
    return answer(problem, Trace.current());
  }

  /** As {@link #answer(Throwable)}, where the trace is not that of the running thread. */
  public ApiResponse answer(Problem problem, Trace trace) {
    ErrorCode code = problem.code();
    var body = new Body(
        code.code(),
        problem.message(),
        code.action(),
        trace.shortId(),
        code.moreInfo(),
        code.status());
    var answer = ApiResponse.json(code.status(), withValid ? body.withValid() : body);
    for (Header header : problem.headers()) {
      answer = answer.with(header.name(), header.value());
    }
    return tellsWhen(code, problem.headers())
        ? answer.with("Retry-After", Header.seconds(Limits.RETRY_AFTER))
        : answer;
  }

  private static boolean tellsWhen(ErrorCode code, List<Header> headers) {
    return (code.status() == 503 || code.status() == 429)
        && headers.stream().noneMatch(header -> header.name().equalsIgnoreCase("Retry-After"));
  }

  /** The one error body. */
  record Body(
      int code, String message, String action, String traceId, String moreInfo, int status) {

    BodyWithValid withValid() {
      return new BodyWithValid(false, code, message, action, traceId, moreInfo, status);
    }
  }

  /** The same, where {@code valid} is what the caller asked about. */
  record BodyWithValid(
      boolean valid,
      int code,
      String message,
      String action,
      String traceId,
      String moreInfo,
      int status) {}
}
