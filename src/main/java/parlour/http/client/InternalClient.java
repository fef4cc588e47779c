package parlour.http.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import parlour.Durations;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.http.Header;
import parlour.http.InternalProtocol;
import parlour.http.client.InternalConnections.Progress;
import parlour.http.client.Nodes.Node;
import parlour.http.client.RetryPolicy.Attempt;
import parlour.http.json.Json;
import parlour.trace.Trace;

/**
 * Calls a service that runs in other processes of the installation. {@link RetryPolicy} says when a
 * call goes to another node; the deadline covers all attempts.
 */
public final class InternalClient {
  private final InternalConnections connections;
  private final String who;
  private final Nodes nodes;
  private final Header secret;
  private final Duration deadline;
  private final Duration silence;
  private final int answerBytes;

  /**
   * @param connections shared with other clients
   * @param deadline of a whole call, from the wait for a connection to the end of the answer
   * @param answerBytes the size of the longest answer
   */
  public InternalClient(
      InternalConnections connections,
      Nodes nodes,
      String secret,
      Duration deadline,
      int answerBytes) {
    this(
        connections,
        nodes,
        new Header(InternalProtocol.SECRET_HEADER, secret),
        deadline,
        deadline,
        answerBytes);
  }

  private InternalClient(
      InternalConnections connections,
      Nodes nodes,
      Header secret,
      Duration deadline,
      Duration silence,
      int answerBytes) {
    this.connections = connections;
    this.who = nodes.who();
    this.nodes = nodes;
    this.secret = secret;
    this.deadline = deadline;
    this.silence = silence;
    this.answerBytes = answerBytes;
  }

  /**
   * Makes a client for rare and cheap calls that are urgent: if a node is silent for {@code
   * patience}, the call goes to another one. The last node has all the time that is left.
   */
  public InternalClient urgent(Duration patience) {
    return new InternalClient(connections, nodes, secret, deadline, patience, answerBytes);
  }

  /**
   * Sends a message and reads the answer. The call must be safe to repeat: it is repeated once if
   * the connection is lost before an answer.
   *
   * @throws TooManyRequests on 429 with Retry-After
   * @throws Unavailable on every other answer except 200 and 201 with JSON that fits the type
   */
  public <T> T post(String path, Object message, Class<T> type) {
    return post(path, Json.write(message), answer -> Json.read(answer, type));
  }

  /** The same for a message in JSON; the reader throws what {@link Json} throws. */
  public <T> T post(String path, byte[] body, Function<byte[], T> reader) {
    Trace trace = Trace.current();
    InternalResponse response = call(path, body, trace);
    trace.appendEncoded(response.header(InternalProtocol.TRACE_HEADER));
    return read(response, reader);
  }

  /** The same, and converts the answer; if that fails, it is an outage, too. */
  public <M, T> T post(String path, Object message, Class<M> type, Function<M, T> meaning) {
    M answer = post(path, message, type);
    try {
      return meaning.apply(answer);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new Unavailable(who, "its answer is invalid: " + e.getMessage(), e);
    }
  }

  private InternalResponse call(String path, byte[] body, Trace trace) {
    var attempts = new Attempts(nodes, RetryPolicy.REPEAT_AT_ANY_NODE, deadline);
    attempts.begin();
    while (true) {
      var progress = new Progress();
      long left = Math.max(1, attempts.nanosLeft());
      boolean hasLessTime = silence.toNanos() < left && attempts.areNodesLeft();
      try {
        InternalResponse response = send(
            attempts.node(), path, body, trace, hasLessTime ? silence.toNanos() : left, progress);
        if (!isDraining(response) || !attempts.hasNext(Attempt.draining(), true)) {
          return response;
        }
      } catch (IOException | TimeoutException | RejectedExecutionException e) {
        var attempt = new Attempt(progress.isSent, progress.isAnswered, false, hasLessTime, e);
        if (!attempts.hasNext(attempt, true)) {
          throw new Unavailable(who, String.valueOf(e), e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Unavailable(who, "interrupted", e);
      }
    }
  }

  private static boolean isDraining(InternalResponse response) {
    return response.status() == 503 && response.hasHeader(InternalProtocol.DRAINING_HEADER);
  }

  private InternalResponse send(
      Node node, String path, byte[] body, Trace trace, long left, Progress progress)
      throws IOException, TimeoutException, InterruptedException {
    byte[] request = request(node, path, body, trace);
    node.begin();
    try {
      return connections.call(
          node.target(), request, answerBytes, System.nanoTime() + left, progress);
    } finally {
      node.end();
    }
  }

  /** Header and body together, so that one write sends them. */
  private byte[] request(Node node, String path, byte[] body, Trace trace) {
    String head = "POST " + HttpClients.path(node.base(), path) + " HTTP/1.1\r\nHost: "
        + node.base().getRawAuthority()
        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n"
        + secret.name() + ": " + secret.value() + "\r\ntraceparent: " + trace.traceparent()
        + "\r\n\r\n";
    byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] request = Arrays.copyOf(start, start.length + body.length);
    System.arraycopy(body, 0, request, start.length, body.length);
    return request;
  }

  private static String hint(int status) {
    return status == 404 ? " (do both processes have the same internal.secret?)" : "";
  }

  private <T> T read(InternalResponse response, Function<byte[], T> reader) {
    int status = response.status();
    String wait = response.header("Retry-After");
    if (status == 429 && wait != null && wait.matches("[0-9]{1,6}")) {
      var asked = Duration.ofSeconds(Integer.parseInt(wait));
      throw new TooManyRequests(who, Durations.min(asked, Limits.MAX_RETRY_AFTER));
    }
    if (status != 200 && status != 201) {
      throw new Unavailable(who, "it answered " + status + hint(status), null);
    }
    String type = response.mediaType();
    if (!"application/json".equals(type)) {
      throw new Unavailable(who, "its answer is not JSON but " + type, null);
    }
    try {
      return reader.apply(response.body());
    } catch (Json.Malformed e) {
      throw new Unavailable(who, "its answer cannot be read: " + e.why(), e);
    }
  }
}
