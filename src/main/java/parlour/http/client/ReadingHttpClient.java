package parlour.http.client;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import parlour.Limits;
import parlour.http.ExternalHttpClient;
import parlour.http.Header;

/**
 * Calls external servers and reads their short answers.
 */
public final class ReadingHttpClient implements AutoCloseable {
  private final int maxBytes;
  private final ExternalHttpClient http = new ExternalHttpClient(Limits.EXTERNAL_CONNECT_TIMEOUT);

  /**
   * @param maxBytes the longest body of an answer
   */
  public ReadingHttpClient(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** The result of a call. */
  public sealed interface Reply {
    /** The server answered, and the whole body is here. */
    record Answered(int status, String body) implements Reply {}

    /**
     * There was no answer, or it was too long.
     *
     * @param why for the operator, without the address
     */
    record Unanswered(String why) implements Reply {}
  }

  /**
   * Gets a document.
   *
   * @param deadline of the whole call, from connecting to the last byte of the answer
   */
  public Reply get(URI url, Duration deadline) throws InterruptedException {
    return send(HttpRequest.newBuilder(url).GET(), deadline);
  }

  /**
   * Posts a form, {@code application/x-www-form-urlencoded}.
   *
   * @param deadline of the whole call, from connecting to the last byte of the answer
   */
  public Reply post(URI url, List<Header> headers, String form, Duration deadline)
      throws InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(url)
        .POST(HttpRequest.BodyPublishers.ofString(form))
        .setHeader("Content-Type", "application/x-www-form-urlencoded");
    headers.forEach(header -> request.setHeader(header.name(), header.value()));
    return send(request, deadline);
  }

  private Reply send(HttpRequest.Builder request, Duration deadline) throws InterruptedException {
    request.setHeader("User-Agent", "Parlour").setHeader("Accept", "application/json");
    CompletableFuture<HttpResponse<String>> response = http.get()
        .sendAsync(
            request.build(),
            _ -> BodySubscribers.limiting(
                BodySubscribers.ofString(StandardCharsets.UTF_8), maxBytes));
    try {
      HttpResponse<String> answer = response.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
      return new Reply.Answered(answer.statusCode(), answer.body());
    } catch (ExecutionException e) {
      return new Reply.Unanswered(PostingHttpClient.why(e.getCause())
          + ", or the answer has more than " + maxBytes + " bytes");
    } catch (TimeoutException e) {
      return new Reply.Unanswered("no answer within %d ms".formatted(deadline.toMillis()));
    } finally {
      response.cancel(true);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
