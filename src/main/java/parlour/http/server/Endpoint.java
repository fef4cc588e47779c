package parlour.http.server;

import parlour.http.HttpFailure;

/** Answers the calls of a route. Runs on a virtual thread, so it may block. */
@FunctionalInterface
public interface Endpoint {
  /**
   * Answers a call.
   *
   * @throws HttpFailure to refuse the call; any other exception is an outage or a bug
   */
  ApiResponse answer(ApiRequest call);
}
