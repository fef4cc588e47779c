package parlour.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.trace.Trace;

/** Asks a part of Parlour that runs in another process. */
public final class InternalClient {
  private final HttpClient http;
  private final String who;
  private final URI base;
  private final Header secret;
  private final Duration deadline;
  private final int answerBytes;

  /**
   * @param http from {@link Outgoing#start}, shared
   * @param who the service's name, for messages
   * @param deadline of a whole call: waiting for a connection, connecting, sending, the answer
   * @param answerBytes of the longest answer
   */
  public InternalClient(
      HttpClient http, String who, URI base, String secret, Duration deadline, int answerBytes) {
    this.http = http;
    this.who = who;
    this.base = base;
    this.secret = new Header(InternalOnly.SECRET_HEADER, secret);
    this.deadline = deadline;
    this.answerBytes = answerBytes;
  }

  /**
   * Sends a message and reads the answer. The call must be safe to repeat: it is repeated once when
   * the connection turns out to be closed before any answer.
   *
   * @throws TooManyRequests on 429 with Retry-After
   * @throws Unavailable on everything else that is not 200 or 201 with JSON that fits
   */
  public <T> T post(String path, Object message, Class<T> type) {
    byte[] body = Json.write(message);
    Trace trace = Trace.current();
    ContentResponse response = ask(path, body, trace);
    trace.absorb(response.getHeaders().get(InternalOnly.TRACE_HEADER));
    return read(response, type);
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
    long giveUp = System.nanoTime() + deadline.toNanos();
    var answered = new AtomicBoolean();
    try {
      try {
        return send(path, body, trace, giveUp, answered);
      } catch (ExecutionException e) {
        if (!wasStale(e.getCause()) || answered.get()) {
          throw e;
        }
        return send(path, body, trace, giveUp, answered);
      }
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new Unavailable(who, String.valueOf(cause), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable(who, "interrupted", e);
    }
  }

  private ContentResponse send(
      String path, byte[] body, Trace trace, long giveUp, AtomicBoolean answered)
      throws ExecutionException, TimeoutException, InterruptedException {
    long left = Math.max(1, giveUp - System.nanoTime());
    var request = http.newRequest(base)
        .path(Outgoing.path(base, path))
        .method("POST")
        .headers(headers ->
            headers.put(secret.name(), secret.value()).put("traceparent", trace.traceparent()))
        .body(new BytesRequestContent("application/json", body))
        .onResponseBegin(response -> answered.set(true))
        .timeout(left, TimeUnit.NANOSECONDS);
    var answer = new CompletableResponseListener(request, answerBytes).send();
    try {
      // The request's own timeout says more; this one is for the case that it does not come.
      return answer.get(left + 100_000_000, TimeUnit.NANOSECONDS);
    } finally {
      answer.cancel(true);
    }
  }

  /** Whether a pooled connection had been closed, as by a service that was restarted. */
  private static boolean wasStale(@Nullable Throwable failure) {
    return failure instanceof IOException
        && !(failure instanceof ConnectException)
        && !(failure instanceof SocketTimeoutException);
  }

  private static String hint(int status) {
    return status == 404 ? " (is internal.secret the same here and there?)" : "";
  }

  private <T> T read(ContentResponse response, Class<T> type) {
    int status = response.getStatus();
    String wait = response.getHeaders().get("Retry-After");
    if (status == 429 && wait != null && wait.matches("[0-9]{1,6}")) {
      var asked = Duration.ofSeconds(Integer.parseInt(wait));
      throw new TooManyRequests(
          who, asked.compareTo(Limits.CLIENT_RETRY_AFTER) < 0 ? asked : Limits.CLIENT_RETRY_AFTER);
    }
    if (status != 200 && status != 201) {
      throw new Unavailable(who, "it answered " + status + hint(status), null);
    }
    if (!"application/json".equals(response.getMediaType())) {
      throw new Unavailable(who, "it answered no JSON but " + response.getMediaType(), null);
    }
    try {
      return Json.read(response.getContent(), type);
    } catch (Json.Malformed e) {
      throw new Unavailable(who, "its answer can not be read: " + e.why(), e);
    }
  }
}
