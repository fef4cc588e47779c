package parlour.redis;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.spec.Ports;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.embedded.core.ExecutableProvider;

/** A Redis for one test: a process that can be killed, suspended, and started again. */
public final class RealRedis implements AutoCloseable {
  private final Path folder;
  private final File executable;
  private final int port;
  private final List<String> settings;
  private @Nullable Process process;

  public static RealRedis start(String... settings) {
    try {
      Path folder = Files.createTempDirectory("parlour-redis");
      File executable =
          ExecutableProvider.newJarResourceProvider(folder.toFile()).get();
      RealRedis redis = new RealRedis(folder, executable, Ports.free(), List.of(settings));
      redis.startAgain();
      return redis;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private RealRedis(Path folder, File executable, int port, List<String> settings) {
    this.folder = folder;
    this.executable = executable;
    this.port = port;
    this.settings = settings;
  }

  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  public RedisAddress address() {
    return RedisAddress.parse(url(), Optional.empty());
  }

  /** Starts it on its old port, without its old data. */
  public void startAgain() {
    try {
      List<String> command = new ArrayList<>(List.of(
          executable.getPath(),
          "--bind",
          "127.0.0.1",
          "--port",
          String.valueOf(port),
          "--save",
          "",
          "--appendonly",
          "no"));
      command.addAll(settings);
      Process started = new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .start();
      process = started;
      BufferedReader says = started.inputReader();
      for (String line = says.readLine(); line != null; line = says.readLine()) {
        if (line.contains("Ready to accept connections")) {
          // A process blocks if nobody reads its output.
          Thread.ofVirtual().start(() -> says.lines().forEach(more -> {}));
          return;
        }
      }
      throw new IllegalStateException("Redis did not start");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Kills the process with SIGKILL. */
  public void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
      join(running);
      process = null;
    }
  }

  /** Stops the process: it accepts data and answers nothing, like a very slow one. */
  public void suspend() {
    signal("STOP");
  }

  public void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      long pid = Objects.requireNonNull(process).pid();
      join(new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void join(Process ended) {
    try {
      if (!ended.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a process does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The processor time that it has used since it started. */
  public Duration processorTime() {
    return Objects.requireNonNull(process).info().totalCpuDuration().orElseThrow();
  }

  public Connection connect() {
    return new Connection(new HostAndPort("127.0.0.1", port));
  }

  /** Sends a command on a new connection. */
  public Object ask(Command command, String... arguments) {
    try (Connection connection = connect()) {
      connection.sendCommand(command, arguments);
      return connection.getOne();
    }
  }

  /** Sends a command whose answer is a list of texts. */
  public List<String> list(Command command, String... arguments) {
    return ((List<?>) ask(command, arguments))
        .stream().map(RedisPublisher::text).toList();
  }

  @Override
  public void close() {
    kill();
    for (File file : Objects.requireNonNullElse(folder.toFile().listFiles(), new File[0])) {
      file.delete();
    }
    folder.toFile().delete();
  }
}
