package parlour.bench;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import parlour.InternalSecrets;
import parlour.errors.Errors;
import parlour.http.server.ApiResponse;
import parlour.http.server.InternalOnly;
import parlour.http.server.Listener;
import parlour.http.server.Routes;
import parlour.trace.Traces;

/**
 * The servers of {@link HopBench}, all in one process, of which one at a time gets calls: a bare
 * handler of Jetty over HTTP/1.1, HTTP/2 and a Unix domain socket, Parlour's internal listener, and
 * gRPC on Netty. All run calls on virtual threads.
 */
final class HopServer {
  static final MethodDescriptor<byte[], byte[]> ASK = MethodDescriptor.<byte[], byte[]>newBuilder()
      .setType(MethodDescriptor.MethodType.UNARY)
      .setFullMethodName("hop/ask")
      .setRequestMarshaller(new Bytes())
      .setResponseMarshaller(new Bytes())
      .build();

  private HopServer() {}

  /**
   * Listens until it is killed. The arguments are the path of the Unix domain socket and the ports:
   * HTTP/1.1, HTTP/2, Parlour's own, gRPC.
   */
  public static void main(String[] arguments) throws Exception {
    Path unix = Path.of(arguments[0]);
    List<Integer> ports = List.of(arguments).subList(1, arguments.length).stream()
        .map(Integer::valueOf)
        .toList();
    Jetty.start(unix, ports.get(0), ports.get(1));
    var routes = new Routes(Errors.PLAIN)
        .post(
            HopMessage.PATH,
            call -> ApiResponse.json(
                200, HopMessage.answer(call.json(HopMessage.Question.class, 16 * 1024))));
    Listener.start(
        Listener.Settings.internal("127.0.0.1", ports.get(2), Errors.PLAIN),
        new InternalOnly(
            Errors.PLAIN,
            InternalSecrets.of(HopMessage.SECRET),
            new Traces(),
            InstantSource.system(),
            routes));
    NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(3)))
        .executor(Executors.newVirtualThreadPerTaskExecutor())
        .addService(ServerServiceDefinition.builder("hop")
            .addMethod(ASK, ServerCalls.asyncUnaryCall((question, answers) -> {
              answers.onNext(HopMessage.answer(question));
              answers.onCompleted();
            }))
            .build())
        .build()
        .start();
    Thread.currentThread().join();
  }

  /** The bare handler. */
  private static final class Jetty extends Handler.Abstract {
    static void start(Path unix, int http1, int http2) throws Exception {
      var threads = new QueuedThreadPool();
      threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
      var server = new Server(threads);
      var settings = new HttpConfiguration();
      var plain = new ServerConnector(server, 1, 1, new HttpConnectionFactory(settings));
      plain.setHost("127.0.0.1");
      plain.setPort(http1);
      var h2c = new ServerConnector(server, 1, 1, new HTTP2CServerConnectionFactory(settings));
      h2c.setHost("127.0.0.1");
      h2c.setPort(http2);
      var local = new UnixDomainServerConnector(server, 1, 1, new HttpConnectionFactory(settings));
      local.setUnixDomainPath(unix);
      List.of(plain, h2c, local).forEach(server::addConnector);
      server.setHandler(new Jetty());
      server.start();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback)
        throws IOException {
      ByteBuffer question = Content.Source.asByteBuffer(request);
      byte[] answer = HopMessage.answer(BufferUtil.toArray(question));
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.length);
      response.write(true, ByteBuffer.wrap(answer), callback);
      return true;
    }
  }

  /** The same bytes on the wire. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
