package parlour.webhooks;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.ClockWatch;
import parlour.Durations;
import parlour.Limits;
import parlour.OutageLog;
import parlour.RandomHex;
import parlour.Scheduler;
import parlour.Sid;
import parlour.Threads;
import parlour.Unavailable;
import parlour.conversations.Conversations;
import parlour.webhooks.PendingEvents.ConversationEvent;
import parlour.webhooks.WebhookRequest.Outcome;
import parlour.webhooks.WebhookStore.Backlog;
import parlour.webhooks.WebhookStore.Claim;
import parlour.webhooks.WebhookStore.DeliveryCursor;

/**
 * Delivers events to webhooks: those of one conversation in order, and each until the webhook has
 * accepted it, has refused it, or it is given up.
 *
 * <p>Runs apart from the calls of guests. It reads the log of a conversation as other followers do,
 * and records in the store how far the events were delivered, so that any process can continue.
 */
public final class WebhookDelivery implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WebhookDelivery.class);

  static final String REFUSED = "answered 410";

  private final OutageLog dueEvents =
      new OutageLog(log, "webhooks wait: cannot read the due events");
  private final OutageLog deliveries = new OutageLog(log, "webhooks wait");

  private final WebhookStore webhooks;
  private final GivenUpEvents givenUp;
  private final Conversations conversations;
  private final WebhookRequest request;
  private final ClockWatch clock;
  private final SecureRandom random;
  private final ChangePoller changePoller;
  private final GivenUpDelivery again;

  /** The last time at which this process recorded that a webhook accepted an event. */
  private final Map<Sid.Address, Instant> accepting = new ConcurrentHashMap<>();

  private final Semaphore places = new Semaphore(Limits.WEBHOOK_CALLS);
  private final Map<Sid.Address, Integer> running = new ConcurrentHashMap<>();
  private final Set<Sid.Address> silent = ConcurrentHashMap.newKeySet();
  private final Set<Thread> deliverers = ConcurrentHashMap.newKeySet();
  private final Semaphore woken = new Semaphore(0);
  private final LongAdder accepted = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Thread dispatcher;
  private volatile Backlog backlog = Backlog.NOTHING;
  private volatile boolean stopping;

  public WebhookDelivery(
      WebhookStore webhooks,
      GivenUpEvents givenUp,
      Conversations conversations,
      WebhookRequest request,
      InstantSource clock,
      SecureRandom random) {
    this.webhooks = webhooks;
    this.givenUp = givenUp;
    this.conversations = conversations;
    this.request = request;
    this.clock = ClockWatch.of(clock);
    this.random = random;
    again =
        new GivenUpDelivery(givenUp, conversations, request, this.clock, random, woken::release);
    changePoller = new ChangePoller(webhooks, conversations, clock, woken::release);
    dispatcher = Thread.ofVirtual().name("webhooks").start(this::dispatch);
  }

  /**
   * Deletes the cursors of conversations that have not changed for long, and events that were given up
   * long ago or are too many.
   */
  public void sweep() {
    Instant before = clock.instant().minus(Limits.WEBHOOK_CURSOR_RETENTION);
    Scheduler.inBatches(() -> webhooks.sweep(before, Limits.SWEEP_BATCH));
    Scheduler.inBatches(() -> givenUp.sweep(before, Limits.SWEEP_BATCH));
    Scheduler.inBatches(() -> givenUp.trim(Limits.WEBHOOK_GIVEN_UP, Limits.SWEEP_BATCH));
  }

  private void dispatch() {
    while (!stopping) {
      try {
        changePoller.watchAll();
        List<Sid.Address> due = new ArrayList<>(webhooks.due(clock.instant()));
        Collections.shuffle(due, random); // so that each gets a place, also if they are few
        due.forEach(this::claim);
        again.dispatch();
        dueEvents.worked();
        await();
      } catch (InterruptedException e) {
        return; // interrupted by close
      } catch (RuntimeException e) {
        if (stopping) {
          return; // interrupted by close during a call
        }
        dueEvents.failed(e);
        pause(Limits.RETRY_AFTER);
      }
    }
  }

  private void await() throws InterruptedException {
    if (woken.tryAcquire(Limits.WEBHOOK_POLL.toMillis(), TimeUnit.MILLISECONDS)) {
      woken.drainPermits(); // one poll finds everything that was announced before it
    }
  }

  private void claim(Sid.Address address) {
    int max = silent.contains(address)
        ? Limits.WEBHOOK_CALLS_WHILE_SILENT
        : Limits.WEBHOOK_CALLS_PER_ADDRESS;
    int free = Math.min(max - running.getOrDefault(address, 0), places.availablePermits());
    if (free <= 0) {
      return;
    }
    Instant now = clock.instant();
    for (Claim claim : webhooks.claim(
        address, RandomHex.next(random, 16), now, now.plus(Limits.WEBHOOK_LEASE), free)) {
      places.acquireUninterruptibly(); // they are free: only this thread acquires places
      running.merge(address, 1, Integer::sum);
      Thread deliverer = Thread.ofVirtual().name("webhook").unstarted(() -> deliver(claim));
      deliverers.add(deliverer);
      deliverer.start();
    }
  }

  private void deliver(Claim claim) {
    try {
      deliverAll(claim);
    } catch (Unavailable e) {
      deliveries.failed(e);
      releaseLater(claim);
    } catch (InterruptedException e) {
      webhooks.release(claim, clock.instant()); // by close: the next process continues at once
    } catch (RuntimeException e) {
      deliveries.failed(e); // it is delivered again when the lease ends
    } finally {
      running.merge(claim.address(), -1, (before, less) -> before == 1 ? null : before + less);
      places.release();
      deliverers.remove(Thread.currentThread());
      woken.release();
    }
  }

  /** Delivers all events in order. After a failure, a later claim begins with the same event. */
  private void deliverAll(Claim claim) throws InterruptedException {
    DeliveryCursor cursor = claim.cursor();
    boolean first = true;
    while (true) {
      var read = PendingEvents.after(cursor, conversations, claim);
      if (read.isEmpty()) {
        webhooks.delete(claim);
        return;
      }
      for (ConversationEvent next : read.get().all()) {
        if (stopping) {
          webhooks.release(claim, clock.instant());
          return;
        }
        if (!deliver(claim, cursor, next, first)) {
          return;
        }
        cursor = next.cursor();
        first = false;
      }
      cursor = read.get().upTo();
      if (!read.get().more()) {
        webhooks.done(claim, cursor, clock.instant());
        return;
      }
    }
  }

  /**
   * Delivers one event.
   *
   * @param before the cursor before it
   * @param first whether this is the event whose failures the claim counts
   * @return whether to continue with the next event
   */
  private boolean deliver(Claim claim, DeliveryCursor before, ConversationEvent next, boolean first)
      throws InterruptedException {
    Outcome outcome = request.send(claim.webhook(), next.event());
    count(outcome);
    Instant now = clock.instant();
    return switch (outcome) {
      case Outcome.Accepted taken -> {
        silent.remove(claim.address());
        boolean isOurs = webhooks.advance(claim, next.cursor(), now.plus(Limits.WEBHOOK_LEASE));
        noteAccepted(claim.address(), now);
        yield isOurs;
      }
      case Outcome.Refused() -> {
        silent.remove(claim.address());
        yield giveUp(claim.at(before), next, REFUSED, now);
      }
      case Outcome.Failed failed -> {
        if (failed.silent()) {
          silent.add(claim.address());
        } else {
          silent.remove(claim.address());
        }
        Instant since = first ? claim.failingSince().orElse(now) : now;
        if (!now.isBefore(since.plus(Limits.WEBHOOK_GIVE_UP)) && clock.maySweep()) {
          yield giveUp(claim.at(before), next, failed.why(), now);
        }
        long failuresBefore = first ? claim.failures() : 0;
        webhooks.failed(claim, failed.why(), now, now.plus(pause(failed, failuresBefore)));
        yield false;
      }
    };
  }

  /** Writes at most once in a step, so that deliveries do not wait for one row. */
  private void noteAccepted(Sid.Address address, Instant now) {
    Instant noted = accepting.get(address);
    boolean isRecent = noted != null
        && !now.isBefore(noted)
        && now.isBefore(noted.plus(Limits.WEBHOOK_STATUS_STEP));
    if (!isRecent) {
      accepting.put(address, now);
      webhooks.accepted(address, now);
    }
  }

  private void count(Outcome outcome) {
    switch (outcome) {
      case Outcome.Accepted _ -> accepted.increment();
      case Outcome.Refused _ -> refused.increment();
      case Outcome.Failed _ -> failed.increment();
    }
  }

  /** How many calls of webhooks had each outcome since the start of this process. */
  public Map<String, Double> outcomes() {
    return Map.of(
        "accepted", accepted.doubleValue(),
        "refused", refused.doubleValue(),
        "failed", failed.doubleValue());
  }

  /** Counts the events that wait, for {@link #backlog}. */
  public void count() {
    backlog = webhooks.backlog();
  }

  /** How many conversations had events that waited at the last count. */
  public double waiting() {
    return backlog.waiting();
  }

  /** For how long the event that has failed longest has failed; 0 if none has. */
  public double failingSeconds() {
    return backlog
        .failingSince()
        .map(since -> Math.max(0, Duration.between(since, clock.instant()).toSeconds()))
        .orElse(0L);
  }

  /** Both numbers of the backlog, by their labels in the plot. */
  public Map<String, Double> backlog() {
    return Map.of(
        "conversations that wait", waiting(), "minutes of failure", failingSeconds() / 60);
  }

  private boolean giveUp(Claim claim, ConversationEvent next, String why, Instant now) {
    log.atWarn()
        .addKeyValue("address", claim.address().text())
        .addKeyValue("event", next.event().eventId())
        .log("a webhook's event is given up: {}", why);
    WebhookEvent event = next.event();
    return webhooks.giveUp(
        claim,
        new WebhookStore.GivingUp(
            event.eventId(), event.type().text(), claim.cursor(), next.cursor(), now, why),
        now.plus(Limits.WEBHOOK_LEASE));
  }

  /**
   * The pause before the next attempt: doubled with each failure, and a random part of it, so that
   * attempts are spread. Respects the webhook's {@code Retry-After}.
   */
  private Duration pause(Outcome.Failed failed, long failuresBefore) {
    long doubled = Limits.WEBHOOK_BACK_OFF.toMillis() << Math.min(failuresBefore, 20);
    long whole = Math.min(doubled, Limits.MAX_WEBHOOK_BACK_OFF.toMillis());
    Duration own = Duration.ofMillis(whole / 2 + random.nextLong(whole / 2 + 1));
    Duration retryAfter = failed.retryAfter().orElse(Duration.ZERO);
    return Durations.max(own, Durations.min(retryAfter, Limits.MAX_RETRY_AFTER));
  }

  /** If the store is what failed, the lease expires by itself. */
  private void releaseLater(Claim claim) {
    try {
      webhooks.release(claim, clock.instant().plus(Limits.RETRY_AFTER));
    } catch (Unavailable e) {
      log.debug("a lease cannot be released and will expire: {}", e.getMessage());
    }
  }

  private static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits a moment for running calls. The next process repeats those that are interrupted. */
  @Override
  public void close() {
    stopping = true;
    changePoller.close();
    dispatcher.interrupt();
    Threads.join(List.of(dispatcher), Limits.WEBHOOK_DRAIN);
    List<Thread> last = new ArrayList<>(deliverers);
    last.addAll(again.threads());
    Threads.join(last, Limits.WEBHOOK_DRAIN);
    last.forEach(Thread::interrupt);
    Threads.join(last, Limits.WEBHOOK_DRAIN);
  }
}
