package parlour.chaos;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import redis.embedded.core.ExecutableProvider;

/** The Redis of a cluster. It loses its data when it stops, which must not matter. */
final class RedisServer extends Part {
  private final String program;
  private final int port;
  private final Path folder;

  RedisServer(int port, Path folder, Path logs) throws IOException {
    super("redis", logs);
    this.program = ExecutableProvider.newJarResourceProvider().get().toString();
    this.port = port;
    this.folder = folder;
  }

  String url() {
    return "redis://127.0.0.1:" + port;
  }

  @Override
  ProcessBuilder program() {
    return new ProcessBuilder(
        program,
        "--port",
        String.valueOf(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        folder.toString());
  }

  @Override
  boolean isReady() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(2_000);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().read() == '+';
    } catch (IOException notYet) {
      return false;
    }
  }
}
