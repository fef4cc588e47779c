package parlour.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import parlour.Limits;
import parlour.Role;
import parlour.Sid;
import parlour.orchestrator.AccountKey;
import parlour.orchestrator.Accounts;
import parlour.orchestrator.AllowedOrigins;
import parlour.orchestrator.SqlAccounts;
import parlour.scopedauth.Sensitivity;
import parlour.store.SqliteDatabase;

/**
 * Refreshes per second of Parlour, all in one process on SQLite, against {@link Floor}: both run
 * all the time, take the load in turns, and are compared round by round. Then the time from the
 * start of a process to its first answered refresh.
 *
 * <p>{@code ./dev bench [rounds] [seconds per window] [connections]}
 */
public final class RefreshBench {
  private static final int STARTS = 7;

  private RefreshBench() {}

  /** One side of the comparison: a process that listens. */
  private record Side(String name, Process process, int port, String deploymentKey) {}

  /** A window of one side, and the processor time that its process used meanwhile. */
  private record Measured(double perSecond, double microsPerCall, double median, double p99) {}

  public static void main(String[] arguments) throws Exception {
    int rounds = argument(arguments, 0, 7);
    Duration window = Duration.ofSeconds(argument(arguments, 1, 6));
    int connections = argument(arguments, 2, 64);
    Path folder = Files.createTempDirectory("parlour-bench");
    List<Process> started = new ArrayList<>();
    try {
      String key = deployment(folder).text();
      int floorPort = freePort();
      Side floor = new Side(
          "floor", start(started, folder, floorPort, Floor.class.getName()), floorPort, key);
      int port = freePort();
      Side parlour = new Side("parlour", startParlour(started, folder, port), port, key);
      awaitPort(floor);
      awaitPort(parlour);
      compare(floor, parlour, rounds, window, connections);
      stop(floor.process());
      stop(parlour.process());
      startUp(started, folder, key);
    } finally {
      started.forEach(Process::destroyForcibly);
      delete(folder);
    }
  }

  private static void compare(
      Side floor, Side parlour, int rounds, Duration window, int connections) throws IOException {
    System.out.printf(
        "%s, %d processors, Java %s; %d connections, windows of %d s, %d rounds after a warm-up%n",
        System.getProperty("os.name"),
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        connections,
        window.toSeconds(),
        rounds);
    List<Measured> ofFloor = new ArrayList<>();
    List<Measured> ofParlour = new ArrayList<>();
    try (Guests atFloor = new Guests(floor.port(), floor.deploymentKey(), connections);
        Guests atParlour = new Guests(parlour.port(), parlour.deploymentKey(), connections)) {
      for (int warmUp = 0; warmUp < 3; warmUp++) {
        measure(floor, atFloor, window);
        measure(parlour, atParlour, window);
      }
      for (int round = 0; round < rounds; round++) {
        ofFloor.add(measure(floor, atFloor, window));
        ofParlour.add(measure(parlour, atParlour, window));
        System.out.printf(
            "round %d: floor %s; parlour %s%n", round + 1, ofFloor.getLast(), ofParlour.getLast());
      }
    }
    table(ofFloor, ofParlour);
  }

  private static void table(List<Measured> floor, List<Measured> parlour) {
    System.out.printf(
        "%n%-24s %12s %12s %18s%n", "median of rounds", "floor", "parlour", "parlour/floor");
    row("refreshes/s", floor, parlour, Measured::perSecond);
    row("CPU per refresh, µs", floor, parlour, Measured::microsPerCall);
    row("median, ms", floor, parlour, Measured::median);
    row("p99, ms", floor, parlour, Measured::p99);
  }

  private static void row(
      String name,
      List<Measured> floor,
      List<Measured> parlour,
      ToDoubleFunction<Measured> figure) {
    double[] ratios = new double[floor.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = figure.applyAsDouble(parlour.get(i)) / figure.applyAsDouble(floor.get(i));
    }
    System.out.printf(
        "%-24s %12.1f %12.1f %8.2f (%.2f–%.2f)%n",
        name,
        median(floor.stream().mapToDouble(figure).toArray()),
        median(parlour.stream().mapToDouble(figure).toArray()),
        median(ratios),
        Arrays.stream(ratios).min().orElseThrow(),
        Arrays.stream(ratios).max().orElseThrow());
  }

  private static Measured measure(Side side, Guests guests, Duration window) {
    Duration before = processorTime(side.process());
    Guests.Window brought = guests.reload(window);
    Duration used = processorTime(side.process()).minus(before);
    return new Measured(
        brought.perSecond(),
        used.toNanos() / 1e3 / brought.calls(),
        brought.millisAt(0.5),
        brought.millisAt(0.99));
  }

  /** From the start of the process to the first refresh that it answers, over a folder in use. */
  private static void startUp(List<Process> started, Path folder, String key) throws Exception {
    double[] millis = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      int port = freePort();
      long before = System.nanoTime();
      Process process = startParlour(started, folder, port);
      Side side = new Side("parlour", process, port, key);
      awaitPort(side);
      try (Guests guest = new Guests(port, key, 1)) {
        guest.reload(Duration.ofNanos(1));
        millis[i] = (System.nanoTime() - before) / 1e6;
      }
      stop(process);
    }
    System.out.printf(
        "%nstart to first answered refresh, with an Init before it: median %.0f ms of %s%n",
        median(millis),
        Arrays.toString(Arrays.stream(millis).mapToLong(Math::round).toArray()));
  }

  private static Process startParlour(List<Process> started, Path folder, int port)
      throws IOException {
    return start(started, folder, port, "parlour.Main", "up");
  }

  private static Process start(
      List<Process> started, Path folder, int port, String main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(
        System.getProperty("java.home") + "/bin/java",
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("parlour.jar") + File.pathSeparator + "target/test-classes",
        main));
    command.addAll(arguments.length == 0 ? List.of(String.valueOf(port)) : List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(Map.of(
            "PARLOUR_DATA", folder.toString(),
            "PARLOUR_PUBLIC_HOST", "127.0.0.1",
            "PARLOUR_PUBLIC_PORT", String.valueOf(port),
            "PARLOUR_INTERNAL_PORT", "0",
            "PARLOUR_RATE_LIMITS", "off"));
    Path log = folder.resolve(main + ".log");
    Process process = builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
    started.add(process);
    return process;
  }

  private static void stop(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("it does not stop");
    }
  }

  private static void awaitPort(Side side) throws IOException, InterruptedException {
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), side.port()), 1_000);
        return;
      } catch (IOException e) {
        if (!side.process().isAlive()) {
          throw new IOException(side.name() + " ended with " + side.process().exitValue(), e);
        }
        Thread.sleep(5);
      }
    }
  }

  private static Duration processorTime(Process process) {
    return process.info().totalCpuDuration().orElseThrow();
  }

  private static Sid.Deployment deployment(Path folder) {
    SecureRandom random = new SecureRandom();
    Instant now = Instant.now();
    Sid.Account account = Sid.Account.random(random);
    Sid.Address address = Sid.Address.random(random);
    Sid.Deployment key = Sid.Deployment.random(random);
    Path file = folder.resolve(Role.ORCHESTRATOR.word() + ".db");
    try (SqliteDatabase database =
        SqliteDatabase.open(file, Role.ORCHESTRATOR.word(), SqlAccounts.MIGRATIONS)) {
      Accounts accounts = new SqlAccounts(database);
      byte[] accountKey = new byte[AccountKey.BYTES];
      random.nextBytes(accountKey);
      accounts.create(
          new Accounts.Account(account, "Bench", now), new byte[32], new AccountKey(accountKey));
      accounts.create(new Accounts.Address(address, account, "Bench", now));
      accounts.create(new Accounts.Deployment(
          key,
          account,
          "Bench",
          new Accounts.Settings(
              Optional.of(address),
              new AllowedOrigins(List.of("https://shop.example.com")),
              Sensitivity.MEDIUM,
              Limits.TOKEN_TTL_DEFAULT,
              Limits.SESSION_TTL_DEFAULT,
              false),
          now,
          now));
    }
    return key;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static int argument(String[] arguments, int index, int otherwise) {
    return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
