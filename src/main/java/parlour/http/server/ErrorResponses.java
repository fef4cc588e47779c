package parlour.http.server;

import parlour.trace.Trace;

/** Makes the answers to requests that fail. Each route has its own. */
public interface ErrorResponses {
  /** The request attribute that holds the request's {@link Trace}, for errors that Jetty makes. */
  String TRACE = Trace.class.getName();

  /**
   * The answer to a request that ended with an exception, whatever it is.
   *
   * @param trace the trace of the request
   */
  ApiResponse answer(Throwable failure, Trace trace);

  /** As {@link #answer(Throwable, Trace)}, with the trace of the running thread. */
  default ApiResponse answer(Throwable failure) {
    return answer(failure, Trace.current());
  }
}
