package parlour.http.server;

import parlour.http.HttpFailure;

/** Answers one kind of call, on a virtual thread: it may block. */
@FunctionalInterface
public interface Endpoint {
  /** Throws {@link HttpFailure} for a failure with a code, and anything else for a fault. */
  ApiResponse answer(ApiRequest call);
}
