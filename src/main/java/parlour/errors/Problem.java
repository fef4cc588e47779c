package parlour.errors;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.http.Header;
import parlour.http.HttpFailure;
import parlour.http.server.ServerTime;

/** A failure with an error code, which ends a call. */
public final class Problem extends HttpFailure {
  private static final long serialVersionUID = 1;

  private final ErrorCode code;
  private final transient List<Header> headers;
  private final transient Optional<Instant> serverTime;
  private final transient Optional<String> assignee;
  private final transient Optional<Sid.Deployment> deployment;
  private final transient Optional<String> why;

  public Problem(ErrorCode code) {
    this(code, code.message());
  }

  public Problem(ErrorCode code, String message) {
    this(
        code,
        message,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private Problem(
      ErrorCode code,
      String message,
      List<Header> headers,
      Optional<Instant> serverTime,
      Optional<String> assignee,
      Optional<Sid.Deployment> deployment,
      Optional<String> why) {
    super(message);
    this.code = code;
    this.headers = headers;
    this.serverTime = serverTime;
    this.assignee = assignee;
    this.deployment = deployment;
    this.why = why;
  }

  /** An internal message with a value that no version of Parlour writes. */
  public static Problem malformed(IllegalArgumentException why) {
    return new Problem(ErrorCode.MALFORMED, "The body does not fit: " + why.getMessage() + ".");
  }

  public Problem withHeader(String name, String value) {
    var more = new ArrayList<>(headers);
    more.add(new Header(name, value));
    return new Problem(code, message(), List.copyOf(more), serverTime, assignee, deployment, why);
  }

  /**
   * Says the server's time in a header and in the body: a page cannot read a header that a proxy
   * hides from it.
   */
  public Problem withServerTime(Instant now) {
    Header time = ServerTime.of(now);
    return new Problem(
        code,
        message(),
        withHeader(time.name(), time.value()).headers,
        Optional.of(now),
        assignee,
        deployment,
        why);
  }

  /** Names the agent who works on the conversation. */
  public Problem withAssignee(String identity) {
    return new Problem(
        code, message(), headers, serverTime, Optional.of(identity), deployment, why);
  }

  /** Names the deployment whose rules refuse the call, for the ledger. The answer does not have it. */
  public Problem ofDeployment(Sid.Deployment refusing) {
    return new Problem(code, message(), headers, serverTime, assignee, Optional.of(refusing), why);
  }

  /** Names the cause for the ledger, a text of the program. The answer does not have it. */
  public Problem because(String cause) {
    return new Problem(
        code, message(), headers, serverTime, assignee, deployment, Optional.of(cause));
  }

  public Problem retryAfter(Duration wait) {
    return withHeader("Retry-After", Header.seconds(wait));
  }

  public ErrorCode code() {
    return code;
  }

  public List<Header> headers() {
    return headers;
  }

  public Optional<Sid.Deployment> deployment() {
    return deployment;
  }

  /** The cause for the ledger; empty if the code says it, or if the call was not refused. */
  public Optional<String> why() {
    return why;
  }

  Optional<Instant> serverTime() {
    return serverTime;
  }

  Optional<String> assignee() {
    return assignee;
  }

  String message() {
    return String.valueOf(getMessage());
  }

  @Override
  public boolean isTemporary() {
    return code.action().equals("retry");
  }

  @Override
  public String closeReason() {
    return code.closeReason();
  }
}
