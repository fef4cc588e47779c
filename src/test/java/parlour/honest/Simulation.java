package parlour.honest;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * Many guests at the same time, one server, and one clock. The same seed makes the same history.
 *
 * @param length how long the guests are observed
 * @param hasKeys whether the guests' browsers have keys, so that their sessions are bound
 * @param haste how many times more often than in reality the rare causes occur
 * @param missing the mechanism that the server does without
 * @param change what happens to the headers of many guests at once
 */
record Simulation(
    long seed,
    int guests,
    Duration length,
    boolean hasKeys,
    int haste,
    Mechanism missing,
    HeaderChange change) {
  private static final Duration YEAR = Duration.ofDays(365);

  /** Within a month of each, daylight saving begins or ends on both hemispheres. */
  private static final Instant SPRING = Instant.parse("2026-03-07T00:00:00Z");

  private static final Instant AUTUMN = Instant.parse("2026-09-26T00:00:00Z");

  /** In this time NTP corrects the clock after each jump. */
  static final Duration CORRECTION = Duration.ofSeconds(110);

  /** So that the clock is believed again, and each guest has tried again, before the next jump. */
  private static final Duration BETWEEN_JUMPS = Duration.ofMinutes(10);

  /** In haste, so that most reloads are still ordinary ones. */
  private static final double MOST_PER_RELOAD = 0.05;

  private record Event(Instant at, long number, UnaryOperator<Instant> step) {}

  /** The rate of a cause, as it is in this simulation. */
  double rate(Cause cause) {
    return switch (cause.per) {
      case YEAR, SERVER -> cause.rate * haste;
      case RELEASE, VISIT -> cause.rate;
      case RELOAD, CHAT, MESSAGE, CALL ->
        Math.min(cause.rate * haste, Math.max(cause.rate, MOST_PER_RELOAD));
    };
  }

  Counts run() {
    Random random = new Random(seed);
    Counts counts = new Counts();
    counts.guests = guests;
    counts.guestDays = guests * length.toDays();
    try (HonestServer server = new HonestServer(missing, true)) {
      new Course(server, random, counts).run();
    }
    return counts;
  }

  private final class Course {
    private final HonestServer server;
    private final Random random;
    private final Counts counts;
    private final PriorityQueue<Event> events =
        new PriorityQueue<>(Comparator.comparing(Event::at).thenComparingLong(Event::number));
    private final Instant begin;
    private Instant now;
    private long numbers;

    /** The server's clock less the true one. */
    private Duration error = Duration.ZERO;

    Course(HonestServer server, Random random, Counts counts) {
      this.server = server;
      this.random = random;
      this.counts = counts;
      Instant first = random.nextBoolean() ? SPRING : AUTUMN;
      server.clock.pass(Duration.between(server.clock.instant(), first));
      begin = server.clock.instant();
      now = begin;
    }

    void run() {
      for (int i = 0; i < guests; i++) {
        Instant arrives = begin.plusSeconds(random.nextInt((int) change.arrivals.toSeconds()));
        var guest = new HonestGuest(
            server,
            counts,
            new Random(random.nextLong()),
            Simulation.this,
            Route.of(i, change, begin.plus(change.delay())),
            arrives);
        add(arrives, guest::step);
      }
      add(begin.plus(until(Cause.RESTART)), this::restart);
      add(begin.plus(until(Cause.SERVER_CLOCK)), this::jump);
      Instant end = begin.plus(length);
      for (Event event = events.remove(); event.at().isBefore(end); event = events.remove()) {
        server.clock.pass(Duration.between(now, event.at()));
        now = event.at();
        add(event.step().apply(now), event.step());
      }
    }

    private void add(Instant at, UnaryOperator<Instant> step) {
      events.add(new Event(at, numbers++, step));
    }

    private Duration until(Cause cause) {
      double years = -Math.log(1 - random.nextDouble()) / (cause.rate * haste);
      return Duration.ofMillis((long) (years * YEAR.toMillis()));
    }

    private Instant restart(Instant at) {
      counts.happened(Cause.RESTART);
      server.restart();
      return at.plus(until(Cause.RESTART));
    }

    /** The clock jumps by seconds or an hour, or is put right again. */
    private Instant jump(Instant at) {
      if (!error.isZero()) {
        server.clock.jump(error.negated());
        error = Duration.ZERO;
        return at.plus(BETWEEN_JUMPS).plus(until(Cause.SERVER_CLOCK));
      }
      counts.happened(Cause.SERVER_CLOCK);
      long sign = random.nextBoolean() ? 1 : -1;
      error = random.nextInt(3) == 0
          ? Duration.ofHours(sign)
          : Duration.ofSeconds(sign * (1L + random.nextInt(120)));
      server.clock.jump(error);
      return at.plusSeconds(10 + random.nextInt((int) CORRECTION.toSeconds() - 10));
    }
  }
}
