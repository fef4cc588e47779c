package parlour.chaos;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import parlour.chaos.Schedule.Fault;

/** Carries out faults, also several at once, and records which part had a fault when. */
final class Faults {
  /** On a slow machine parts restart slowly; with more of them down, no call could succeed. */
  private static final int AT_ONCE = 3;

  private final Semaphore places = new Semaphore(AT_ONCE);
  private final List<Part> parts;
  private final Queue<String> violations;
  private final Queue<Hurt> hurts = new ConcurrentLinkedQueue<>();

  /** A fault of a part, until the part was ready again. */
  static final class Hurt {
    private final Part part;
    private final Instant from = Instant.now();
    private volatile @Nullable Instant until;

    Hurt(Part part) {
      this.part = part;
    }

    /** Returns when the part is ready again. */
    void heals() throws IOException, InterruptedException {
      part.awaitReady();
      until = Instant.now();
    }

    private boolean reaches(Instant begin, Instant end) {
      Instant over = until;
      return from.isBefore(end) && (over == null || over.isAfter(begin));
    }
  }

  /**
   * @param violations gets a line if a part does not restart
   */
  Faults(List<Part> parts, Queue<String> violations) {
    this.parts = List.copyOf(parts);
    this.violations = violations;
  }

  /**
   * Returns when all faults are over and each part is ready. Reports parts that ended by
   * themselves.
   */
  void carryOut(Schedule schedule) throws InterruptedException {
    Instant began = Instant.now();
    List<Thread> hurting = new ArrayList<>();
    for (Fault fault : schedule.faults()) {
      Thread.sleep(fault.after());
      places.acquire();
      Part part = parts.get(fault.part());
      hurting.add(Thread.ofVirtual().start(() -> {
        synchronized (part) { // one after the other
          System.out.printf(
              "chaos: after %d ms %s %s for %d ms%n",
              Duration.between(began, Instant.now()).toMillis(),
              fault.kind(),
              part,
              fault.down().toMillis());
          suffers(part, fault);
        }
        places.release();
      }));
    }
    for (Thread one : hurting) {
      one.join();
    }
    parts.forEach(this::expectAlive);
  }

  private void suffers(Part part, Fault fault) {
    try {
      Hurt hurt = begin(part);
      switch (fault.kind()) {
        case KILL -> {
          part.kill();
          Thread.sleep(fault.down());
          part.start();
        }
        case PAUSE -> {
          part.pause();
          Thread.sleep(fault.down());
          part.resume();
        }
        case RESTART -> {
          part.stop();
          part.start();
        }
      }
      hurt.heals();
    } catch (IOException | IllegalStateException e) {
      violations.add(part + " does not restart: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Records the beginning of a fault of this part, which was ready until now. */
  Hurt begin(Part part) {
    expectAlive(part);
    Hurt hurt = new Hurt(part);
    hurts.add(hurt);
    return hurt;
  }

  private void expectAlive(Part part) {
    if (!part.isAlive()) {
      violations.add(part + " had ended by itself");
    }
  }

  /** How many of these parts had a fault at some moment of that time. */
  long hurt(Predicate<Part> which, Instant begin, Instant end) {
    return hurts.stream()
        .filter(hurt -> which.test(hurt.part) && hurt.reaches(begin, end))
        .map(hurt -> hurt.part)
        .distinct()
        .count();
  }
}
