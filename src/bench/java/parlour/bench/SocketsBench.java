package parlour.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The costs of sockets that wait: guests who each have one open while nothing is said. Memory is
 * what the process holds after a collection, before the first socket and with all of them.
 *
 * <p>{@code ./dev bench sockets [sockets] [seconds]}; needs two file descriptors for each socket,
 * one in each process.
 */
public final class SocketsBench {
  /** Chats begun at once: quicker than one by one, and no flood. */
  private static final int AT_ONCE = 32;

  private SocketsBench() {}

  public static void main(String[] arguments) throws Exception {
    System.out.println(Figures.machine());
    measure(
        "sockets",
        IdleSocket::ofStream,
        Figures.argument(arguments, 0, 10_000),
        Figures.argument(arguments, 1, 60));
  }

  /** Measures sockets of one kind, in a process of their own. */
  static void measure(String name, IdleSocket.Kind kind, int count, int seconds) throws Exception {
    List<IdleSocket> open = new ArrayList<>();
    AtomicInteger lost = new AtomicInteger();
    try (Shop shop = Shop.open();
        Subject parlour = Subject.parlour(shop.folder(), Subject.freePort()).awaitPort()) {
      // The code is warm, and what it allocates at first is there.
      for (IdleSocket one : open(shop, parlour, kind, Math.min(count, 200), lost)) {
        one.close();
      }
      Thread.sleep(3_000);
      lost.set(0);
      double before = parlour.residentAfterCollection();
      open.addAll(open(shop, parlour, kind, count, lost));
      double opened = parlour.residentMebibytes();
      var busy = parlour.processorTime();
      Thread.sleep(seconds * 1_000L);
      var used = parlour.processorTime().minus(busy);
      int stillOpen = count - lost.get();
      double after = parlour.residentAfterCollection();
      System.out.printf(
          "%d %s opened, %d open after %d s%n"
              + "resident: %.0f MiB before, %.0f MiB when all were open,"
              + " %.0f MiB %d s later after a collection: %.1f KiB a socket%n"
              + "CPU while nothing was said: %.2f %% of one processor%n",
          count,
          name,
          stillOpen,
          seconds,
          before,
          opened,
          after,
          seconds,
          (after - before) * 1024 / count,
          used.toMillis() / 10.0 / seconds);
    } finally {
      open.forEach(IdleSocket::close);
    }
  }

  private static List<IdleSocket> open(
      Shop shop, Subject parlour, IdleSocket.Kind kind, int count, AtomicInteger lost)
      throws InterruptedException {
    List<IdleSocket> sockets = new ArrayList<>();
    Semaphore places = new Semaphore(AT_ONCE);
    List<Thread> opening = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      places.acquire();
      opening.add(Thread.startVirtualThread(() -> {
        try (Guest guest = new Guest(parlour.port(), shop.deployment())) {
          IdleSocket socket = kind.open(guest);
          synchronized (sockets) {
            sockets.add(socket);
          }
          Thread.startVirtualThread(() -> stay(socket, lost));
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
    if (sockets.size() != count) {
      throw new IllegalStateException("only " + sockets.size() + " sockets could be opened");
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
