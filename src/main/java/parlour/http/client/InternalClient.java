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
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.http.Header;
import parlour.http.InternalProtocol;
import parlour.http.client.Nodes.Node;
import parlour.http.client.RetryPolicy.Attempt;
import parlour.http.json.Json;
import parlour.trace.Trace;

/**
 * Asks a part of Parlour that runs in other processes.
 *
 * <p>The deadline holds over all tries. Another process is asked when nothing of the call was sent,
 * or when the one that got it says that it is stopping and did nothing with it.
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
   * @param nodes the processes that run the service
   * @param deadline of a whole call: waiting for a connection, connecting, sending, the answer
   * @param answerBytes of the longest answer
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
   * The same, for few and cheap questions that are in a hurry: one who is silent for so long is left
   * for another one. Whoever is asked last has the whole deadline.
   */
  public InternalClient inHurry(Duration patience) {
    return new InternalClient(http, nodes, secret, deadline, patience, answerBytes);
  }

  /**
   * Sends a message and reads the answer. The call must be safe to repeat: it is repeated once when
   * the connection turns out to be closed before any answer.
   *
   * @throws TooManyRequests on 429 with Retry-After
   * @throws Unavailable on everything else that is not 200 or 201 with JSON that fits
   */
  public <T> T post(String path, Object message, Class<T> type) {
    return post(path, Json.write(message), answer -> Json.read(answer, type));
  }

  /** The same, of a message that is written already; the reader throws what {@link Json} throws. */
  public <T> T post(String path, byte[] body, Function<byte[], T> reader) {
    Trace trace = Trace.current();
    ContentResponse response = ask(path, body, trace);
    trace.absorb(response.getHeaders().get(InternalProtocol.TRACE_HEADER));
    return read(response, reader);
  }

  /** The same, and makes of the answer what it means; what cannot be made is an outage too. */
  public <M, T> T post(String path, Object message, Class<M> type, Function<M, T> meaning) {
    M answer = post(path, message, type);
    try {
      return meaning.apply(answer);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new Unavailable(who, "its answer makes no sense: " + e.getMessage(), e);
    }
  }

  private ContentResponse ask(String path, byte[] body, Trace trace) {
    var attempts = new Attempts(nodes, RetryPolicy.REPEAT_AT_ANY_NODE, deadline);
    attempts.begin();
    while (true) {
      var sending = new Sending();
      long left = Math.max(1, attempts.nanosLeft());
      boolean isHurried = silence.toNanos() < left && attempts.areNodesLeft();
      try {
        ContentResponse answer =
            send(attempts.node(), path, body, trace, isHurried ? silence.toNanos() : left, sending);
        if (!isDraining(answer) || !attempts.hasNext(Attempt.draining(), true)) {
          return answer;
        }
      } catch (ExecutionException | TimeoutException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        var attempt = new Attempt(sending.begun, sending.answered, false, isHurried, cause);
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
      throws ExecutionException, TimeoutException, InterruptedException {
    var request = node.request(http, path)
        .method("POST")
        .headers(headers ->
            headers.put(secret.name(), secret.value()).put("traceparent", trace.traceparent()))
        .body(new BytesRequestContent("application/json", body))
        .onRequestBegin(_ -> sending.begun = true)
        .onResponseBegin(_ -> sending.answered = true)
        .timeout(left, TimeUnit.NANOSECONDS);
    node.begin();
    var answer = new CompletableResponseListener(request, answerBytes).send();
    try {
      // The request's own timeout says more; this one is for the case that it does not come.
      return answer.get(left + 100_000_000, TimeUnit.NANOSECONDS);
    } finally {
      answer.cancel(true);
      node.end();
    }
  }

  private static String hint(int status) {
    return status == 404 ? " (is internal.secret the same here and there?)" : "";
  }

  private <T> T read(ContentResponse response, Function<byte[], T> reader) {
    int status = response.getStatus();
    String wait = response.getHeaders().get("Retry-After");
    if (status == 429 && wait != null && wait.matches("[0-9]{1,6}")) {
      var asked = Duration.ofSeconds(Integer.parseInt(wait));
      throw new TooManyRequests(who, Durations.min(asked, Limits.MAX_RETRY_AFTER));
    }
    if (status != 200 && status != 201) {
      throw new Unavailable(who, "it answered " + status + hint(status), null);
    }
    if (!"application/json".equals(response.getMediaType())) {
      throw new Unavailable(who, "it answered no JSON but " + response.getMediaType(), null);
    }
    try {
      return reader.apply(response.getContent());
    } catch (Json.Malformed e) {
      throw new Unavailable(who, "its answer can not be read: " + e.why(), e);
    }
  }
}
