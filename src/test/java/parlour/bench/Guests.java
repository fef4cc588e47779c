package parlour.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import parlour.Sid;

/**
 * Guests who reload without pause, each on a connection of its own and always with the newest token,
 * so that every refresh is the first use of a generation.
 */
final class Guests implements AutoCloseable {

  /** What a window of time brought. */
  record Window(long calls, Duration time, long[] sortedNanos) {
    double perSecond() {
      return calls * 1e9 / time.toNanos();
    }

    double millisAt(double quantile) {
      return Figures.at(sortedNanos, quantile) / 1e6;
    }
  }

  private final List<Guest> guests = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  Guests(int port, Sid.Deployment deployment, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      guests.add(new Guest(port, deployment));
    }
  }

  /** Reloads for this long; any answer but a 200 ends the measurement with an error. */
  Window reload(Duration time) {
    long start = System.nanoTime();
    long end = start + time.toNanos();
    List<Future<List<Long>>> running = new ArrayList<>();
    for (Guest guest : guests) {
      Callable<List<Long>> reloading = () -> reloadUntil(guest, end);
      running.add(threads.submit(reloading));
    }
    long[] nanos = running.stream()
        .flatMap(guest -> get(guest).stream())
        .mapToLong(n -> n)
        .sorted()
        .toArray();
    return new Window(nanos.length, Duration.ofNanos(System.nanoTime() - start), nanos);
  }

  private static List<Long> reloadUntil(Guest guest, long end) throws IOException {
    List<Long> nanos = new ArrayList<>();
    long before = System.nanoTime();
    while (before < end) {
      guest.reload();
      long after = System.nanoTime();
      nanos.add(after - before);
      before = after;
    }
    return nanos;
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    guests.forEach(Guest::close);
  }
}
