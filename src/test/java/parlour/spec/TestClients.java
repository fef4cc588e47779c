package parlour.spec;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.http.json.Json;

/**
 * The published clients, in one Node process: each {@link SdkClient} is one instance of one
 * version. The packages are in {@code test-clients/}.
 */
public final class TestClients implements AutoCloseable {
  /** The versions of {@code @twilio/conversations} that are driven. */
  public static final List<String> VERSIONS = List.of("2-1", "2-7", "3-0");

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final BufferedWriter commands;
  private final AtomicLong nextId = new AtomicLong();
  private final Map<Long, CompletableFuture<Map<String, @Nullable Object>>> answers =
      new ConcurrentHashMap<>();
  private final Map<String, SdkClient> clients = new ConcurrentHashMap<>();
  private final List<String> unexpected = new ArrayList<>();

  public static TestClients start() {
    Path folder = Path.of("test-clients");
    if (!Files.isDirectory(folder.resolve("node_modules"))) {
      throw new IllegalStateException(
          "the published clients of the tests are missing: run npm ci in test-clients/, as ./dev does");
    }
    try {
      return new TestClients(new ProcessBuilder("node", "drive.mjs")
          .directory(folder.toFile())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TestClients(Process process) {
    this.process = process;
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().start(() -> {
      try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
        lines.lines().forEach(this::arrive);
      } catch (IOException | UncheckedIOException closed) {
        // the process has ended
      }
    });
  }

  private void arrive(String text) {
    Map<String, @Nullable Object> line = Json.object(text)
        .orElseThrow(() -> new IllegalStateException("the driver printed: " + text));
    if (line.get("id") instanceof Long id) {
      Objects.requireNonNull(answers.remove(id)).complete(line);
      return;
    }
    SdkClient client = clients.get(String.valueOf(line.get("client")));
    if (client == null) {
      synchronized (unexpected) {
        unexpected.add(text);
      }
    } else {
      client.observed(line);
    }
  }

  /** Errors that nobody caught in the Node process. */
  public List<String> unexpected() {
    synchronized (unexpected) {
      return List.copyOf(unexpected);
    }
  }

  /** A client that is not connected yet. */
  public SdkClient client(String version) {
    SdkClient client = new SdkClient("client" + nextId.incrementAndGet(), version);
    clients.put(client.name, client);
    return client;
  }

  /** A port that leads to a port of the server until it is cut. */
  public CuttableLine line(int port) {
    String name = "line" + nextId.incrementAndGet();
    long own =
        (Long) Objects.requireNonNull(call(Map.of("op", "proxy", "name", name, "port", port)));
    return new CuttableLine(name, (int) own);
  }

  /** A network connection that a test can interrupt. */
  public final class CuttableLine {
    private final String name;
    private final int port;

    CuttableLine(String name, int port) {
      this.name = name;
      this.port = port;
    }

    public int port() {
      return port;
    }

    /** Ends the open connections; later ones succeed. */
    public void cut() {
      var _ = call(Map.of("op", "cut", "name", name, "refuse", false));
    }

    /** Ends each connection that sends more bytes than these. */
    public void limit(long bytes) {
      var _ = call(Map.of("op", "limit", "name", name, "bytes", bytes));
    }

    /** Lets connections send as much as they want. */
    public void lift() {
      var _ = call(Map.of("op", "limit", "name", name));
    }

    /** Ends the open connections, and refuses others until {@link #cut}. */
    public void interrupt() {
      var _ = call(Map.of("op", "cut", "name", name, "refuse", true));
    }
  }

  private @Nullable Object call(Map<String, Object> command) {
    Map<String, @Nullable Object> answer = answer(command);
    if (answer.containsKey("error")) {
      throw new Rejected(
          String.valueOf(answer.get("error")),
          answer.get("status") instanceof Long status ? status : 0);
    }
    return answer.get("result");
  }

  private Map<String, @Nullable Object> answer(Map<String, Object> command) {
    long id = nextId.incrementAndGet();
    CompletableFuture<Map<String, @Nullable Object>> answer = new CompletableFuture<>();
    answers.put(id, answer);
    Map<String, Object> line = new LinkedHashMap<>(command);
    line.put("id", id);
    try {
      synchronized (commands) {
        commands.write(new String(Json.write(line), StandardCharsets.UTF_8) + "\n");
        commands.flush();
      }
      return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (TimeoutException e) {
      throw new AssertionError("the client did not answer " + command.get("op"), e);
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The package rejected a call. */
  public static final class Rejected extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long status;

    Rejected(String message, long status) {
      super(message);
      this.status = status;
    }

    /** The HTTP status of the answer; 0 if there was none. */
    public long status() {
      return status;
    }
  }

  /** One instance of one version, and all that it has observed. */
  public final class SdkClient {
    private final String name;
    private final String version;
    private final List<Map<String, @Nullable Object>> observations = new ArrayList<>();

    SdkClient(String name, String version) {
      this.name = name;
      this.version = version;
    }

    private synchronized void observed(Map<String, @Nullable Object> observation) {
      observations.add(observation);
      notifyAll();
    }

    /** Connects; returns the package's version when it is initialized. */
    public String connect(String token, int port) {
      return String.valueOf(call(Map.of(
          "op",
          "create",
          "client",
          name,
          "version",
          version,
          "token",
          token,
          "agent",
          Objects.requireNonNull(Browser.CHROME_ON_WINDOWS.headers().get("User-Agent")),
          "uri",
          "ws://127.0.0.1:" + port + "/v3/wsconnect")));
    }

    /** Runs an operation of the driver; throws {@link Rejected} if the package does. */
    public @Nullable Object does(String operation, Object... arguments) {
      Map<String, Object> command = new LinkedHashMap<>();
      command.put("op", operation);
      command.put("client", name);
      for (int i = 0; i < arguments.length; i += 2) {
        command.put((String) arguments[i], arguments[i + 1]);
      }
      return call(command);
    }

    /** The same, for an operation that returns objects. */
    @SuppressWarnings("unchecked") // the parser makes such lists
    public List<Map<String, @Nullable Object>> lists(String operation, Object... arguments) {
      return (List<Map<String, @Nullable Object>>)
          Objects.requireNonNull(does(operation, arguments));
    }

    /** The same, for an operation that returns one object. */
    @SuppressWarnings("unchecked") // the parser makes such maps
    public Map<String, @Nullable Object> gets(String operation, Object... arguments) {
      return (Map<String, @Nullable Object>) Objects.requireNonNull(does(operation, arguments));
    }

    /** Repeats the operation until the answer is right: the packages keep answers for a moment. */
    public void getsAtLast(
        Predicate<Map<String, @Nullable Object>> condition, String operation, Object... arguments) {
      atLast(() -> gets(operation, arguments), condition);
    }

    /** The same, for an operation that returns objects. */
    public void listsAtLast(
        Predicate<List<Map<String, @Nullable Object>>> condition,
        String operation,
        Object... arguments) {
      atLast(() -> lists(operation, arguments), condition);
    }

    private <T> void atLast(Supplier<T> answer, Predicate<T> condition) {
      long giveUp = System.nanoTime() + PATIENCE.toNanos();
      T got = answer.get();
      while (!condition.test(got)) {
        if (System.nanoTime() > giveUp) {
          throw new AssertionError(version + " gets only " + got);
        }
        got = answer.get();
      }
    }

    /** Everything of a kind that it has observed. */
    public synchronized List<Map<String, @Nullable Object>> seen(String event) {
      return observations.stream().filter(one -> event.equals(one.get("event"))).toList();
    }

    /** Waits until it observes such an event, also if it did before. */
    public Map<String, @Nullable Object> sees(
        String event, Predicate<Map<String, @Nullable Object>> condition) {
      long giveUp = System.nanoTime() + PATIENCE.toNanos();
      synchronized (this) {
        while (true) {
          var found = seen(event).stream().filter(condition).findFirst();
          if (found.isPresent()) {
            return found.get();
          }
          long left = (giveUp - System.nanoTime()) / 1_000_000;
          if (left <= 0) {
            throw new AssertionError(version + " has not seen " + event + ", but " + observations);
          }
          try {
            wait(left);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        }
      }
    }

    /** Forgets what it has observed. */
    public synchronized void forgets() {
      observations.clear();
    }

    @Override
    public String toString() {
      return version;
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
