package parlour.push;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
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
 * Sends the pushes that are due: to guests whose session has not ended and who have not read a message.
 * A push service that does not answer has one call at a time, so that the others are served.
 */
public final class PushDelivery implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PushDelivery.class);

  private final OutageLog queueOutage = new OutageLog(log, "pushes wait: cannot read the due ones");
  private final OutageLog outage = new OutageLog(log, "pushes wait");
  private final OutageLog refusals = new OutageLog(log, "push services refuse pushes");

  private final PushQueue queue;
  private final PushServices services;
  private final PushRequest request;
  private final Predicate<Sid.Session> isLive;
  private final InstantSource clock;
  private final SecureRandom random;

  private final Map<String, Integer> running = new ConcurrentHashMap<>();
  private final Set<String> silent = ConcurrentHashMap.newKeySet();
  private final Set<Thread> deliverers = ConcurrentHashMap.newKeySet();
  private final Semaphore places = new Semaphore(Limits.PUSH_CALLS);
  private final Semaphore woken = new Semaphore(0);
  private final LongAdder accepted = new LongAdder();
  private final LongAdder gone = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder givenUp = new LongAdder();
  private final Thread dispatcher;
  private volatile boolean stopping;

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
    this.queue = queue;
    this.services = services;
    this.request = request;
    this.isLive = isLive;
    this.clock = clock;
    this.random = random;
    dispatcher = Thread.ofVirtual().name("pushes").start(this::dispatch);
  }

  /** Deletes the subscriptions of sessions that have ended. */
  public void sweep() {
    Instant now = clock.instant();
    for (Sid.Session session :
        queue.uncheckedSince(now.minus(Limits.PUSH_SESSION_CHECK), Limits.PUSH_SESSION_CHECKS)) {
      if (isLive.test(session)) {
        queue.checked(session, now);
      } else {
        var _ = queue.unsubscribe(session);
      }
    }
  }

  /** How many pushes had each outcome since the start of this process. */
  public Map<String, Double> outcomes() {
    return Map.of(
        "accepted", accepted.doubleValue(),
        "gone", gone.doubleValue(),
        "refused", refused.doubleValue(),
        "failed", failed.doubleValue(),
        "given_up", givenUp.doubleValue());
  }

  private void dispatch() {
    while (!stopping) {
      try {
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

  private void pause() {
    try {
      Thread.sleep(Limits.RETRY_AFTER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // by close, and the next wait ends
    }
  }

  private void claim(String service) {
    int max =
        silent.contains(service) ? Limits.PUSH_CALLS_WHILE_SILENT : Limits.PUSH_CALLS_PER_SERVICE;
    int free = Math.min(max - running.getOrDefault(service, 0), places.availablePermits());
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

  private void deliver(Claim claim, String service) {
    try {
      push(claim, service);
    } catch (Unavailable e) {
      outage.failed(e);
      releaseLater(claim);
    } catch (InterruptedException e) {
      queue.release(claim, clock.instant()); // by close: the next process continues at once
    } catch (RuntimeException e) {
      outage.failed(e); // it is sent again when the lease ends
    } finally {
      running.merge(service, -1, (before, less) -> before == 1 ? null : before + less);
      places.release();
      deliverers.remove(Thread.currentThread());
      woken.release();
    }
  }

  private void releaseLater(Claim claim) {
    try {
      queue.release(claim, clock.instant().plus(Limits.PUSH_BACK_OFF));
    } catch (RuntimeException e) {
      outage.failed(e); // it is sent again when the lease ends
    }
  }

  private void push(Claim claim, String service) throws InterruptedException {
    if (services.of(claim.subscription().endpoint()).isEmpty()
        || !isLive.test(claim.owner().session())) {
      queue.delete(claim);
      return;
    }
    Instant now = clock.instant();
    if (!queue.isUnread(claim.owner())) {
      queue.done(claim, now);
      return;
    }
    Outcome outcome = request.send(claim.subscription());
    if (outcome instanceof Outcome.Failed(var _, boolean isSilent, var _) && isSilent) {
      silent.add(service);
    } else {
      silent.remove(service);
    }
    switch (outcome) {
      case Outcome.Accepted() -> {
        accepted.increment();
        outage.worked();
        refusals.worked();
        queue.done(claim, now.plus(Limits.PUSH_PAUSE));
      }
      case Outcome.Gone() -> {
        gone.increment();
        queue.delete(claim);
      }
      case Outcome.Refused(int status) -> {
        refused.increment();
        refusals.failed(new Unavailable(service, "a push is refused: " + status, null));
        queue.done(claim, now.plus(Limits.PUSH_PAUSE));
      }
      case Outcome.Failed failure -> failed(claim, service, failure, now);
    }
  }

  private void failed(Claim claim, String service, Outcome.Failed failure, Instant now) {
    failed.increment();
    outage.failed(new Unavailable(service, failure.why(), null));
    Instant since = claim.failingSince().orElse(now);
    if (now.isBefore(since.plus(Limits.PUSH_GIVE_UP))) {
      queue.failed(claim, now, now.plus(pause(failure, claim.failures())));
    } else {
      givenUp.increment();
      queue.done(claim, now.plus(Limits.PUSH_PAUSE));
    }
  }

  /** Doubled with each failure, with a random part, so that not all are sent again at once. */
  private Duration pause(Outcome.Failed failure, long failures) {
    Duration doubled = Durations.min(
        Limits.PUSH_BACK_OFF.multipliedBy(1L << Math.min(failures, 20)), Limits.MAX_PUSH_BACK_OFF);
    Duration pause = doubled.plusMillis(random.nextLong(doubled.toMillis() / 2));
    Duration asked =
        Durations.min(failure.retryAfter().orElse(Duration.ZERO), Limits.MAX_PUSH_RETRY_AFTER);
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
