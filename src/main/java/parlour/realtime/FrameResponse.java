package parlour.realtime;

import java.time.Duration;
import java.util.Optional;
import parlour.Limits;
import parlour.errors.ErrorCode;

/**
 * The answer to a request in a frame.
 *
 * @param body an object or a list of JSON; absent with 204
 * @param retryAfter when the client can repeat the request
 */
record FrameResponse(int status, Optional<Object> body, Optional<Duration> retryAfter) {
  static FrameResponse ok(JsonObject body) {
    return of(200, body);
  }

  static FrameResponse of(int status, JsonObject body) {
    return new FrameResponse(status, Optional.of(body.members()), Optional.empty());
  }

  static FrameResponse nothing() {
    return new FrameResponse(204, Optional.empty(), Optional.empty());
  }

  /** An error in the form that the client reads. */
  static FrameResponse error(int status, int code, String message) {
    return of(
        status,
        new JsonObject().with("code", code).with("message", message).with("status", status));
  }

  static FrameResponse error(ErrorCode code) {
    return error(code.status(), code.code(), code.message());
  }

  /** There is nothing at this path, or nothing that this guest may see. */
  static FrameResponse notFound() {
    return error(404, 50350, ErrorCode.NOT_FOUND.message());
  }

  /** The same of a Sync object. */
  static FrameResponse noSyncObject() {
    return error(404, 54100, "There is no such Sync object.");
  }

  /** A guest may not do this. */
  static FrameResponse forbidden(String what) {
    return error(403, 50400, what);
  }

  /** The conversation has ended. */
  static FrameResponse closed() {
    return error(403, 50438, ErrorCode.CONVERSATION_CLOSED.message());
  }

  /** The conversation has as many messages as it may. */
  static FrameResponse full() {
    return error(403, 50360, "This conversation is full.");
  }

  static FrameResponse malformed(String remedy) {
    return error(400, 50306, remedy);
  }

  static FrameResponse unavailable() {
    return error(503, 20503, ErrorCode.UNEXPECTED.message()).retryAfter(Limits.RETRY_AFTER);
  }

  FrameResponse retryAfter(Duration wait) {
    return new FrameResponse(status, body, Optional.of(wait));
  }

  /** The reason phrase of the status (RFC 9110 §15), as far as this interface answers it. */
  String reason() {
    return switch (status) {
      case 200 -> "OK";
      case 201 -> "Created";
      case 202 -> "Accepted";
      case 204 -> "No Content";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 409 -> "Conflict";
      case 429 -> "Too Many Requests";
      default -> "Service Unavailable";
    };
  }
}
