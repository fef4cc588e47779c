package parlour.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * Whether what a process uses stays what it is: a steady rate of refreshes, a share of what it can
 * do at most, beside {@link Fault}, while its memory, threads, files and answers are watched.
 * Guests keep to their timetable, so a slow answer counts for those who wait behind it. Beside the
 * latency of each minute stand the steal of the machine and its ready threads ({@link MachineUsage}).
 *
 * <p>{@code ./dev bench soak [minutes] [% of the most] [svg=target/soak.svg]}
 */
public final class SoakBench {
  private static final int CONNECTIONS = 64;
  private static final Duration SAMPLE = Duration.ofSeconds(5);
  private static final Duration WARM_UP = Duration.ofSeconds(20);

  /** Each collection of everything stops the process for a moment, and is seen in its window. */
  private static final int SAMPLES_PER_COLLECTION = 12;

  private final Shop shop;
  private final Subject parlour;
  private final ResourceUsage vitals;
  private final MachineUsage machine;
  private final Latencies latencies = new Latencies();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean over;

  private SoakBench(Shop shop, Subject parlour) {
    this.shop = shop;
    this.parlour = parlour;
    this.vitals = new ResourceUsage(parlour);
    this.machine = new MachineUsage();
  }

  /** The process as it was at the end of some seconds, and what it did in them. */
  private record Sample(
      double minute,
      double residentMebibytes,
      double liveHeapMebibytes,
      long threads,
      long files,
      long sockets,
      double processorPercent,
      double refreshesPerSecond,
      double medianMillis,
      double p99Millis,
      double stealPercent,
      double ready) {}

  public static void main(String[] arguments) throws Exception {
    int minutes = Figures.argument(arguments, 0, 10);
    int percent = Figures.argument(arguments, 1, 70);
    Path svg = Path.of(Figures.option(arguments, "svg", "target/soak.svg"));
    try (Shop shop = Shop.open();
        Subject parlour = Subject.parlour(shop.folder(), Subject.freePort()).awaitPort()) {
      System.out.println(Figures.machine());
      new SoakBench(shop, parlour).run(minutes, percent, svg);
      parlour.stop();
    }
  }

  private void run(int minutes, int percent, Path svg) throws Exception {
    double most = most();
    double rate = most * percent / 100;
    System.out.printf(
        "at most %.0f refreshes/s on %d connections; %d minutes at %d %% of it: %.0f/s%n",
        most, CONNECTIONS, minutes, percent, rate);
    List<Sample> samples;
    try (Fault trouble = Fault.start(parlour.port(), shop)) {
      List<Thread> guests = refresh(rate);
      try {
        // A tenth more before it: what grows at first has grown by then.
        var _ = watch(Duration.ofSeconds(6L * minutes));
        samples = watch(Duration.ofMinutes(minutes));
      } finally {
        over = true;
        for (Thread guest : guests) {
          guest.join();
        }
      }
      System.out.println("beside it: " + trouble.counts());
      trouble.check();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException(failures.size() + " guests failed", failures.peek());
    }
    thirds(samples);
    minutes(samples);
    if (svg.getParent() != null) {
      Files.createDirectories(svg.getParent());
    }
    Files.writeString(svg, chart(minutes, rate, percent, samples));
    System.out.println("drawn in " + svg);
  }

  /** The rate when all guests ask without pause. */
  private double most() throws IOException {
    try (Guests guests = new Guests(parlour.port(), shop.deployment(), CONNECTIONS)) {
      var _ = guests.reload(WARM_UP);
      return guests.reload(WARM_UP).perSecond();
    }
  }

  private List<Thread> refresh(double rate) throws IOException {
    List<Thread> threads = new ArrayList<>();
    long pause = (long) (1e9 * CONNECTIONS / rate);
    long start = System.nanoTime();
    for (int i = 0; i < CONNECTIONS; i++) {
      Guest guest = new Guest(parlour.port(), shop.deployment());
      long first = start + 1_000_000_000L + pause * i / CONNECTIONS;
      threads.add(Thread.startVirtualThread(() -> keepTo(guest, first, pause)));
    }
    return threads;
  }

  private void keepTo(Guest guest, long first, long pause) {
    try (guest) {
      for (long due = first; !over; due += pause) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        guest.reload();
        latencies.add(System.nanoTime() - due);
      }
    } catch (IOException | RuntimeException e) {
      failures.add(e);
    }
  }

  private List<Sample> watch(Duration time) throws IOException, InterruptedException {
    List<Sample> samples = new ArrayList<>();
    long start = System.nanoTime();
    long before = start;
    Duration usedBefore = parlour.processorTime();
    MachineUsage.Time machineBefore = machine.time();
    var _ = latencies.drain();
    long count = time.dividedBy(SAMPLE);
    for (int i = 1; i <= count && failures.isEmpty(); i++) {
      Thread.sleep(Duration.ofNanos(start + i * SAMPLE.toNanos() - System.nanoTime()));
      long now = System.nanoTime();
      Duration used = parlour.processorTime();
      MachineUsage.Time machineUsed = machine.time();
      double ready = machine.ready();
      Latencies.Window window = latencies.drain();
      double seconds = (now - before) / 1e9;
      ResourceUsage.Open open = vitals.open();
      Sample sample = new Sample(
          (now - start) / 60e9,
          vitals.residentMebibytes(),
          i % SAMPLES_PER_COLLECTION == 1 ? vitals.liveHeapMebibytes() : Double.NaN,
          vitals.threads(),
          open.files(),
          open.sockets(),
          used.minus(usedBefore).toNanos() / 1e7 / seconds,
          window.calls() / seconds,
          window.millisAt(0.5),
          window.millisAt(0.99),
          machineUsed.stealPercentSince(machineBefore),
          ready);
      samples.add(sample);
      System.out.println(sample);
      before = now;
      usedBefore = used;
      machineBefore = machineUsed;
    }
    return samples;
  }

  private static void thirds(List<Sample> samples) {
    System.out.printf(
        "%n%-36s %12s %12s %8s%n", "median of a third", "the first", "the last", "ratio");
    third("resident, MiB", samples, Sample::residentMebibytes);
    third("heap that lives, MiB", samples, Sample::liveHeapMebibytes);
    third("threads of the system", samples, Sample::threads);
    third("open files, with sockets", samples, Sample::files);
    third("sockets", samples, Sample::sockets);
    third("CPU, % of one processor", samples, Sample::processorPercent);
    third("refreshes/s", samples, Sample::refreshesPerSecond);
    third("median, ms", samples, Sample::medianMillis);
    third("p99, ms", samples, Sample::p99Millis);
    third("steal, % of all processors", samples, Sample::stealPercent);
    third("ready threads", samples, Sample::ready);
  }

  /** Prints each minute's latency beside its steal and its ready threads. */
  private static void minutes(List<Sample> samples) {
    System.out.printf(
        "%n%-8s %12s %12s %12s %12s%n", "minute", "median, ms", "p99, ms", "steal, %", "ready");
    int each = (int) Duration.ofMinutes(1).dividedBy(SAMPLE);
    for (int from = 0; from < samples.size(); from += each) {
      List<Sample> minute = samples.subList(from, Math.min(samples.size(), from + each));
      System.out.printf(
          "%-8d %12.1f %12.1f %12s %12s%n",
          from / each + 1,
          median(minute, Sample::medianMillis),
          median(minute, Sample::p99Millis),
          known(mean(minute, Sample::stealPercent)),
          known(mean(minute, Sample::ready)));
    }
    System.out.println("Medians of the samples; means of the steal and of the ready threads.");
  }

  private static double mean(List<Sample> samples, ToDoubleFunction<Sample> figure) {
    return samples.stream().mapToDouble(figure).average().orElse(Double.NaN);
  }

  private static String known(double figure) {
    return Double.isNaN(figure) ? "not known" : String.format("%.1f", figure);
  }

  private static void third(String name, List<Sample> samples, ToDoubleFunction<Sample> figure) {
    int size = samples.size() / 3;
    double first = median(samples.subList(0, size), figure);
    double last = median(samples.subList(samples.size() - size, samples.size()), figure);
    System.out.printf(
        "%-36s %12s %12s %8s%n",
        name,
        known(first),
        known(last),
        first > 0 && last > 0 ? "%.2f".formatted(last / first) : "");
  }

  private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
    double[] measured = samples.stream()
        .mapToDouble(figure)
        .filter(value -> !Double.isNaN(value))
        .toArray();
    return measured.length == 0 ? Double.NaN : Figures.median(measured);
  }

  private static String chart(int minutes, double rate, int percent, List<Sample> samples) {
    return Chart.svg(
        "%d minutes at %,.0f refreshes/s, %d %% of the most, beside resets, slow clients, sockets and chats"
            .formatted(minutes, rate, percent),
        samples.stream().mapToDouble(Sample::minute).toArray(),
        List.of(
            new Chart.Panel(
                "Memory, MiB",
                List.of(
                    series("resident", samples, Sample::residentMebibytes),
                    series("heap that lives", samples, Sample::liveHeapMebibytes))),
            new Chart.Panel(
                "Answers, ms",
                List.of(
                    series("p99", samples, Sample::p99Millis),
                    series("median", samples, Sample::medianMillis))),
            new Chart.Panel(
                "Refreshes/s", List.of(series("", samples, Sample::refreshesPerSecond))),
            new Chart.Panel(
                "CPU, % of one processor", List.of(series("", samples, Sample::processorPercent))),
            new Chart.Panel(
                "Open",
                List.of(
                    series("files, with sockets", samples, Sample::files),
                    series("sockets", samples, Sample::sockets))),
            new Chart.Panel("Threads of the system", List.of(series("", samples, Sample::threads))),
            new Chart.Panel(
                "Steal, % of all processors" + (isKnown(samples) ? "" : ": not known"),
                List.of(series("", samples, Sample::stealPercent))),
            new Chart.Panel(
                "Ready threads" + (isKnown(samples) ? "" : ": not known"),
                List.of(series("", samples, Sample::ready)))));
  }

  private static boolean isKnown(List<Sample> samples) {
    return samples.stream().noneMatch(sample -> Double.isNaN(sample.stealPercent()));
  }

  private static Chart.Series series(
      String name, List<Sample> samples, ToDoubleFunction<Sample> figure) {
    return new Chart.Series(name, samples.stream().mapToDouble(figure).toArray());
  }
}
