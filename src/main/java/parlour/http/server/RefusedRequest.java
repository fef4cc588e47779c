package parlour.http.server;

import java.util.ArrayList;
import java.util.List;
import parlour.http.Header;
import parlour.http.HttpFailure;

/**
 * A request that this package refuses by an HTTP status; {@link ErrorResponses} makes the answer.
 */
public final class RefusedRequest extends HttpFailure {
  private static final long serialVersionUID = 1;

  private final int status;
  private final String addition;
  private final transient List<Header> headers;

  /**
   * @param status 503 if there is no memory for the request or its answer
   */
  RefusedRequest(int status) {
    this(status, "");
  }

  /**
   * @param message the reason as a sentence; empty if the status is sufficient
   */
  RefusedRequest(int status, String message) {
    this(status, message, "", List.of());
  }

  private RefusedRequest(int status, String message, String addition, List<Header> headers) {
    super(message);
    this.status = status;
    this.addition = addition;
    this.headers = headers;
  }

  /** A refusal by 400. */
  static RefusedRequest malformed(String message) {
    return new RefusedRequest(400, message);
  }

  /**
   * @param why Jetty's reason; may be empty
   */
  static RefusedRequest ofJetty(int status, String why) {
    return new RefusedRequest(status, "", why, List.of());
  }

  RefusedRequest withHeader(String name, String value) {
    var more = new ArrayList<>(headers);
    more.add(new Header(name, value));
    return new RefusedRequest(status, message(), addition, List.copyOf(more));
  }

  public int status() {
    return status;
  }

  /** The reason as a sentence; empty if the status is sufficient. */
  public String message() {
    return String.valueOf(getMessage());
  }

  /** A detail to append to the message of a malformed request; may be empty. */
  public String addition() {
    return addition;
  }

  public List<Header> headers() {
    return headers;
  }

  @Override
  public boolean isTemporary() {
    return status == 408 || status == 429 || status == 503;
  }

  @Override
  public String closeReason() {
    return "";
  }
}
