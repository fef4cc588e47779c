package parlour.errors;

import parlour.http.server.ApiResponse;
import parlour.trace.Trace;

/**
 * The body of an error about a change that was based on outdated values.
 *
 * @param current the values that the call would have replaced
 */
public record Conflict(
    int code,
    String message,
    String action,
    String traceId,
    String moreInfo,
    int status,
    Object current) {

  /** The answer with an error code and the current values, a record. */
  public static ApiResponse answer(ErrorCode code, Object current) {
    return ApiResponse.json(
        code.status(),
        new Conflict(
            code.code(),
            code.message(),
            code.action(),
            Trace.current().shortId(),
            code.moreInfo(),
            code.status(),
            current));
  }
}
