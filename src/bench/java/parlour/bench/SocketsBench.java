package parlour.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The costs of sockets that wait: guests who each have one open while nothing is said. All roles in
 * one process first, then roles in four processes, and the ratio of both. Memory is what all
 * processes hold after a collection, before the first socket and with all of them.
 *
 * <p>{@code ./dev bench sockets [sockets] [seconds]}; the edge, where it is a process of its own,
 * needs two file descriptors for each socket.
 */
public final class SocketsBench {
  /** Chats begun at once: quicker than one by one, and no flood for processes that are cold. */
  private static final int AT_ONCE = 8;

  /** File descriptors of one process for a socket: of the guest, and of the edge's call for it. */
  private static final int FILES_PER_SOCKET = 2;

  /** Beside the sockets: libraries, databases, calls to other processes. */
  private static final int OTHER_FILES = 400;

  private static final int WARM_UP_SOCKETS = 200;

  /** The costs of all sockets of an installation, summed over its processes. */
  private record Costs(double before, double withAll, double processorPercent) {
    double ofSockets() {
      return withAll - before;
    }
  }

  private SocketsBench() {}

  public static void main(String[] arguments) throws Exception {
    int count = Figures.argument(arguments, 0, 10_000);
    int seconds = Figures.argument(arguments, 1, 60);
    System.out.println(Figures.machine());
    checkFiles(FILES_PER_SOCKET, count);
    Costs together =
        measured("one process", Installation::together, IdleSocket::ofStream, count, seconds);
    Costs apart =
        measured("four processes", Installation::apart, IdleSocket::ofStream, count, seconds);
    System.out.printf(
        "%nfour processes to one: resident with all sockets %.2f, what the sockets take %.2f,"
            + " CPU while nothing was said %.2f%n",
        apart.withAll() / together.withAll(),
        apart.ofSockets() / together.ofSockets(),
        apart.processorPercent() / together.processorPercent());
  }

  /** Measures sockets of one kind, in a process of their own. */
  static void measure(String name, IdleSocket.Kind kind, int count, int seconds) throws Exception {
    checkFiles(1, count);
    var _ = measured(name, Installation::together, kind, count, seconds);
  }

  /** A process that lacks descriptors would refuse sockets in the middle of the measurement. */
  private static void checkFiles(int perSocket, int count) {
    long allowed = ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getMaxFileDescriptorCount();
    long needed = (long) perSocket * count + OTHER_FILES;
    if (needed > allowed) {
      throw new IllegalStateException(
          """
              %,d sockets need %,d file descriptors in one process, but the limit is %,d: raise it \
              with `ulimit -n %d` in this shell, as root if it is above the hard limit, or measure \
              at most %d sockets""".formatted(count, needed, allowed, needed, (allowed - OTHER_FILES) / perSocket));
    }
  }

  private static Costs measured(
      String name, Installation.Shape shape, IdleSocket.Kind kind, int count, int seconds)
      throws Exception {
    List<IdleSocket> open = new ArrayList<>();
    AtomicInteger lost = new AtomicInteger();
    try (Installation parlour = shape.start()) {
      // The code is warm, and what it allocates at first is there. Cold processes may be too slow
      // for some of these guests, which does not matter here.
      for (IdleSocket one : open(parlour, kind, Math.min(count, WARM_UP_SOCKETS), lost)) {
        one.close();
      }
      Thread.sleep(3_000);
      lost.set(0);
      List<Double> before = residentAfterCollection(parlour);
      open.addAll(open(parlour, kind, count, lost));
      if (open.size() != count) {
        throw new IllegalStateException("only " + open.size() + " sockets could be opened");
      }
      double opened = sum(resident(parlour));
      var busy = parlour.processorTime();
      Thread.sleep(seconds * 1_000L);
      var used = parlour.processorTime().minus(busy);
      int stillOpen = count - lost.get();
      List<Double> after = residentAfterCollection(parlour);
      Costs costs = new Costs(sum(before), sum(after), used.toNanos() / 1e7 / seconds);
      System.out.printf(
          "%n%s: %d sockets opened, %d open after %d s%n"
              + "resident: %.0f MiB before, %.0f MiB when all were open,"
              + " %.0f MiB %d s later after a collection: %.1f KiB a socket%n"
              + "CPU while nothing was said: %.2f %% of one processor%n",
          name,
          count,
          stillOpen,
          seconds,
          costs.before(),
          opened,
          costs.withAll(),
          seconds,
          costs.ofSockets() * 1024 / count,
          costs.processorPercent());
      printEach(parlour, before, after, count);
      return costs;
    } finally {
      open.forEach(IdleSocket::close);
    }
  }

  private static void printEach(
      Installation parlour, List<Double> before, List<Double> after, int count) {
    for (int i = 0; parlour.processes().size() > 1 && i < after.size(); i++) {
      System.out.printf(
          "  %s: %.0f MiB before, %.0f MiB with all: %.1f KiB a socket%n",
          parlour.processes().get(i).name(),
          before.get(i),
          after.get(i),
          (after.get(i) - before.get(i)) * 1024 / count);
    }
  }

  private static List<Double> residentAfterCollection(Installation parlour)
      throws IOException, InterruptedException {
    for (Subject process : parlour.processes()) {
      var _ = process.residentAfterCollection();
    }
    return resident(parlour);
  }

  private static List<Double> resident(Installation parlour)
      throws IOException, InterruptedException {
    List<Double> each = new ArrayList<>();
    for (Subject process : parlour.processes()) {
      each.add(process.residentMebibytes());
    }
    return each;
  }

  private static double sum(List<Double> each) {
    return each.stream().mapToDouble(value -> value).sum();
  }

  /** Returns those that could be opened. */
  private static List<IdleSocket> open(
      Installation parlour, IdleSocket.Kind kind, int count, AtomicInteger lost)
      throws InterruptedException {
    List<IdleSocket> sockets = new ArrayList<>();
    Semaphore places = new Semaphore(AT_ONCE);
    List<Thread> opening = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      places.acquire();
      opening.add(Thread.startVirtualThread(() -> {
        try (Guest guest = new Guest(parlour.port(), parlour.shop().deployment())) {
          IdleSocket socket = kind.open(guest);
          synchronized (sockets) {
            sockets.add(socket);
          }
          Thread.startVirtualThread(() -> stay(socket, lost));
        } catch (IOException | RuntimeException e) {
          System.out.println("a guest failed: " + e.getMessage());
        } finally {
          places.release();
        }
      }));
    }
    for (Thread one : opening) {
      one.join();
    }
    return sockets;
  }

  private static void stay(IdleSocket socket, AtomicInteger lost) {
    try {
      while (true) {
        socket.answersPing();
      }
    } catch (IOException e) {
      lost.incrementAndGet();
    }
  }
}
