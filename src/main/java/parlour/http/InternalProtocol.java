package parlour.http;

/** Headers and a path that the processes of one installation use beside the calls themselves. */
public final class InternalProtocol {
  public static final String SECRET_HEADER = "Parlour-Internal-Secret";
  public static final String TRACE_HEADER = "parlour-trace";

  /** The code of an error, so that the edge can count it and need not read the body. */
  public static final String CODE_HEADER = "parlour-code";

  /** Marks the 503 of a process that stops and did not run the call: the caller tries another. */
  public static final String DRAINING_HEADER = "parlour-draining";

  /** The path at which a process answers whether it should get calls. */
  public static final String READY_PATH = "/health/ready";

  private InternalProtocol() {}
}
