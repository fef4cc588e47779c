package parlour.chaos;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import parlour.cli.Main;
import parlour.config.Role;
import parlour.spec.Ports;
import parlour.spec.ProgramFiles;

/** An installation with little memory, in one process or in one for each role, over SQLite. */
final class Flooded implements AutoCloseable {
  /**
   * Java's options as in the launcher and the service file, with the default heap of a machine of 1
   * GiB.
   */
  private static final List<String> OPTIONS = List.of(
      "-Xmx256m",
      "-XX:+UseSerialGC",
      "-XX:+UseCompactObjectHeaders",
      "-Xms64m",
      "-Xmn48m",
      "-XX:SurvivorRatio=4",
      "-XX:+ExitOnOutOfMemoryError",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow");

  private static final Duration PATIENCE = Duration.ofSeconds(60); // on a busy machine
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

  private final Path folder;
  private final Path logs;
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private final List<URI> internal = new ArrayList<>();
  private final URI edge;
  private final String deploymentKey;

  /**
   * @param apart whether each role runs in a process of its own
   */
  Flooded(boolean apart) throws IOException, InterruptedException {
    folder = Files.createTempDirectory("parlour-floods");
    logs = Files.createDirectories(Path.of("target", "floods", apart ? "apart" : "one"));
    int publicPort = Ports.free();
    edge = URI.create("http://127.0.0.1:" + publicPort);
    try {
      Map<Role, Integer> ports = new LinkedHashMap<>();
      for (Role role : Role.values()) {
        ports.put(role, Ports.free());
      }
      Map<String, String> environment = environment(apart, ports);
      if (apart) {
        for (Map.Entry<Role, Integer> role : ports.entrySet()) {
          start(role.getKey().word(), role.getValue(), publicPort, environment);
        }
      } else {
        start("all", Ports.free(), publicPort, environment);
      }
      for (URI node : internal) {
        awaitReady(node);
      }
      deploymentKey = deploymentKey(environment, apart ? Role.ORCHESTRATOR.word() : "all");
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static Map<String, String> environment(boolean apart, Map<Role, Integer> ports) {
    var random = new SecureRandom();
    byte[] key = new byte[32];
    random.nextBytes(key);
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PARLOUR_INTERNAL_SECRET", HexFormat.of().formatHex(key));
    random.nextBytes(key);
    environment.put("PARLOUR_MASTER_KEY", Base64.getEncoder().encodeToString(key));
    ports.forEach((role, port) -> {
      if (apart && role != Role.STARSHIP) {
        environment.put("PARLOUR_" + role.name() + "_URL", "http://127.0.0.1:" + port);
      }
    });
    return environment;
  }

  private void start(String roles, int port, int publicPort, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(List.of(
        "-cp",
        classPath(),
        Main.class.getName(),
        "serve",
        "--set",
        "roles=" + roles,
        "--set",
        "data=" + folder.resolve(roles),
        "--set",
        "internal.port=" + port,
        "--set",
        "public.host=127.0.0.1",
        "--set",
        "public.port=" + publicPort));
    processes.put(roles, started(command, environment, logs.resolve(roles + ".log")));
    internal.add(URI.create("http://127.0.0.1:" + port));
  }

  private String deploymentKey(Map<String, String> environment, String data)
      throws IOException, InterruptedException {
    String said = "";
    for (String[] words : new String[][] {
      {"accounts", "create", "--name", "Floods"},
      {"addresses", "create", "--name", "Desk"},
      {"deployments", "create", "--name", "Floods", "--origin", Edges.ORIGIN, "--realtime", "on"}
    }) {
      List<String> command = new ArrayList<>(ProgramFiles.java(List.of()));
      command.add(Main.class.getName());
      command.addAll(List.of(words));
      Map<String, String> here = new LinkedHashMap<>(environment);
      here.put("PARLOUR_DATA", folder.resolve(data).toString());
      Path log = logs.resolve(words[0] + ".log");
      Process process = started(command, here, log);
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(Files.readString(log));
      }
      said = Files.readString(log);
    }
    Matcher key = Pattern.compile("CV[0-9a-f]{32}").matcher(said);
    if (!key.find()) {
      throw new IllegalStateException("no deployment key in " + said);
    }
    return key.group();
  }

  private static Process started(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    Files.deleteIfExists(log);
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.to(log.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOUR_"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private void awaitReady(URI node) throws InterruptedException {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest ready = HttpRequest.newBuilder(node.resolve("/health/ready"))
          .timeout(Duration.ofSeconds(2))
          .build();
      while (true) {
        try {
          if (client.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException notYet) {
          // it starts
        }
        if (System.nanoTime() > giveUp || !dead().isEmpty()) {
          throw new IllegalStateException(node + " does not become ready; its log is in " + logs);
        }
        Thread.sleep(50);
      }
    }
  }

  URI edge() {
    return edge;
  }

  String deploymentKey() {
    return deploymentKey;
  }

  /** Processes that have ended, with their last output. */
  List<String> dead() {
    return processes.entrySet().stream()
        .filter(process -> !process.getValue().isAlive())
        .map(process -> process.getKey() + ": exit " + process.getValue().exitValue())
        .toList();
  }

  /** The heap of each process after a full collection, in KiB. */
  Map<String, Long> heap() throws IOException, InterruptedException {
    Map<String, Long> used = new LinkedHashMap<>();
    Path commands = Files.writeString(folder.resolve("jcmd"), "GC.run\nGC.heap_info\n");
    for (Map.Entry<String, Process> process : processes.entrySet()) {
      Matcher part = USED.matcher(jcmd(process.getValue(), commands));
      long all = 0;
      while (part.find()) { // the young generation, and the old
        all += Long.parseLong(part.group(1));
      }
      used.put(process.getKey(), all);
    }
    return used;
  }

  private static String jcmd(Process process, Path commands)
      throws IOException, InterruptedException {
    Process asking = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
            String.valueOf(process.pid()),
            "-f",
            commands.toString())
        .redirectErrorStream(true)
        .start();
    String said = new String(asking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!asking.waitFor(60, TimeUnit.SECONDS) || asking.exitValue() != 0) {
      throw new IllegalStateException(said);
    }
    return said;
  }

  @Override
  public void close() throws IOException {
    for (Process process : processes.values()) {
      process.destroyForcibly();
      process.onExit().join();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
