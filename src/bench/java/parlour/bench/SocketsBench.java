package parlour.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What sockets cost that wait: guests who each have one open while nothing is said. Memory is what
 * the process holds after a collection, before the first socket and with all of them.
 *
 * <p>{@code ./dev bench sockets [sockets] [seconds]}; needs two file descriptors for each socket,
 * one in each process.
 */
public final class SocketsBench {
  /** Chats begun at once: quicker than one by one, and no flood. */
  private static final int AT_ONCE = 32;

  private SocketsBench() {}

  public static void main(String[] arguments) throws Exception {
    int count = Figures.argument(arguments, 0, 10_000);
    int seconds = Figures.argument(arguments, 1, 60);
    List<Line> open = new ArrayList<>();
    AtomicInteger lost = new AtomicInteger();
    try (Shop shop = Shop.open();
        Subject parlour = Subject.parlour(shop.folder(), Subject.freePort()).awaitPort()) {
      System.out.println(Figures.machine());
      // The code is warm, and what it allocates at first is there.
      for (Line line : open(shop, parlour, 200, lost)) {
        line.close();
      }
      Thread.sleep(3_000);
      lost.set(0);
      double before = parlour.residentAfterCollection();
      open.addAll(open(shop, parlour, count, lost));
      double opened = parlour.residentMebibytes();
      var busy = parlour.processorTime();
      Thread.sleep(seconds * 1_000L);
      var used = parlour.processorTime().minus(busy);
      int stillOpen = count - lost.get();
      double after = parlour.residentAfterCollection();
      System.out.printf(
          "%d sockets opened, %d open after %d s%n"
              + "resident: %.0f MiB before, %.0f MiB when all were open,"
              + " %.0f MiB %d s later after a collection: %.1f KiB a socket%n"
              + "CPU while nothing was said: %.2f %% of one processor%n",
          count,
          stillOpen,
          seconds,
          before,
          opened,
          after,
          seconds,
          (after - before) * 1024 / count,
          used.toMillis() / 10.0 / seconds);
    } finally {
      open.forEach(Line::close);
    }
  }

  private static List<Line> open(Shop shop, Subject parlour, int count, AtomicInteger lost)
      throws InterruptedException {
    List<Line> lines = new ArrayList<>();
    Semaphore places = new Semaphore(AT_ONCE);
    List<Thread> opening = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      places.acquire();
      opening.add(Thread.startVirtualThread(() -> {
        try (Guest guest = new Guest(parlour.port(), shop.deployment())) {
          Line line = guest.stream();
          synchronized (lines) {
            lines.add(line);
          }
          Thread.startVirtualThread(() -> stay(line, lost));
        } catch (IOException e) {
          throw new IllegalStateException(e);
        } finally {
          places.release();
        }
      }));
    }
    for (Thread one : opening) {
      one.join();
    }
    if (lines.size() != count) {
      throw new IllegalStateException("only " + lines.size() + " sockets could be opened");
    }
    return lines;
  }

  /** Answers pings, as a browser does. */
  private static void stay(Line line, AtomicInteger lost) {
    try {
      while (true) {
        if (line.hear().contains("\"ping\"")) {
          line.say("{\"type\":\"pong\"}");
        }
      }
    } catch (IOException e) {
      lost.incrementAndGet();
    }
  }
}
