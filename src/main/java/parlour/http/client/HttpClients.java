package parlour.http.client;

import java.net.URI;
import java.util.concurrent.Executors;
import org.eclipse.jetty.client.ContinueProtocolHandler;
import org.eclipse.jetty.client.EarlyHintsProtocolHandler;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.ProcessingProtocolHandler;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import parlour.Limits;
import parlour.http.tls.Tls;

/** Makes bounded HTTP clients (Jetty's) that never act on an answer by themselves. */
public final class HttpClients {
  private HttpClients() {}

  /** Starts a client that trusts the certificates that the JDK trusts. */
  public static HttpClient start() {
    return start(Tls.ofDefaultTrust());
  }

  /** Starts a client, which all calls to other processes share. The caller must stop it. */
  public static HttpClient start(SslContextFactory.Client tls) {
    return start(tls, Limits.CLIENT_CONNECTIONS);
  }

  /** Starts a client that makes at most {@code connections} calls to one process at the same time. */
  public static HttpClient start(SslContextFactory.Client tls, int connections) {
    HttpClient client = create(tls);
    configure(client);
    client.setMaxConnectionsPerDestination(connections);
    try {
      client.start();
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP client does not start", e);
    }
    disableHandlers(client);
    return client;
  }

  /** Makes a client, which must be configured before its start. */
  public static HttpClient create(SslContextFactory.Client tls) {
    var connector = new ClientConnector();
    connector.setSslContextFactory(tls);
    connector.setSelectors(1);
    var transport = new HttpClientTransportOverHTTP(connector);
    transport.setHeaderCacheSize(0); // it would be 100 KB for each guest with a stream
    return new HttpClient(transport);
  }

  /** Configures a client before its start. */
  public static void configure(HttpClient client) {
    var threads = new QueuedThreadPool(); // for its selectors; callers wait on virtual threads
    threads.setName("outgoing");
    threads.setDaemon(true);
    threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
    client.setExecutor(threads);
    client.setMaxConnectionsPerDestination(Limits.CLIENT_CONNECTIONS);
    client.setMaxRequestsQueuedPerDestination(Limits.CLIENT_QUEUE);
    client.setConnectTimeout(Limits.CONNECT_TIMEOUT.toMillis());
    client.setIdleTimeout(Limits.CLIENT_IDLE.toMillis());
    client.setDestinationIdleTimeout(Limits.CLIENT_ADDRESS_EXPIRY.toMillis());
    client.setMaxResponseHeadersSize(Limits.RESPONSE_HEADER_BYTES);
    client.setMaxRequestHeadersSize(Limits.INTERNAL_HEADER_BYTES);
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setUserAgentField(null);
    client.setDefaultRequestContentType(null);
  }

  /** Appends a path to the path of a base address, which can end with a slash. */
  public static String path(URI base, String path) {
    String prefix = base.getRawPath();
    return (prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix) + path;
  }

  /** Disables decoding, redirects and authentication: a 401 is an answer like any other. */
  private static void disableHandlers(HttpClient client) {
    client.getContentDecoderFactories().clear();
    client.getProtocolHandlers().clear();
    client.getProtocolHandlers().put(new ContinueProtocolHandler());
    client.getProtocolHandlers().put(new ProcessingProtocolHandler());
    client.getProtocolHandlers().put(new EarlyHintsProtocolHandler());
  }
}
