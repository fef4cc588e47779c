package parlour.bench;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.http1.Http1Client;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.tls.Tls;

/** A client of {@link HopBench}: sends a message and waits for the answer, on the calling thread. */
@FunctionalInterface
interface HopCaller extends AutoCloseable {
  int CONNECTIONS = 64;

  byte[] call(byte[] question) throws Exception;

  /** Closes what only this caller uses. */
  @Override
  default void close() throws IOException {}

  /** A way to call that keeps no state between callers, so that all of them share it. */
  @FunctionalInterface
  interface Ways {
    /** For one caller, who makes one call at a time. */
    HopCaller one() throws Exception;

    static Ways shared(HopCaller caller) {
      return () -> caller;
    }
  }

  /** Parlour's own client, as the roles use it. */
  static Ways parlour(int port) {
    var client = new InternalClient(
        parlour.http.client.HttpClients.start(Tls.ofDefaultTrust(), CONNECTIONS),
        Nodes.of("hop", URI.create("http://127.0.0.1:" + port)),
        HopMessage.SECRET,
        Duration.ofSeconds(30),
        64 * 1024);
    return Ways.shared(question -> client.post(HopMessage.PATH, question, answer -> answer));
  }

  /** Jetty's client, configured as Parlour does it. */
  static Ways jetty(int port) throws Exception {
    HttpClient http = parlour.http.client.HttpClients.create(Tls.ofDefaultTrust());
    parlour.http.client.HttpClients.configure(http);
    http.start();
    return Ways.shared(question -> jetty(http, port, question));
  }

  /** Jetty's client over HTTP/2 without TLS. */
  static Ways jettyOverHttp2(int port) throws Exception {
    HttpClient http = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client()));
    parlour.http.client.HttpClients.configure(http);
    http.start();
    return Ways.shared(question -> jetty(http, port, question));
  }

  private static byte[] jetty(HttpClient http, int port, byte[] question) throws Exception {
    return http.newRequest("127.0.0.1", port)
        .method("POST")
        .path(HopMessage.PATH)
        .body(new BytesRequestContent("application/json", question))
        .send()
        .getContent();
  }

  /** The classic client of Apache HttpComponents 5. */
  static Ways apache(int port) {
    var http = HttpClients.custom()
        .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
            .setMaxConnPerRoute(CONNECTIONS)
            .setMaxConnTotal(CONNECTIONS)
            .build())
        .disableAutomaticRetries()
        .disableContentCompression()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableRedirectHandling()
        .build();
    String url = url(port);
    return Ways.shared(question -> {
      var post = new HttpPost(url);
      post.setEntity(new ByteArrayEntity(question, ContentType.APPLICATION_JSON));
      return http.execute(post, response -> EntityUtils.toByteArray(response.getEntity()));
    });
  }

  /** Helidon's blocking client. */
  static Ways helidon(int port) {
    Http1Client http = Http1Client.builder()
        .connectionCacheSize(CONNECTIONS)
        .baseUri(URI.create("http://127.0.0.1:" + port))
        .build();
    return Ways.shared(question -> http.post(HopMessage.PATH)
        .header(HeaderNames.CONTENT_TYPE, "application/json")
        .submit(question, byte[].class)
        .entity());
  }

  /** The JDK's client over HTTP/1.1. */
  static Ways jdk(int port) {
    var http = java.net.http.HttpClient.newBuilder()
        .version(java.net.http.HttpClient.Version.HTTP_1_1)
        .build();
    URI url = URI.create(url(port));
    return Ways.shared(question -> http.send(
            HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(question))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .body());
  }

  /** gRPC on Netty, with the same JSON as its messages. */
  static Ways grpc(int port) {
    Channel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    return Ways.shared(question ->
        ClientCalls.blockingUnaryCall(channel, HopServer.ASK, CallOptions.DEFAULT, question));
  }

  /** A blocking socket for each caller, and no more HTTP/1.1 than this call needs. */
  static Ways socket(int port) {
    return () -> new Plain(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** The same over a Unix domain socket. */
  static Ways unix(UnixDomainSocketAddress address) {
    return () -> new Plain(address);
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + HopMessage.PATH;
  }

  /** A connection of one caller. */
  final class Plain implements HopCaller {
    private static final String HEAD = "POST " + HopMessage.PATH
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ";
    private static final String LENGTH = "content-length: ";

    private final SocketChannel channel;
    private final InputStream in;
    private final OutputStream out;

    Plain(SocketAddress address) throws IOException {
      channel = SocketChannel.open(
          address instanceof UnixDomainSocketAddress
              ? StandardProtocolFamily.UNIX
              : StandardProtocolFamily.INET);
      channel.connect(address);
      if (address instanceof InetSocketAddress) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      in = new BufferedInputStream(Channels.newInputStream(channel));
      out = Channels.newOutputStream(channel);
    }

    @Override
    public byte[] call(byte[] question) throws IOException {
      byte[] head = (HEAD + question.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
      byte[] all = new byte[head.length + question.length];
      System.arraycopy(head, 0, all, 0, head.length);
      System.arraycopy(question, 0, all, head.length, question.length);
      out.write(all);
      int length = 0;
      for (String line = line(); !line.isEmpty(); line = line()) {
        if (line.regionMatches(true, 0, LENGTH, 0, LENGTH.length())) {
          length = Integer.parseInt(line.substring(LENGTH.length()));
        }
      }
      return in.readNBytes(length);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }

    private String line() throws IOException {
      var line = new StringBuilder();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new IOException("closed");
        }
        line.append((char) next);
      }
      return line.toString().strip();
    }
  }
}
