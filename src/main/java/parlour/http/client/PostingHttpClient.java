package parlour.http.client;

import java.net.ConnectException;
import java.net.URI;
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
import parlour.http.ExternalHttpClient;
import parlour.http.Header;

/**
 * Posts to external servers: webhooks, and pushes to push services.
 */
public final class PostingHttpClient implements AutoCloseable {
  private final ExternalHttpClient http = new ExternalHttpClient(Limits.EXTERNAL_CONNECT_TIMEOUT);

  /** The result of a post. */
  public sealed interface Reply {

    /**
     * The server answered; the body was discarded.
     *
     * @param retryAfter the value of Retry-After, if it was sent
     */
    record Answered(int status, Optional<String> retryAfter) implements Reply {}

    /**
     * There was no answer, so the request may have arrived or not.
     *
     * @param why for the operator, without the address
     */
    record Unanswered(String why) implements Reply {}
  }

  /** Posts JSON, as {@link #post(URI, List, String, byte[], Duration)} does. */
  public Reply post(URI url, List<Header> headers, byte[] json, Duration deadline)
      throws InterruptedException {
    return post(url, headers, "application/json", json, deadline);
  }

  /**
   * Posts and waits for the answer.
   *
   * @throws InterruptedException if the caller was interrupted; the request may have arrived
   */
  public Reply post(
      URI url, List<Header> headers, String contentType, byte[] body, Duration deadline)
      throws InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(url)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .setHeader("Content-Type", contentType)
        .setHeader("User-Agent", "Parlour");
    headers.forEach(header -> request.setHeader(header.name(), header.value()));
    var head = new AtomicReference<HttpResponse.@Nullable ResponseInfo>();
    CompletableFuture<HttpResponse<Void>> response = http.get().sendAsync(request.build(), info -> {
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

  /** A status counts, even if its body did not arrive. */
  private static Reply reply(HttpResponse.@Nullable ResponseInfo head, String why) {
    return head == null
        ? new Reply.Unanswered(why)
        : new Reply.Answered(head.statusCode(), head.headers().firstValue("Retry-After"));
  }

  /** Finds the reason of a failure, which the client wraps in one or two exceptions. */
  static String why(@Nullable Throwable failure) {
    if (failure instanceof HttpConnectTimeoutException) {
      return "no connection within %d s".formatted(Limits.EXTERNAL_CONNECT_TIMEOUT.toSeconds());
    }
    boolean connecting = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return "TLS failed: is its certificate valid, for its host name?";
      }
      if (cause instanceof UnresolvedAddressException) {
        return "its host name is unknown";
      }
      connecting |= cause instanceof ConnectException;
    }
    return connecting
        ? "no connection: refused or unreachable"
        : "the connection ended without an answer";
  }

  /**
   * Reads a Retry-After (RFC 9110, 10.2.3); empty if it is neither seconds nor a date.
   */
  public static Optional<Duration> retryAfter(String retryAfter, Instant now) {
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

  @Override
  public void close() {
    http.close();
  }
}
