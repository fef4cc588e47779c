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

/** Jetty's client, bounded, and with nothing that acts on an answer by itself. */
public final class HttpClients {
  private HttpClients() {}

  /** A started client that trusts whom the JDK trusts. */
  public static HttpClient start() {
    return start(Tls.ofEverybody());
  }

  /** A started client, to be shared by the doors to other processes and stopped at the end. */
  public static HttpClient start(SslContextFactory.Client tls) {
    return start(tls, Limits.CLIENT_CONNECTIONS);
  }

  /** The same, with so many calls of each process at once. */
  public static HttpClient start(SslContextFactory.Client tls, int connections) {
    HttpClient client = create(tls);
    configure(client);
    client.setMaxConnectionsPerDestination(connections);
    try {
      client.start();
    } catch (Exception e) {
      throw new IllegalStateException("can not start the HTTP client", e);
    }
    demandNothing(client);
    return client;
  }

  /** A client that is not configured. */
  public static HttpClient create(SslContextFactory.Client tls) {
    var connector = new ClientConnector();
    connector.setSslContextFactory(tls);
    connector.setSelectors(1);
    var transport = new HttpClientTransportOverHTTP(connector);
    transport.setHeaderCacheSize(0); // 100 KB a connection, and a listening guest has one of those
    return new HttpClient(transport);
  }

  /** Everything that is to be set before it starts. */
  public static void configure(HttpClient client) {
    var threads = new QueuedThreadPool(); // selects; callers wait on virtual threads
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

  /** A path below a base address, which may end with a slash. */
  public static String path(URI base, String path) {
    String prefix = base.getRawPath();
    return (prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix) + path;
  }

  /** No decoding, no redirects, no authentication: a 401 is an answer like any other. */
  private static void demandNothing(HttpClient client) {
    client.getContentDecoderFactories().clear();
    client.getProtocolHandlers().clear();
    client.getProtocolHandlers().put(new ContinueProtocolHandler());
    client.getProtocolHandlers().put(new ProcessingProtocolHandler());
    client.getProtocolHandlers().put(new EarlyHintsProtocolHandler());
  }
}
