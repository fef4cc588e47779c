package parlour.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Measures how late this machine runs a thread, which no process on it could have avoided. */
final class Ticker implements AutoCloseable {
  private static final Duration BEAT = Duration.ofMillis(10);
  private static final Duration MEMORY = Duration.ofMinutes(2);

  private final Queue<Late> late = new ConcurrentLinkedQueue<>();
  private final Thread beating = Thread.ofPlatform().daemon().name("metronome").start(this::beat);

  private record Late(Instant at, Duration by) {}

  private void beat() {
    try {
      while (true) {
        long began = System.nanoTime();
        Thread.sleep(BEAT);
        Instant now = Instant.now();
        late.add(new Late(now, Duration.ofNanos(System.nanoTime() - began).minus(BEAT)));
        late.removeIf(one -> one.at.isBefore(now.minus(MEMORY)));
      }
    } catch (InterruptedException closed) {
      // the test is over
    }
  }

  /** The longest delay of a thread that was ready to run, in that time. */
  Duration latest(Instant begin, Instant end) {
    return late.stream()
        .filter(one -> one.at.isAfter(begin) && one.at.minus(one.by).isBefore(end))
        .map(Late::by)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  @Override
  public void close() {
    beating.interrupt();
  }
}
