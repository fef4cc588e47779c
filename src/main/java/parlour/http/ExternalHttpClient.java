package parlour.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's client for external servers, without proxies, redirects, cookies and authentication.
 * Certificates must be trusted by the JVM, unless the maker says otherwise.
 *
 * <p>The internal client is Jetty's. This one resolves names on its own threads, so that a name
 * server that hangs blocks no thread that serves guests.
 */
public final class ExternalHttpClient implements AutoCloseable {
  private final Duration connectTimeout;
  private final UnaryOperator<HttpClient.Builder> more;

  @GuardedBy("this")
  private @Nullable HttpClient http;

  public ExternalHttpClient(Duration connectTimeout) {
    this(connectTimeout, builder -> builder);
  }

  /**
   * @param more adds options to the builder when the client is made
   */
  public ExternalHttpClient(Duration connectTimeout, UnaryOperator<HttpClient.Builder> more) {
    this.connectTimeout = connectTimeout;
    this.more = more;
  }

  /** Made at the first call, because it reads the JVM's certificates, which would delay a start. */
  public synchronized HttpClient get() {
    if (http == null) {
      http = more.apply(HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .proxy(HttpClient.Builder.NO_PROXY)
              .connectTimeout(connectTimeout))
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
