package parlour.bench;

import java.lang.management.ManagementFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

/**
 * One call between two processes of an installation, by several clients in turns: this process has
 * the clients, and another one has the servers. The processor time of both ends is counted, and
 * compared with the floor: what the server's end alone costs where a bare handler answers a caller
 * that writes to a socket.
 *
 * <p>{@code ./dev bench hop [rounds] [milliseconds per window] [a part of a contender's name]}
 */
public final class HopBench {
  private static final int[] CALLERS = {1, 8, 64};

  /** Of each contender before the first round: the JVM has compiled all that its calls need. */
  private static final Duration WARM_UP = Duration.ofSeconds(9);

  private static final String FLOOR = "plain socket";

  private final Subject server;
  private final int rounds;
  private final Duration window;
  private final byte[] question = HopMessage.written();

  private record Contender(String name, HopCaller.Ways ways) {}

  /** A window: what a call cost this process and the server's, in microseconds of a processor. */
  private record Measured(double client, double server, double perSecond, double p50, double p99) {
    double both() {
      return client + server;
    }
  }

  private HopBench(Subject server, int rounds, Duration window) {
    this.server = server;
    this.rounds = rounds;
    this.window = window;
  }

  public static void main(String[] arguments) throws Exception {
    int rounds = Figures.argument(arguments, 0, 7);
    Duration window = Duration.ofMillis(Figures.argument(arguments, 1, 1_500));
    String only = arguments.length > 2 ? arguments[2] : "";
    Path folder = Leftovers.folder();
    Path unix = folder.resolve("hop");
    int[] ports = {Subject.freePort(), Subject.freePort(), Subject.freePort(), Subject.freePort()};
    List<String> command = new ArrayList<>(List.of(
        "-cp", System.getProperty("java.class.path"), HopServer.class.getName(), unix.toString()));
    Arrays.stream(ports).mapToObj(String::valueOf).forEach(command::add);
    try (Subject server =
        Subject.start("hop-server", folder, ports[3], Map.of(), command).awaitPort()) {
      System.out.printf(
          "%s; %d rounds of windows of %d ms%n", Figures.machine(), rounds, window.toMillis());
      List<Contender> contenders = contenders(ports, UnixDomainSocketAddress.of(unix)).stream()
          .filter(each -> each.name().equals(FLOOR) || each.name().contains(only))
          .toList();
      new HopBench(server, rounds, window).compare(contenders);
    }
    System.exit(0); // some clients have threads that stay
  }

  private static List<Contender> contenders(int[] ports, UnixDomainSocketAddress unix)
      throws Exception {
    int bare = ports[0];
    return List.of(
        new Contender(FLOOR, HopCaller.socket(bare)),
        new Contender("Unix domain socket", HopCaller.unix(unix)),
        new Contender("Apache classic", HopCaller.apache(bare)),
        new Contender("Helidon", HopCaller.helidon(bare)),
        new Contender("JDK", HopCaller.jdk(bare)),
        new Contender("Jetty", HopCaller.jetty(bare)),
        new Contender("Jetty, h2c", HopCaller.jettyOverHttp2(ports[1])),
        new Contender("gRPC on Netty", HopCaller.grpc(ports[3])),
        new Contender("Parlour, both ends", HopCaller.parlour(ports[2])));
  }

  private void compare(List<Contender> contenders) throws Exception {
    for (Contender contender : contenders) {
      for (int callers : CALLERS) {
        measure(contender, callers, WARM_UP.dividedBy(CALLERS.length));
      }
    }
    for (int callers : CALLERS) {
      List<List<Measured>> measured = new ArrayList<>();
      contenders.forEach(_ -> measured.add(new ArrayList<>()));
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < contenders.size(); i++) {
          int next = (i + round) % contenders.size(); // nobody always follows the same one
          measured.get(next).add(measure(contenders.get(next), callers, window));
        }
      }
      print(callers, contenders, measured);
    }
  }

  private static void print(
      int callers, List<Contender> contenders, List<List<Measured>> measured) {
    System.out.printf(
        "%n%-20s %9s %9s %9s %9s %9s %9s %9s%n",
        callers + " at once, medians",
        "client",
        "server",
        "both, µs",
        "to floor",
        "calls/s",
        "p50, µs",
        "p99, µs");
    for (int i = 0; i < contenders.size(); i++) {
      List<Measured> windows = measured.get(i);
      double[] ratios = new double[windows.size()];
      for (int round = 0; round < ratios.length; round++) {
        ratios[round] =
            windows.get(round).both() / measured.getFirst().get(round).server();
      }
      System.out.printf(
          "%-20s %9.1f %9.1f %9.1f %9.2f %9.0f %9.0f %9.0f%n",
          contenders.get(i).name(),
          median(windows, Measured::client),
          median(windows, Measured::server),
          median(windows, Measured::both),
          Figures.median(ratios),
          median(windows, Measured::perSecond),
          median(windows, Measured::p50),
          median(windows, Measured::p99));
    }
  }

  private static double median(List<Measured> windows, ToDoubleFunction<Measured> figure) {
    return Figures.median(windows.stream().mapToDouble(figure).toArray());
  }

  private Measured measure(Contender contender, int callers, Duration time) throws Exception {
    List<HopCaller> each = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      each.add(contender.ways().one());
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Duration serverBefore = server.processorTime();
      long clientBefore = processorTime();
      long start = System.nanoTime();
      List<Future<long[]>> running = new ArrayList<>();
      for (HopCaller caller : each) {
        running.add(threads.submit(() -> callUntil(caller, start + time.toNanos())));
      }
      List<long[]> ended = new ArrayList<>();
      for (Future<long[]> one : running) {
        ended.add(one.get());
      }
      double took = System.nanoTime() - start;
      double client = processorTime() - clientBefore;
      double atServer = server.processorTime().minus(serverBefore).toNanos();
      for (HopCaller caller : each) {
        caller.close();
      }
      long[] nanos = ended.stream().flatMapToLong(Arrays::stream).sorted().toArray();
      int calls = nanos.length;
      return new Measured(
          client / 1e3 / calls,
          atServer / 1e3 / calls,
          calls * 1e9 / took,
          Figures.at(nanos, 0.5) / 1e3,
          Figures.at(nanos, 0.99) / 1e3);
    }
  }

  /** Returns how long each call took. */
  private long[] callUntil(HopCaller caller, long end) throws Exception {
    long[] nanos = new long[1_024];
    int calls = 0;
    for (long before = System.nanoTime(); before < end; ) {
      HopMessage.read(caller.call(question));
      long after = System.nanoTime();
      if (calls == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * calls);
      }
      nanos[calls++] = after - before;
      before = after;
    }
    return Arrays.copyOf(nanos, calls);
  }

  private static long processorTime() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }
}
