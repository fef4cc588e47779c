package parlour.push;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Durations;
import parlour.Limits;
import parlour.OutageLog;
import parlour.RandomHex;
import parlour.Sid;
import parlour.Unavailable;
import parlour.push.PushQueue.Claim;
import parlour.push.PushRequest.Outcome;

/**
 * Sends the pushes that are due: to guests whose session has not ended and who have not read a
 * message. A push service that does not answer has one call at a time, so that the others are
 * served. A host of a {@linkplain PushServices#isGroup group} is a service of its own once it has
 * accepted a push; all other hosts of the group share a few calls, because clients can name any
 * number of hosts that do not answer.
 */
public final class PushDelivery implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PushDelivery.class);

  private final OutageLog queueOutage = new OutageLog(log, "pushes wait: cannot read the due ones");
  private final OutageLog outage = new OutageLog(log, "pushes wait");
  private final OutageLog newHosts =
      new OutageLog(log, "pushes wait: hosts that have accepted none yet do not answer");
  private final OutageLog refusals = new OutageLog(log, "push services refuse pushes");

  private final PushQueue queue;
  private final PushServices services;
  private final PushCall call;
  private final Predicate<Sid.Session> isLive;
  private final InstantSource clock;
  private final SecureRandom random;

  private final Map<String, Integer> running = new ConcurrentHashMap<>();
  private final Set<String> silent = ConcurrentHashMap.newKeySet();
  /** The latest answer, by the entry that its host belongs to. */
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();

  private final Set<Thread> deliverers = ConcurrentHashMap.newKeySet();
  private final Queue<Sid.Session> ended = new ArrayBlockingQueue<>(Limits.PUSH_ENDED_SESSIONS);
  private final Semaphore places = new Semaphore(Limits.PUSH_CALLS);
  private final Semaphore woken = new Semaphore(0);
  private final LongAdder accepted = new LongAdder();
  private final LongAdder gone = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder unreachable = new LongAdder();
  private final LongAdder givenUp = new LongAdder();
  private final Thread dispatcher;
  private volatile boolean stopping;
  private volatile long waiting;

  private record Answer(String host, Instant at) {}

  /** One call of a push service. */
  @FunctionalInterface
  interface PushCall {
    /**
     * @throws Unavailable if ScopedAuthService cannot sign now
     */
    Outcome send(PushSubscription subscription) throws InterruptedException;
  }

  /**
   * @param services checked again before each call, because the operator can change them
   * @param isLive whether a session has not ended; throws {@link Unavailable}
   */
  public PushDelivery(
      PushQueue queue,
      PushServices services,
      PushRequest request,
      Predicate<Sid.Session> isLive,
      InstantSource clock,
      SecureRandom random) {
    this(queue, services, request::send, isLive, clock, random);
  }

  PushDelivery(
      PushQueue queue,
      PushServices services,
      PushCall call,
      Predicate<Sid.Session> isLive,
      InstantSource clock,
      SecureRandom random) {
    this.queue = queue;
    this.services = services;
    this.call = call;
    this.isLive = isLive;
    this.clock = clock;
    this.random = random;
    dispatcher = Thread.ofVirtual().name("pushes").start(this::dispatch);
  }

  /**
   * Deletes the subscriptions of sessions that have ended: all that are older than a session can
   * be, and those of some sessions that were not checked for long.
   */
  public void sweep() {
    Instant now = clock.instant();
    Instant before = now.minus(Limits.MAX_SESSION_TTL).minus(Limits.CLOCK_SKEW);
    int batches = 0;
    while (batches < Limits.SWEEP_BATCHES
        && queue.deleteMadeBefore(before, Limits.SWEEP_BATCH) == Limits.SWEEP_BATCH) {
      batches++; // there may be more of them
    }
    Instant checked = now.minus(Limits.PUSH_SESSION_CHECK);
    for (Sid.Session session : queue.claimUnchecked(
        checked, checked.plus(Limits.PUSH_CHECK_LEASE), Limits.PUSH_SESSION_CHECKS)) {
      if (isLive.test(session)) {
        queue.checked(session, now);
      } else {
        var _ = queue.unsubscribe(session);
      }
    }
  }

  /**
   * Deletes the subscription of a session that has ended, soon. If many end at the same time, some
   * are left to {@link #sweep}.
   */
  public void ended(Sid.Session session) {
    boolean _ = ended.offer(session);
  }

  /** Counts the pushes that wait, for {@link #waiting}. */
  public void count() {
    waiting = queue.waiting();
  }

  /** How many pushes waited at the last count. */
  public double waiting() {
    return waiting;
  }

  /** How many pushes had each outcome since the start of this process. */
  public Map<String, Double> outcomes() {
    return Map.of(
        "accepted", accepted.doubleValue(),
        "gone", gone.doubleValue(),
        "refused", refused.doubleValue(),
        "failed", failed.doubleValue(),
        "unreachable", unreachable.doubleValue(),
        "given_up", givenUp.doubleValue());
  }

  private void dispatch() {
    while (!stopping) {
      try {
        unsubscribe();
        queue.due(clock.instant()).forEach(this::claim);
        queueOutage.worked();
        if (woken.tryAcquire(Limits.PUSH_POLL.toMillis(), TimeUnit.MILLISECONDS)) {
          woken.drainPermits(); // one poll finds everything that was announced before it
        }
      } catch (InterruptedException e) {
        return; // interrupted by close
      } catch (RuntimeException e) {
        if (stopping) {
          return; // interrupted by close during a call
        }
        queueOutage.failed(e);
        pause();
      }
    }
  }

  private void unsubscribe() {
    List<Sid.Session> some = List.copyOf(ended);
    queue.unsubscribe(some);
    for (Sid.Session _ : some) {
      var _ = ended.poll(); // only now: after a failure of the store they are deleted later
    }
  }

  private void pause() {
    try {
      Thread.sleep(Limits.RETRY_AFTER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // by close, and the next wait ends
    }
  }

  private void claim(String service) {
    int free = Math.min(free(service), places.availablePermits());
    if (free <= 0) {
      return;
    }
    Instant now = clock.instant();
    for (Claim claim :
        queue.claim(service, RandomHex.next(random, 16), now, now.plus(Limits.PUSH_LEASE), free)) {
      places.acquireUninterruptibly(); // they are free: only this thread acquires places
      running.merge(service, 1, Integer::sum);
      Thread deliverer = Thread.ofVirtual().name("push").unstarted(() -> deliver(claim, service));
      deliverers.add(deliverer);
      deliverer.start();
    }
  }

  /** How many more calls of a service may run. */
  private int free(String service) {
    int calls = running.getOrDefault(service, 0);
    if (PushServices.isGroup(service)) {
      return Limits.PUSH_CALLS_OF_NEW_HOSTS - calls;
    }
    if (!silent.contains(service)) {
      return Limits.PUSH_CALLS_PER_SERVICE - calls;
    }
    int ofSilent = silent.stream().mapToInt(one -> running.getOrDefault(one, 0)).sum();
    return Math.min(
        Limits.PUSH_CALLS_WHILE_SILENT - calls, Limits.PUSH_CALLS_OF_SILENT_SERVICES - ofSilent);
  }

  private void deliver(Claim claim, String service) {
    try {
      push(claim, service);
    } catch (InterruptedException e) {
      queue.release(claim, clock.instant()); // by close: the next process continues at once
    } catch (RuntimeException e) {
      failed.increment();
      outage.failed(e);
      sendLater(claim, service);
    } finally {
      running.merge(service, -1, (before, less) -> before == 1 ? null : before + less);
      places.release();
      deliverers.remove(Thread.currentThread());
      woken.release();
    }
  }

  private void sendLater(Claim claim, String service) {
    try {
      sendLater(claim, service, claim.unanswered(), clock.instant(), Optional.empty());
    } catch (RuntimeException e) {
      outage.failed(e); // it is sent again when the lease ends
    }
  }

  private void push(Claim claim, String service) throws InterruptedException {
    Optional<String> entry = services.of(claim.subscription().endpoint());
    if (entry.isEmpty() || !isLive.test(claim.owner().session())) {
      queue.delete(claim);
      return;
    }
    Instant now = clock.instant();
    if (!queue.isUnread(claim.owner())) {
      queue.done(claim, service, now);
      return;
    }
    Outcome outcome = call.send(claim.subscription());
    if (outcome instanceof Outcome.Failed failure && failure.silent()) {
      if (PushServices.isGroup(service)) {
        unreachable(claim, service, entry.get(), failure.why(), now);
        return;
      }
      silent.add(service);
    } else {
      silent.remove(service);
      answered(claim, service, entry.get());
    }
    store(claim, service, outcome, now);
  }

  /** Notes that a host has answered, whatever the answer was. */
  private void answered(Claim claim, String service, String entry) {
    answers.put(entry, new Answer(host(claim), clock.instant()));
    if (PushServices.isGroup(service)) {
      newHosts.worked();
    }
  }

  private void store(Claim claim, String service, Outcome outcome, Instant now) {
    switch (outcome) {
      case Outcome.Accepted() -> {
        accepted.increment();
        outage.worked();
        refusals.worked();
        queue.done(claim, answering(claim, service), now.plus(Limits.PUSH_PAUSE));
      }
      case Outcome.Gone() -> {
        gone.increment();
        queue.delete(claim);
      }
      case Outcome.Refused(int status) -> {
        refused.increment();
        refusals.failed(new Unavailable(service, "a push is refused: " + status, null));
        queue.done(claim, service, now.plus(Limits.PUSH_PAUSE));
      }
      case Outcome.Failed failure -> {
        failed.increment();
        outage.failed(new Unavailable(service, failure.why(), null));
        sendLater(claim, service, 0, now, failure.retryAfter());
      }
    }
  }

  /** A host that has accepted a push is a service of its own from then on. */
  private static String answering(Claim claim, String service) {
    return PushServices.isGroup(service) ? host(claim) : service;
  }

  private static String host(Claim claim) {
    return PushServices.host(claim.subscription().endpoint());
  }

  /**
   * Sends again a push whose host has not answered, and is perhaps invented. After some such
   * attempts it deletes the subscription, unless the host has accepted a push of another guest. An
   * attempt counts only if another host of the entry has answered since the one before: otherwise
   * the reason may be a name server or a firewall of this installation.
   */
  private void unreachable(Claim claim, String service, String entry, String why, Instant now) {
    unreachable.increment();
    newHosts.failed(new Unavailable(service, why, null));
    long unanswered = claim.unanswered() + (anotherAnswered(entry, claim, now) ? 1 : 0);
    if (unanswered < Limits.PUSH_ATTEMPTS_AT_NEW_HOST || queue.hasAccepted(host(claim))) {
      sendLater(claim, service, unanswered, now, Optional.empty());
    } else {
      queue.delete(claim);
    }
  }

  /** Whether the latest answer came from another host, and after the attempt before. */
  private boolean anotherAnswered(String entry, Claim claim, Instant now) {
    Instant after = now.minus(backOff(Math.max(0, claim.failures() - 1)));
    @Nullable Answer latest = answers.get(entry);
    return latest != null && !latest.host().equals(host(claim)) && !latest.at().isBefore(after);
  }

  /** Sends a push again after a failure, or gives it up. */
  private void sendLater(
      Claim claim, String service, long unanswered, Instant now, Optional<Duration> retryAfter) {
    Instant since = claim.failingSince().orElse(now);
    if (now.isBefore(since.plus(Limits.PUSH_GIVE_UP))) {
      queue.failed(claim, unanswered, now, now.plus(pause(retryAfter, claim.failures())));
    } else {
      givenUp.increment();
      queue.done(claim, service, now.plus(Limits.PUSH_PAUSE));
    }
  }

  /** The shortest pause after a failure, doubled with each one before it. */
  private static Duration backOff(long failuresBefore) {
    return Durations.min(
        Limits.PUSH_BACK_OFF.multipliedBy(1L << Math.min(failuresBefore, 20)),
        Limits.MAX_PUSH_BACK_OFF);
  }

  /** With a random part, so that not all are sent again at once. */
  private Duration pause(Optional<Duration> retryAfter, long failures) {
    Duration doubled = backOff(failures);
    Duration pause = doubled.plusMillis(random.nextLong(doubled.toMillis() / 2));
    Duration asked = Durations.min(retryAfter.orElse(Duration.ZERO), Limits.MAX_PUSH_RETRY_AFTER);
    return asked.compareTo(pause) > 0 ? asked : pause;
  }

  @Override
  public void close() {
    stopping = true;
    dispatcher.interrupt();
    try {
      dispatcher.join(Limits.PUSH_DRAIN);
      List<Thread> all = List.copyOf(deliverers);
      all.forEach(Thread::interrupt);
      long end = System.nanoTime() + Limits.PUSH_DRAIN.toNanos();
      for (Thread one : all) {
        one.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
