package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that operators run beside Parlour, as a process of a test, on its own port. */
public final class Neighbour implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> output = Collections.synchronizedList(new ArrayList<>());

  /** The path of a program if it is installed: on the PATH, or where Debian puts servers. */
  public static Optional<Path> find(String program) {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** {@code ./dev} installs them where it can, and the documents say that tests run them. */
  private static final Set<String> IN_CI = Set.of("haproxy", "nginx");

  /** The path of a program. A test is skipped where it is missing, and fails in CI for some. */
  public static Path installed(String program) {
    Optional<Path> found = find(program);
    assertThat(found.isPresent() || System.getenv("CI") == null || !IN_CI.contains(program))
        .as("CI must have %1$s: apt-get install %1$s", program)
        .isTrue();
    assumeTrue(
        found.isPresent(), program + " is not installed; on Debian: apt-get install " + program);
    return found.orElseThrow();
  }

  /**
   * Starts nginx.
   *
   * @param settings for its http block
   */
  public static Neighbour nginx(Path folder, int port, String settings) throws IOException {
    // Its workers would become another user, who may not write to the folder.
    boolean isRoot = "root".equals(System.getProperty("user.name"));
    Path file = Files.writeString(
        folder.resolve("nginx.conf"), """
        %3$s
        daemon off;
        pid %1$s/nginx.pid;
        error_log stderr;
        events {}
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          %2$s
        }
        """.formatted(folder, settings, isRoot ? "user root;" : ""));
    return start(
        folder,
        port,
        installed("nginx").toString(),
        "-p",
        folder.toString(),
        "-c",
        file.toString());
  }

  /** Starts it in a folder, and returns when it listens on that port of 127.0.0.1. */
  public static Neighbour start(Path folder, int port, String... command) {
    try {
      Neighbour neighbour = new Neighbour(new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .start());
      neighbour.awaitListening(port, List.of(command));
      return neighbour;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Neighbour(Process process) {
    this.process = process;
    // A program blocks if nobody reads its output.
    Thread.ofVirtual().start(() -> {
      try (BufferedReader lines = process.inputReader()) {
        lines.lines().forEach(output::add);
      } catch (IOException | UncheckedIOException e) {
        output.add(e.toString());
      }
    });
  }

  private void awaitListening(int port, List<String> command) {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (!listens(port)) {
      if (!process.isAlive() || System.nanoTime() > giveUp) {
        close();
        throw new IllegalStateException(command + " does not listen on " + port + ": " + output());
      }
      Installation.pause(Duration.ofMillis(20));
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Its output so far. */
  public String output() {
    return String.join("\n", List.copyOf(output));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
