package parlour.http.client;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.Header;

/**
 * Posts to servers that are not ours. No proxy, no redirect, no cookie, no authentication, and
 * certificates are checked against those that the JVM trusts.
 *
 * <p>The JDK's client, not Jetty's as between ourselves: it looks names up on threads of its own, so
 * that a name server which hangs holds none of those that serve guests.
 */
public final class WebhookHttpClient implements AutoCloseable {
  private @Nullable HttpClient http;

  /** What came of it. */
  public sealed interface Reply {

    /**
     * A status; the body was thrown away.
     *
     * @param retryAfter the header of that name, where there is one
     */
    record Answered(int status, Optional<String> retryAfter) implements Reply {}

    /**
     * Nobody knows whether it arrived.
     *
     * @param why in words for the operator, without the address
     */
    record Unanswered(String why) implements Reply {}
  }

  /**
   * Posts JSON and waits for the answer.
   *
   * @throws InterruptedException when the caller was interrupted; it may have arrived
   */
  public Reply post(URI url, List<Header> headers, byte[] json, Duration deadline)
      throws InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(url)
        .POST(HttpRequest.BodyPublishers.ofByteArray(json))
        .setHeader("Content-Type", "application/json")
        .setHeader("User-Agent", "Parlour");
    headers.forEach(header -> request.setHeader(header.name(), header.value()));
    var head = new AtomicReference<HttpResponse.@Nullable ResponseInfo>();
    CompletableFuture<HttpResponse<Void>> response = client().sendAsync(request.build(), info -> {
      head.set(info);
      return BodySubscribers.limiting(BodySubscribers.discarding(), Limits.WEBHOOK_RESPONSE_BYTES);
    });
    try {
      response.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
      return reply(head.get(), "it did not answer");
    } catch (ExecutionException e) {
      return reply(head.get(), why(e.getCause()));
    } catch (TimeoutException e) {
      return reply(head.get(), "no answer within %d s".formatted(deadline.toSeconds()));
    } finally {
      response.cancel(true);
    }
  }

  /** A status that came counts, whatever became of the body behind it. */
  private static Reply reply(HttpResponse.@Nullable ResponseInfo head, String why) {
    return head == null
        ? new Reply.Unanswered(why)
        : new Reply.Answered(head.statusCode(), head.headers().firstValue("Retry-After"));
  }

  /** The client wraps what went wrong in one exception or two, as it comes. */
  private static String why(@Nullable Throwable failure) {
    if (failure instanceof HttpConnectTimeoutException) {
      return "no connection within %d s".formatted(Limits.WEBHOOK_CONNECT_TIMEOUT.toSeconds());
    }
    boolean connecting = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return "no TLS: is its certificate good for its host name?";
      }
      if (cause instanceof UnresolvedAddressException) {
        return "its host name is not known";
      }
      connecting |= cause instanceof ConnectException;
    }
    return connecting
        ? "no connection: refused, or no way there"
        : "the connection ended without an answer";
  }

  /**
   * How long the sender of a Retry-After (RFC 9110, 10.2.3) asks to wait; empty where it is neither
   * seconds nor a date.
   */
  public static Optional<Duration> patience(String retryAfter, Instant now) {
    if (retryAfter.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(retryAfter)));
    }
    try {
      Instant then =
          ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(Duration.between(now, then));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Made at the first call: it reads the JVM's certificates, which a start need not wait for. */
  private synchronized HttpClient client() {
    if (http == null) {
      http = HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .proxy(HttpClient.Builder.NO_PROXY)
          .connectTimeout(Limits.WEBHOOK_CONNECT_TIMEOUT)
          .build();
    }
    return http;
  }

  @Override
  public synchronized void close() {
    if (http != null) {
      http.shutdownNow();
    }
  }
}
