package parlour.http.server;

import parlour.trace.Trace;

/** Makes the answers to the failed requests of a route or a listener. */
public interface ErrorResponses {
  /** The request attribute that holds the request's {@link Trace}, for errors that Jetty makes. */
  String TRACE = Trace.class.getName();

  /** The request attribute that holds the code of the error with which the request was answered. */
  String CODE = ErrorResponses.class.getName() + ".code";

  /**
   * The answer to a request that ended with this exception, of any type.
   *
   * @param trace the trace of the request
   */
  ApiResponse answer(Throwable failure, Trace trace);

  /** The answer to a failure, with the trace of the current thread. */
  default ApiResponse answer(Throwable failure) {
    return answer(failure, Trace.current());
  }
}
