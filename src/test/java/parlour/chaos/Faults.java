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

/** Hurts parts, some at once where it comes to that, and remembers who was hurt when. */
final class Faults {
  /** On a slow machine parts take long to come back; with more than these down nothing goes on. */
  private static final int AT_ONCE = 3;

  private final Semaphore places = new Semaphore(AT_ONCE);
  private final List<Part> parts;
  private final Queue<String> violations;
  private final Queue<Hurt> hurts = new ConcurrentLinkedQueue<>();

  /** A part that was not what it should be, until it was ready again. */
  static final class Hurt {
    private final Part part;
    private final Instant from = Instant.now();
    private volatile @Nullable Instant until;

    Hurt(Part part) {
      this.part = part;
    }

    /** Returns when it is ready again. */
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
   * @param violations where it is noted when a part does not come back
   */
  Faults(List<Part> parts, Queue<String> violations) {
    this.parts = List.copyOf(parts);
    this.violations = violations;
  }

  /** Returns when all of them are over and every part is ready: none has ended by itself. */
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
      violations.add(part + " does not come back: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From now on this part is not what it should be, as it was until now. */
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

  /** How many of these were hurt at some moment of that time. */
  long hurt(Predicate<Part> which, Instant begin, Instant end) {
    return hurts.stream()
        .filter(hurt -> which.test(hurt.part) && hurt.reaches(begin, end))
        .map(hurt -> hurt.part)
        .distinct()
        .count();
  }
}
