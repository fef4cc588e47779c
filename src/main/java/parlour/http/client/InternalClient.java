package parlour.http.client;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import parlour.Durations;
import parlour.Limits;
import parlour.OverdueWaits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.http.Header;
import parlour.http.InternalProtocol;
import parlour.http.client.Nodes.Node;
import parlour.http.client.RetryPolicy.Attempt;
import parlour.http.json.Json;
import parlour.trace.Trace;

/**
 * Calls a service that runs in other processes of the installation. {@link RetryPolicy} says when a
 * call goes to another node; the deadline covers all attempts.
 */
public final class InternalClient {
  private final HttpClient http;
  private final String who;
  private final Nodes nodes;
  private final Header secret;
  private final Duration deadline;
  private final Duration silence;
  private final int answerBytes;

  /**
   * @param http from {@link HttpClients#start}, shared
   * @param deadline of a whole call, from the wait for a connection to the end of the answer
   * @param answerBytes the size of the longest answer
   */
  public InternalClient(
      HttpClient http, Nodes nodes, String secret, Duration deadline, int answerBytes) {
    this(
        http,
        nodes,
        new Header(InternalProtocol.SECRET_HEADER, secret),
        deadline,
        deadline,
        answerBytes);
  }

  private InternalClient(
      HttpClient http,
      Nodes nodes,
      Header secret,
      Duration deadline,
      Duration silence,
      int answerBytes) {
    this.http = http;
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
    return new InternalClient(http, nodes, secret, deadline, patience, answerBytes);
  }

  /** Makes a client for the calls of one node, also while that node seems unhealthy. */
  public InternalClient at(Node node) {
    return new InternalClient(http, nodes.only(node), secret, deadline, silence, answerBytes);
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

  /** Posts a message in JSON; the reader throws what {@link Json} throws. */
  public <T> T post(String path, byte[] body, Function<byte[], T> reader) {
    Trace trace = Trace.current();
    ContentResponse response = call(path, body, trace);
    trace.appendEncoded(response.getHeaders().get(InternalProtocol.TRACE_HEADER));
    return read(response, reader);
  }

  /** Posts a message and converts the answer; if that fails, it is an outage, too. */
  public <M, T> T post(String path, Object message, Class<M> type, Function<M, T> meaning) {
    M answer = post(path, message, type);
    try {
      return meaning.apply(answer);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new Unavailable(who, "its answer is invalid: " + e.getMessage(), e);
    }
  }

  private ContentResponse call(String path, byte[] body, Trace trace) {
    var attempts = new Attempts(nodes, RetryPolicy.REPEAT_AT_ANY_NODE, deadline);
    attempts.begin();
    while (true) {
      var sending = new Sending();
      long left = Math.max(1, attempts.nanosLeft());
      boolean hasLessTime = silence.toNanos() < left && attempts.areNodesLeft();
      try {
        ContentResponse answer = send(
            attempts.node(), path, body, trace, hasLessTime ? silence.toNanos() : left, sending);
        if (!isDraining(answer) || !attempts.hasNext(Attempt.draining(), true)) {
          return answer;
        }
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        var attempt = new Attempt(sending.begun, sending.answered, false, hasLessTime, cause);
        if (!attempts.hasNext(attempt, true)) {
          throw new Unavailable(who, String.valueOf(cause), cause);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Unavailable(who, "interrupted", e);
      }
    }
  }

  private static boolean isDraining(ContentResponse answer) {
    return answer.getStatus() == 503
        && answer.getHeaders().contains(InternalProtocol.DRAINING_HEADER);
  }

  /** How far an attempt came, as the client's threads report it. */
  private static final class Sending {
    volatile boolean begun;
    volatile boolean answered;
  }

  private ContentResponse send(
      Node node, String path, byte[] body, Trace trace, long left, Sending sending)
      throws ExecutionException, InterruptedException {
    var request = node.request(http, path)
        .method("POST")
        .headers(headers ->
            headers.put(secret.name(), secret.value()).put("traceparent", trace.traceparent()))
        .body(new BytesRequestContent("application/json", body))
        .onRequestBegin(_ -> sending.begun = true)
        .onResponseBegin(_ -> sending.answered = true)
        .timeout(left, TimeUnit.NANOSECONDS);
    if (left > TimeUnit.MILLISECONDS.toNanos(http.getIdleTimeout())) {
      request.idleTimeout(left, TimeUnit.NANOSECONDS); // nothing arrives while the call is at work
    }
    node.begin();
    var answer = new CompletableResponseListener(request, answerBytes).send();
    // The timeout of the request has a better message; this one is for the case that it fails.
    var late = new TimeoutException("no answer");
    long end = System.nanoTime() + left + Limits.WAIT_CHECK.toNanos();
    try (var _ = OverdueWaits.until(end, () -> answer.completeExceptionally(late))) {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TimeoutException) {
        var _ = request.abort(late); // does nothing after the timeout of the request
      }
      throw e;
    } finally {
      answer.cancel(true);
      node.end();
    }
  }

  private static String hint(int status) {
    return status == 404 ? " (do both processes have the same internal.secret?)" : "";
  }

  private <T> T read(ContentResponse response, Function<byte[], T> reader) {
    int status = response.getStatus();
    String wait = response.getHeaders().get("Retry-After");
    if (status == 429 && wait != null && wait.matches("[0-9]{1,6}")) {
      var asked = Duration.ofSeconds(Integer.parseInt(wait));
      throw new TooManyRequests(who, Durations.min(asked, Limits.MAX_RETRY_AFTER));
    }
    if (status == 503) {
      throw new Unavailable.Answered(who);
    }
    if (status != 200 && status != 201) {
      throw new Unavailable(who, "it answered " + status + hint(status), null);
    }
    if (!"application/json".equals(response.getMediaType())) {
      throw new Unavailable(who, "its answer is not JSON but " + response.getMediaType(), null);
    }
    try {
      return reader.apply(response.getContent());
    } catch (Json.Malformed e) {
      throw new Unavailable(who, "its answer cannot be read: " + e.why(), e);
    }
  }
}
