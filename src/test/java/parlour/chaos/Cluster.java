package parlour.chaos;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import parlour.config.Role;
import parlour.spec.Ports;

/** Two nodes of every role, each a process, over one PostgreSQL and one Redis. */
final class Cluster {
  /** The output of each process; it stays until the next run. */
  static final Path LOGS = Path.of("target", "chaos");

  private static final int NODES_PER_ROLE = 2;

  /** The order of starting: each role after the roles that it calls. */
  private static final List<Role> CALLEES_FIRST = List.of(
      Role.SCOPED_AUTH, Role.CONVERSATIONS, Role.FEDERATED_AUTH, Role.ORCHESTRATOR, Role.STARSHIP);

  private static final SecureRandom random = new SecureRandom();

  private final Path folder;
  private final PostgresServer postgres;
  private final RedisServer redis;
  private final List<Node> nodes = new ArrayList<>();
  private final String secret = HexFormat.of().formatHex(random(32));
  private final Thread lastResort = new Thread(this::cutOff);

  static Cluster start() throws IOException, InterruptedException {
    removeAll(LOGS);
    Files.createDirectories(LOGS);
    Cluster cluster = new Cluster(Files.createTempDirectory("parlour-chaos"));
    try {
      cluster.startAll();
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private Cluster(Path folder) throws IOException {
    this.folder = folder;
    postgres = new PostgresServer(Ports.free(), folder, LOGS);
    redis = new RedisServer(Ports.free(), folder, LOGS);
    Map<Role, List<Integer>> internalPorts = new LinkedHashMap<>();
    for (Role role : CALLEES_FIRST) {
      internalPorts.put(role, List.of(Ports.free(), Ports.free()));
    }
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PARLOUR_INTERNAL_SECRET", secret);
    environment.put("PARLOUR_MASTER_KEY", Base64.getEncoder().encodeToString(random(32)));
    environment.put("PARLOUR_DATABASE_URL", postgres.url());
    environment.put("PARLOUR_REDIS_URL", redis.url());
    environment.put("PARLOUR_RATE_LIMITS", "off");
    internalPorts.forEach((role, ports) -> {
      if (role != Role.STARSHIP) { // no role calls it
        environment.put(
            "PARLOUR_" + role.name() + "_URL",
            ports.stream()
                .map(port -> "http://127.0.0.1:" + port)
                .collect(Collectors.joining(",")));
      }
    });
    for (Role role : CALLEES_FIRST) {
      List<Integer> internal = Objects.requireNonNull(internalPorts.get(role));
      for (int number = 1; number <= NODES_PER_ROLE; number++) {
        nodes.add(new Node(
            role, number, Ports.free(), internal.get(number - 1), folder, LOGS, environment));
      }
    }
  }

  private void startAll() throws IOException, InterruptedException {
    Runtime.getRuntime().addShutdownHook(lastResort); // also if the test is interrupted
    postgres.start();
    redis.start();
    postgres.awaitReady();
    redis.awaitReady();
    for (Node node : nodes) {
      node.start();
    }
    for (Node node : nodes) {
      node.awaitReady();
    }
  }

  /** All processes to which faults can happen. */
  List<Part> parts() {
    List<Part> parts = new ArrayList<>(nodes);
    parts.add(postgres);
    parts.add(redis);
    return parts;
  }

  PostgresServer postgres() {
    return postgres;
  }

  List<Node> nodes(Role role) {
    return nodes.stream().filter(node -> node.role() == role).toList();
  }

  Edges edges() {
    return new Edges(nodes(Role.STARSHIP).stream().map(Node::edge).toList());
  }

  List<URI> internal(Role role) {
    return nodes(role).stream().map(Node::internal).toList();
  }

  String secret() {
    return secret;
  }

  /** Runs a command with the settings of that role, as an operator does. */
  String command(Role role, String... arguments) throws IOException, InterruptedException {
    Process process = nodes(role)
        .getFirst()
        .command(List.of(arguments))
        .redirectError(
            ProcessBuilder.Redirect.appendTo(LOGS.resolve("commands.log").toFile()))
        .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(
          String.join(" ", arguments) + " printed: " + printed + "; see also " + LOGS);
    }
    return printed;
  }

  private static byte[] random(int bytes) {
    byte[] made = new byte[bytes];
    random.nextBytes(made);
    return made;
  }

  private void endAll() {
    nodes.forEach(Part::end);
    redis.end();
    postgres.end();
  }

  /** Ends all processes, and leaves only the logs. */
  void close() throws IOException, InterruptedException {
    nodes.forEach(Part::end);
    try {
      if (postgres.isAlive()) { // it gives its shared memory back, which it cannot when killed
        postgres.resume();
        postgres.stop();
      }
    } finally {
      endAll();
      Runtime.getRuntime().removeShutdownHook(lastResort);
      removeAll(folder);
    }
  }

  /** The cleanup when nobody closes the cluster, as when the test is interrupted. */
  private void cutOff() {
    endAll();
    try {
      removeAll(folder);
    } catch (IOException e) {
      System.err.println("chaos: " + folder + " stays behind: " + e.getMessage());
    }
  }

  private static void removeAll(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
