package parlour.push;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Durations;
import parlour.Limits;
import parlour.OutageLog;
import parlour.RandomHex;
import parlour.Threads;
import parlour.Unavailable;
import parlour.push.PushRecipients.Decision;
import parlour.push.PushRequest.Outcome;
import parlour.push.WaitingPushes.Claim;

/**
 * Sends the pushes that are due, as {@link PushRecipients} decides. A push service that does not
 * answer has one call at a time, so that the others are served. A host of a {@linkplain PushServices#isGroup group} is a service of its own once it has
 * accepted a push; all other hosts of the group share a few calls, because clients can name any
 * number of hosts that do not answer.
 *
 * @param <O> the owner of a subscription: a guest or an agent. Each kind has a delivery of its own,
 *     so that neither delays the other
 */
public final class PushDelivery<O> implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PushDelivery.class);

  private final OutageLog queueOutage;
  private final OutageLog outage;
  private final OutageLog newHosts;
  private final OutageLog refusals;

  private final WaitingPushes<O> queue;
  private final PushRecipients<O> recipients;
  private final PushServices services;
  private final PushCall call;
  private final InstantSource clock;
  private final SecureRandom random;

  private final Map<String, Integer> running = new ConcurrentHashMap<>();
  private final Set<String> silent = ConcurrentHashMap.newKeySet();
  /** The latest answer, by the entry that its host belongs to. */
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();

  private final Set<Thread> deliverers = ConcurrentHashMap.newKeySet();
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
    Outcome send(PushSubscription subscription, PushMessage message) throws InterruptedException;
  }

  /**
   * @param pushes the pushes in the log and in the names of threads, such as {@code pushes}
   * @param services checked again before each call, because the operator can change them
   */
  public PushDelivery(
      String pushes,
      WaitingPushes<O> queue,
      PushRecipients<O> recipients,
      PushServices services,
      PushRequest request,
      InstantSource clock,
      SecureRandom random) {
    this(pushes, queue, recipients, services, request::send, clock, random);
  }

  PushDelivery(
      String pushes,
      WaitingPushes<O> queue,
      PushRecipients<O> recipients,
      PushServices services,
      PushCall call,
      InstantSource clock,
      SecureRandom random) {
    this.queue = queue;
    this.recipients = recipients;
    this.services = services;
    this.call = call;
    this.clock = clock;
    this.random = random;
    queueOutage = new OutageLog(log, pushes + " wait: cannot read the due ones");
    outage = new OutageLog(log, pushes + " wait");
    newHosts =
        new OutageLog(log, pushes + " wait: hosts that have accepted none yet do not answer");
    refusals = new OutageLog(log, "push services refuse " + pushes);
    dispatcher = Thread.ofVirtual().name(pushes).start(this::dispatch);
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
        recipients.beforePoll();
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
    int free = Math.min(free(service), places.availablePermits());
    if (free <= 0) {
      return;
    }
    Instant now = clock.instant();
    for (Claim<O> claim :
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

  private void deliver(Claim<O> claim, String service) {
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

  private void sendLater(Claim<O> claim, String service) {
    try {
      sendLater(claim, service, claim.unanswered(), clock.instant(), Optional.empty());
    } catch (RuntimeException e) {
      outage.failed(e); // it is sent again when the lease ends
    }
  }

  private void push(Claim<O> claim, String service) throws InterruptedException {
    Instant now = clock.instant();
    Optional<String> entry = services.of(claim.subscription().endpoint());
    Decision decision = entry.isPresent() ? recipients.decide(claim, now) : new Decision.End();
    switch (decision) {
      case Decision.End() -> queue.delete(claim);
      case Decision.Nothing() -> queue.done(claim, service, now);
      case Decision.Later(Instant then) -> queue.release(claim, then);
      case Decision.Send(PushMessage message) ->
        send(claim, message, service, entry.orElseThrow(), now);
    }
  }

  private void send(Claim<O> claim, PushMessage message, String service, String entry, Instant now)
      throws InterruptedException {
    Outcome outcome = call.send(claim.subscription(), message);
    if (outcome instanceof Outcome.Failed failure && failure.silent()) {
      if (PushServices.isGroup(service)) {
        unreachable(claim, service, entry, failure.why(), now);
        return;
      }
      silent.add(service);
    } else {
      silent.remove(service);
      answered(claim, service, entry);
    }
    store(claim, service, outcome, now);
  }

  /** Notes that a host has answered, whatever the answer was. */
  private void answered(Claim<O> claim, String service, String entry) {
    answers.put(entry, new Answer(host(claim), clock.instant()));
    if (PushServices.isGroup(service)) {
      newHosts.worked();
    }
  }

  private void store(Claim<O> claim, String service, Outcome outcome, Instant now) {
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
  private String answering(Claim<O> claim, String service) {
    return PushServices.isGroup(service) ? host(claim) : service;
  }

  private String host(Claim<O> claim) {
    return PushServices.host(claim.subscription().endpoint());
  }

  /**
   * Sends again a push whose host has not answered, and is perhaps invented. After some such
   * attempts it deletes the subscription, unless the host has accepted a push of another guest. An
   * attempt counts only if another host of the entry has answered since the one before: otherwise
   * the reason may be a name server or a firewall of this installation.
   */
  private void unreachable(Claim<O> claim, String service, String entry, String why, Instant now) {
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
  private boolean anotherAnswered(String entry, Claim<O> claim, Instant now) {
    Instant after = now.minus(backOff(Math.max(0, claim.failures() - 1)));
    @Nullable Answer latest = answers.get(entry);
    return latest != null && !latest.host().equals(host(claim)) && !latest.at().isBefore(after);
  }

  /** Sends a push again after a failure, or gives it up. */
  private void sendLater(
      Claim<O> claim, String service, long unanswered, Instant now, Optional<Duration> retryAfter) {
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
        Durations.times(Limits.PUSH_BACK_OFF, 1L << Math.min(failuresBefore, 20)),
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
    Threads.join(List.of(dispatcher), Limits.PUSH_DRAIN);
    List<Thread> all = List.copyOf(deliverers);
    all.forEach(Thread::interrupt);
    Threads.join(all, Limits.PUSH_DRAIN);
  }
}
