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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A process that is measured: it listens on loopback, and is killed when it is not stopped. */
record Subject(String name, Process process, int port) implements AutoCloseable {
  private static final String JAR = System.getProperty("parlour.jar");

  /** The launcher's options for every command. */
  static final List<String> JAVA = List.of(
      System.getProperty("java.home") + "/bin/java",
      "-XX:+UseSerialGC",
      "-XX:+UseCompactObjectHeaders",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow");

  /** The launcher's heap. */
  private static final List<String> HEAP =
      List.of("-Xms64m", "-Xmn48m", "-XX:SurvivorRatio=4", "-XX:TrimNativeHeapInterval=5000");

  /** As the launcher has it: what the JVM has learned, and the heap. */
  private static final List<String> LAUNCHED = Stream.concat(
          Stream.of("-XX:AOTCache=" + System.getProperty("parlour.aot")), HEAP.stream())
      .toList();

  /** All of Parlour, as {@code ./parlour up} runs it, without limits per address. */
  static Subject parlour(Path folder, int port, String... options) throws IOException {
    return parlour(folder, port, Map.of(), options);
  }

  /** The same, with more settings, by the names of their variables. */
  static Subject parlour(Path folder, int port, Map<String, String> settings, String... options)
      throws IOException {
    List<String> arguments = new ArrayList<>(LAUNCHED);
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("-jar", JAR, "up"));
    return start("parlour", folder, port, settings, arguments);
  }

  /** All of another build of Parlour, without what the JVM could have learned of it. */
  static Subject of(Path jar, String name, Path folder, int port) throws IOException {
    List<String> arguments = new ArrayList<>(HEAP);
    arguments.addAll(List.of("-jar", jar.toString(), "up"));
    return start(name, folder, port, Map.of(), arguments);
  }

  static Subject floor(Path folder, int port) throws IOException {
    return floor(folder, port, List.of());
  }

  /** The floor with the launcher's heap and cache, for its start. */
  static Subject launchedFloor(Path folder, int port, String... options) throws IOException {
    return floor(
        folder, port, Stream.concat(LAUNCHED.stream(), Stream.of(options)).toList());
  }

  private static Subject floor(Path folder, int port, List<String> options) throws IOException {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of(
        "-cp",
        JAR + File.pathSeparator + "target/test-classes",
        Floor.class.getName(),
        String.valueOf(port)));
    return start("floor", folder, port, Map.of(), arguments);
  }

  /** Some roles of Parlour, over the folder of the others. */
  static Subject roles(Path folder, int port, String roles, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(LAUNCHED);
    arguments.addAll(List.of("-jar", JAR, "serve"));
    arguments.add("--roles=" + roles);
    arguments.addAll(List.of(options));
    return start(roles, folder, port, Map.of(), arguments);
  }

  /** A Java program, with the launcher's options for Parlour, except for {@link #LAUNCHED}. */
  static Subject start(
      String name, Path folder, int port, Map<String, String> settings, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(JAVA);
    command.addAll(arguments);
    Map<String, String> environment = new HashMap<>(Map.of(
        "PARLOUR_DATA", folder.toString(),
        "PARLOUR_PUBLIC_HOST", "127.0.0.1",
        "PARLOUR_PUBLIC_PORT", String.valueOf(port),
        "PARLOUR_INTERNAL_PORT", "0",
        "PARLOUR_RATE_LIMITS", "off"));
    environment.putAll(settings);
    return run(name, folder, port, environment, command);
  }

  /** Any program; what it says goes into the folder. */
  static Subject run(
      String name, Path folder, int port, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
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

  /** Of the process, and of those that it started: some programs begin with a script that stays. */
  Duration processorTime() {
    return tree()
        .flatMap(each -> each.info().totalCpuDuration().stream())
        .reduce(Duration.ZERO, Duration::plus);
  }

  private Stream<ProcessHandle> tree() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants());
  }

  /** Its resident memory now in MiB, as ps reports it. */
  double residentMebibytes() throws IOException, InterruptedException {
    String pids = tree().map(each -> String.valueOf(each.pid())).collect(Collectors.joining(","));
    return kibibytes("ps", "-o", "rss=", "-p", pids) / 1024;
  }

  /** Has it collect its garbage first, so that what is left is in use. */
  double residentAfterCollection() throws IOException, InterruptedException {
    Process collection = new ProcessBuilder(
            System.getProperty("java.home") + "/bin/jcmd", String.valueOf(process.pid()), "GC.run")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    if (collection.waitFor() != 0) {
      throw new IllegalStateException("jcmd cannot reach " + name);
    }
    return residentMebibytes();
  }

  private static double kibibytes(String... command) throws IOException, InterruptedException {
    Process asked = new ProcessBuilder(command).start();
    String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    asked.waitFor();
    return said.lines().mapToDouble(line -> Double.parseDouble(line.strip())).sum();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> all = tree().toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().join()); // nothing writes to its folder any more
  }
}
