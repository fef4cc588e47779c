package parlour.errors;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.TooManyRequests;
import parlour.http.Header;
import parlour.http.HttpFailure;
import parlour.http.server.ApiResponse;
import parlour.http.server.ErrorResponses;
import parlour.http.server.RefusedRequest;
import parlour.trace.Trace;

/**
 * The error answers of a route.
 *
 * @param withValid whether the body has {@code "valid":false}
 * @param outage the code of a call that could not be decided, because of an outage or of a bug
 */
public record Errors(boolean withValid, ErrorCode outage) implements ErrorResponses {
  private static final OutageLog outages =
      new OutageLog(LoggerFactory.getLogger(Errors.class), "a call is answered 503");

  public static final Errors PLAIN = new Errors(false, ErrorCode.UNEXPECTED);

  /** The errors of refresh and validate. */
  public static final Errors WITH_VALID = new Errors(true, ErrorCode.REFRESH_UNAVAILABLE);

  public static final Errors CREATE = new Errors(false, ErrorCode.CREATE_UNAVAILABLE);

  /** The errors of a path whose outage has this code. */
  public static Errors of(ErrorCode outage) {
    return new Errors(outage == ErrorCode.REFRESH_UNAVAILABLE, outage);
  }

  @Override
  public ApiResponse answer(Throwable failure, Trace trace) {
    return switch (failure) {
      case HttpFailure http -> answer(problem(http), trace);
      case TooManyRequests later ->
        answer(new Problem(ErrorCode.TOO_MANY_REQUESTS).retryAfter(later.retryAfter()), trace);
      default -> { // an outage, or a bug
        outages.failed(failure, trace.id());
        yield answer(new Problem(outage), trace);
      }
    };
  }

  /** The code of the answer to a call that failed in this way. */
  public ErrorCode code(Throwable failure) {
    return switch (failure) {
      case HttpFailure http -> problem(http).code();
      case TooManyRequests _ -> ErrorCode.TOO_MANY_REQUESTS;
      default -> outage;
    };
  }

  /** The error with a code for this failure, which may be a status that {@code http} refused by. */
  public Problem problem(HttpFailure failure) {
    return switch (failure) {
      case Problem problem -> problem;
      case RefusedRequest refused -> problem(refused);
      default -> new Problem(outage);
    };
  }

  private Problem problem(RefusedRequest refused) {
    ErrorCode code = switch (refused.status()) {
      case 404 -> ErrorCode.NOT_FOUND;
      case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
      case 408 -> ErrorCode.REQUEST_TIMEOUT;
      case 413 -> ErrorCode.TOO_LARGE;
      case 414, 431 -> ErrorCode.HEADERS_TOO_LARGE;
      case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
      case 505 -> ErrorCode.MALFORMED; // an unknown version of HTTP is the caller's mistake
      default -> refused.status() < 500 ? ErrorCode.MALFORMED : outage;
    };
    Problem problem = new Problem(code, message(code, refused));
    for (Header header : refused.headers()) {
      problem = problem.withHeader(header.name(), header.value());
    }
    return problem;
  }

  private static String message(ErrorCode code, RefusedRequest refused) {
    if (!refused.message().isEmpty()) {
      return refused.message();
    }
    return code == ErrorCode.MALFORMED && !refused.addition().isEmpty()
        ? code.message() + " " + refused.addition() + "."
        : code.message();
  }

  private ApiResponse answer(Problem problem, Trace trace) {
    ErrorCode code = problem.code();
    if (code.status() == 503) {
      trace.outage(code.code());
    }
    var body = new Body(
        code.code(),
        problem.message(),
        code.action(),
        trace.shortId(),
        code.moreInfo(),
        code.status(),
        problem.serverTime().map(Instant::getEpochSecond),
        problem.assignee());
    var answer = ApiResponse.error(code.status(), code.code(), withValid ? body.withValid() : body);
    for (Header header : problem.headers()) {
      answer = answer.with(header.name(), header.value());
    }
    return needsRetryAfter(code, problem.headers())
        ? answer.with("Retry-After", Header.seconds(Limits.RETRY_AFTER))
        : answer;
  }

  private static boolean needsRetryAfter(ErrorCode code, List<Header> headers) {
    return (code.status() == 503 || code.status() == 429)
        && headers.stream().noneMatch(header -> header.name().equalsIgnoreCase("Retry-After"));
  }

  /**
   * The body of all errors.
   *
   * @param serverTime in seconds since 1970
   * @param assignee the agent who works on the conversation that the caller wanted to assign
   */
  record Body(
      int code,
      String message,
      String action,
      String traceId,
      String moreInfo,
      int status,
      Optional<Long> serverTime,
      Optional<String> assignee) {

    BodyWithValid withValid() {
      return new BodyWithValid(
          false, code, message, action, traceId, moreInfo, status, serverTime, assignee);
    }
  }

  /** The body of an error for calls that ask whether a token is valid. */
  record BodyWithValid(
      boolean valid,
      int code,
      String message,
      String action,
      String traceId,
      String moreInfo,
      int status,
      Optional<Long> serverTime,
      Optional<String> assignee) {}
}
