package parlour.ledger;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.trace.Trace;

/**
 * The ledger of one process: a bounded queue that is written in groups, beside the requests.
 *
 * <p>Each kind of event has a rate for each of its causes, and all that strangers can cause have
 * one more together, of which one deployment and one network can use a part. The first event of a
 * session or an actor is kept in any case, so that a flood does not hide it. The events above the
 * rates are only counted, and so are those for which the queue has no room, because the store is
 * down or slow. The counts become entries of their own once a minute. Safe for use by several
 * threads.
 */
public final class LedgerQueue implements Ledger {
  private final RateLimiter rates;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ArrayBlockingQueue<LedgerEntry> waiting =
      new ArrayBlockingQueue<>(Limits.LEDGER_QUEUE);
  private final Map<Kind, AtomicLong> leftOut = new ConcurrentHashMap<>();
  private final RefusalCounts refusals = new RefusalCounts();
  private final LongAdder stored = new LongAdder();
  private final LongAdder sampled = new LongAdder();
  private final LongAdder lost = new LongAdder();

  /** A group that could not be written yet. */
  @GuardedBy("this")
  private List<LedgerEntry> unwritten = List.of();

  @GuardedBy("this")
  private Instant counted;

  private record Kind(String event, int code, String cause) {
    static Kind of(LedgerNote note) {
      return new Kind(note.event(), note.code(), note.cause());
    }
  }

  /**
   * @param rates counts the events of each kind and cause in this process
   */
  public LedgerQueue(RateLimiter rates, InstantSource clock, RandomGenerator random) {
    this.rates = rates;
    this.clock = clock;
    this.random = random;
    this.counted = clock.instant();
  }

  @Override
  public void add(LedgerNote note) {
    add(note, new LedgerShare(note.deployment(), Optional.empty()));
  }

  @Override
  public void add(LedgerNote note, LedgerShare share) {
    if (note.isRefusal()) {
      share.deployment().ifPresent(called -> refusals.refused(called, note.cause()));
    }
    Kind kind = Kind.of(note);
    if (!isFirst(note, share) && !isWithinRates(note, share)) {
      sampled.increment();
      leftOut(kind).incrementAndGet();
    } else if (!hasRoom(note) || !waiting.offer(entry(Trace.currentId(), note, 0))) {
      lost.increment();
      leftOut(kind).incrementAndGet();
    }
  }

  /** Whether it is the first one of its kind and cause today, of its session or of its actor. */
  private boolean isFirst(LedgerNote note, LedgerShare share) {
    String whose = note.session().map(Sid::text).orElse(note.actor());
    return !whose.isEmpty()
        && isWithin(Rate.LEDGER_FIRST, counter(note) + " " + whose)
        && isWithinShare(Rate.LEDGER_NETWORK_FIRSTS, Rate.LEDGER_DEPLOYMENT_FIRSTS, note, share)
        && isWithin(Rate.LEDGER_FIRSTS, "");
  }

  private boolean isWithinRates(LedgerNote note, LedgerShare share) {
    return (!note.event().equals(LedgerNote.OUTAGE) || isWithinRatesOfOutages(share))
        && isWithinShare(Rate.LEDGER_NETWORK, Rate.LEDGER_DEPLOYMENT, note, share)
        && isWithin(Rate.LEDGER_BURST, counter(note))
        && isWithin(Rate.LEDGER_DAY, counter(note))
        && (!note.isOfStrangers() || isWithin(Rate.LEDGER_STRANGERS, ""));
  }

  /** Few, because an outage makes every call fail; and of several networks, so that all can ask. */
  private boolean isWithinRatesOfOutages(LedgerShare share) {
    return share
            .network()
            .map(network -> isWithin(Rate.LEDGER_OUTAGES_OF_NETWORK, network))
            .orElse(true)
        && isWithin(Rate.LEDGER_OUTAGES, "outages");
  }

  /** The network first, so that one that floods uses up only its own part of the deployment's. */
  private boolean isWithinShare(
      Rate ofNetwork, Rate ofDeployment, LedgerNote note, LedgerShare share) {
    return !note.isOfStrangers()
        || (share.network().map(network -> isWithin(ofNetwork, network)).orElse(true)
            && isWithin(
                ofDeployment, share.deployment().map(Sid::text).orElse("no " + note.event())));
  }

  private boolean isWithin(Rate rate, String whose) {
    return rates.tryAcquire(rate, whose).isEmpty();
  }

  private static String counter(LedgerNote note) {
    return note.event() + " " + note.cause();
  }

  /**
   * Strangers cannot fill the queue; threads that ask at the same time can exceed this slightly.
   */
  private boolean hasRoom(LedgerNote note) {
    return !note.isOfStrangers() || waiting.size() < Limits.LEDGER_QUEUE_OF_STRANGERS;
  }

  private AtomicLong leftOut(Kind kind) {
    return leftOut.computeIfAbsent(kind, _ -> new AtomicLong());
  }

  private LedgerEntry entry(String trace, LedgerNote note, long others) {
    return new LedgerEntry(
        clock.instant().truncatedTo(ChronoUnit.MILLIS), random.nextLong(), trace, note, others);
  }

  /**
   * Writes what waits. A group that cannot be written is kept, and is the first of the next call.
   *
   * @throws Unavailable if the sink failed
   */
  public synchronized void flush(LedgerSink sink) {
    if (Duration.between(counted, clock.instant()).abs().compareTo(Limits.LEDGER_COUNT) >= 0) {
      count();
    }
    while (!unwritten.isEmpty() || !waiting.isEmpty()) {
      if (unwritten.isEmpty()) {
        List<LedgerEntry> group = new ArrayList<>();
        waiting.drainTo(group, Limits.LEDGER_GROUP);
        unwritten = List.copyOf(group);
      }
      sink.store(unwritten);
      stored.add(unwritten.size());
      unwritten = List.of();
    }
  }

  /**
   * Stores entries without those that strangers have caused, which it counts for an entry of this
   * process a minute later: while the disk is nearly full, strangers must not fill it. The counts
   * of other processes, which are few, are still stored. A group that could not be stored is not
   * counted, because it is repeated.
   *
   * @param entries of any process
   * @throws Unavailable if the sink failed
   */
  public void storeWithoutStrangers(List<LedgerEntry> entries, LedgerSink sink) {
    Map<Boolean, List<LedgerEntry>> byKept = entries.stream()
        .collect(Collectors.partitioningBy(
            entry -> !entry.note().isOfStrangers() || entry.leftOut() > 0));
    List<LedgerEntry> kept = byKept.getOrDefault(true, List.of());
    if (!kept.isEmpty()) {
      sink.store(kept);
    }
    byKept.getOrDefault(false, List.of()).forEach(entry -> {
      sampled.increment();
      leftOut(Kind.of(entry.note())).incrementAndGet();
    });
  }

  /** Writes what waits and the counts, once: the process ends. */
  public synchronized void flushAtTheEnd(LedgerSink sink) {
    count();
    flush(sink);
  }

  /** Makes entries of the counts for which the queue has room; the others stay counted. */
  @GuardedBy("this")
  private void count() {
    counted = clock.instant();
    leftOut.forEach((kind, counter) -> {
      long others = counter.getAndSet(0);
      LedgerNote note = LedgerNote.of(kind.event(), kind.cause()).refusedBy(kind.code());
      if (others > 0 && !waiting.offer(entry("", note, others))) {
        counter.addAndGet(others);
      }
    });
  }

  /**
   * The events since the start by their outcome: stored, sampled (left out under load), or lost.
   */
  public Map<String, Double> outcomes() {
    return Map.of(
        "stored", stored.doubleValue(),
        "sampled", sampled.doubleValue(),
        "lost", lost.doubleValue());
  }

  /** The refusals of guests' calls since the start, by deployment and cause. */
  public Map<List<String>, Double> refusals() {
    return refusals.numbers();
  }

  /** How many entries wait in the queue. */
  public int waiting() {
    return waiting.size();
  }
}
