package parlour.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that is measured: it listens on loopback, and is killed when it is not stopped. */
record Subject(String name, Process process, int port) implements AutoCloseable {
  private static final String JAR = System.getProperty("parlour.jar");

  /** All of Parlour, as {@code ./parlour up} runs it, without limits per address. */
  static Subject parlour(Path folder, int port, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("-jar", JAR, "up"));
    return start("parlour", folder, port, Map.of(), arguments);
  }

  /** The same, with more settings, by the names of their variables. */
  static Subject parlour(Path folder, int port, Map<String, String> settings) throws IOException {
    return start("parlour", folder, port, settings, List.of("-jar", JAR, "up"));
  }

  static Subject floor(Path folder, int port) throws IOException {
    String classes = JAR + File.pathSeparator + "target/test-classes";
    return start(
        "floor",
        folder,
        port,
        Map.of(),
        List.of("-cp", classes, Floor.class.getName(), String.valueOf(port)));
  }

  private static Subject start(
      String name, Path folder, int port, Map<String, String> settings, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(
        System.getProperty("java.home") + "/bin/java",
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(Map.of(
            "PARLOUR_DATA", folder.toString(),
            "PARLOUR_PUBLIC_HOST", "127.0.0.1",
            "PARLOUR_PUBLIC_PORT", String.valueOf(port),
            "PARLOUR_INTERNAL_PORT", "0",
            "PARLOUR_RATE_LIMITS", "off"));
    builder.environment().putAll(settings);
    Process process = builder
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".log").toFile()))
        .start();
    return Leftovers.keep(new Subject(name, process, port));
  }

  Subject awaitPort() throws IOException, InterruptedException {
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return this;
      } catch (IOException e) {
        if (!process.isAlive()) {
          throw new IOException(name + " ended with " + process.exitValue(), e);
        }
        Thread.sleep(5);
      }
    }
  }

  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException(name + " does not stop");
    }
  }

  Duration processorTime() {
    return process.info().totalCpuDuration().orElseThrow();
  }

  /** What of it is in memory now, in MiB, as ps tells. */
  double residentMebibytes() throws IOException, InterruptedException {
    return kibibytes("ps", "-o", "rss=", "-p", String.valueOf(process.pid())) / 1024;
  }

  /** Has it collect its garbage first, so that what is left is in use. */
  double residentAfterCollection() throws IOException, InterruptedException {
    Process collection = new ProcessBuilder(
            System.getProperty("java.home") + "/bin/jcmd", String.valueOf(process.pid()), "GC.run")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    if (collection.waitFor() != 0) {
      throw new IllegalStateException("jcmd can not reach " + name);
    }
    return residentMebibytes();
  }

  private static double kibibytes(String... command) throws IOException, InterruptedException {
    Process asked = new ProcessBuilder(command).start();
    String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    asked.waitFor();
    return Double.parseDouble(said.strip());
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join(); // nothing writes to its folder any more
  }
}
