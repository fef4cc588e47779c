package parlour.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import parlour.Sid;

/** Clients that call at the same time. */
record Callers(List<? extends Caller> each) {
  /** Guests who start at once: quicker than one by one, and no flood for a server that is cold. */
  static final int AT_ONCE = 8;

  /**
   * The results of a window of time.
   *
   * @param answered the calls that were answered as expected; only they are in the times
   * @param failures how many others there were
   */
  record Brought(Guests.Window answered, long failures, Optional<String> firstFailure) {}

  /** The results of one client. */
  private static final class Tally {
    private final List<Long> nanos = new ArrayList<>();
    private long failures;
    private Optional<String> firstFailure = Optional.empty();

    void failed(Exception e) {
      failures++;
      firstFailure = firstFailure.or(() -> Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /** Guests who have prepared an action. */
  static Callers guests(
      int port, Sid.Deployment deployment, Action action, int count, Guest.Proofs proofs) {
    return guests(port, deployment, action, count, List.of(proofs)).getFirst();
  }

  /**
   * Several groups of guests, which start in turns: of groups that start one after the other, the last
   * costs the server up to a tenth more for each message, whatever its guests do.
   *
   * @param count of each group
   * @param proofs of the groups, in the order of the result
   */
  static List<Callers> guests(
      int port, Sid.Deployment deployment, Action action, int count, List<Guest.Proofs> proofs) {
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<List<Future<GuestCaller>>> starting = new ArrayList<>();
      proofs.forEach(group -> starting.add(new ArrayList<>()));
      for (int i = 0; i < count; i++) {
        for (int group = 0; group < proofs.size(); group++) {
          Guest.Proofs sent = proofs.get(group);
          starting.get(group).add(threads.submit(() -> {
            var caller = new GuestCaller(new Guest(port, deployment, sent), action);
            caller.close();
            return caller;
          }));
        }
      }
      return starting.stream()
          .map(group -> new Callers(group.stream().map(Callers::get).toList()))
          .toList();
    }
  }

  /** Connects, calls for this long, and disconnects. */
  Brought call(Duration time) {
    each.forEach(Callers::connect);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      long end = start + time.toNanos();
      List<Future<Tally>> running = new ArrayList<>();
      for (Caller caller : each) {
        Callable<Tally> calling = () -> callUntil(caller, end);
        running.add(threads.submit(calling));
      }
      List<Tally> tallies = running.stream().map(Callers::get).toList();
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      long[] nanos = tallies.stream()
          .flatMap(tally -> tally.nanos.stream())
          .mapToLong(n -> n)
          .sorted()
          .toArray();
      return new Brought(
          new Guests.Window(nanos.length, took, nanos),
          tallies.stream().mapToLong(tally -> tally.failures).sum(),
          tallies.stream().flatMap(tally -> tally.firstFailure.stream()).findFirst());
    } finally {
      each.forEach(Caller::close);
    }
  }

  private static void connect(Caller caller) {
    try {
      caller.connect();
    } catch (IOException | IllegalStateException e) {
      // then the first call fails, and is counted
    }
  }

  private static Tally callUntil(Caller caller, long end) throws InterruptedException {
    Tally tally = new Tally();
    long before = System.nanoTime();
    while (before < end) {
      try {
        caller.call();
        long after = System.nanoTime();
        tally.nanos.add(after - before);
        before = after;
      } catch (IOException | IllegalStateException e) {
        tally.failed(e);
        recover(caller, tally);
        before = System.nanoTime();
      }
    }
    return tally;
  }

  private static void recover(Caller caller, Tally tally) throws InterruptedException {
    try {
      caller.recover();
    } catch (IOException | IllegalStateException e) {
      tally.failed(e);
      Thread.sleep(100); // a server that is down does not start sooner if it is called more often
    }
  }

  static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
