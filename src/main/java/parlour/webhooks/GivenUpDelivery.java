package parlour.webhooks;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.RandomHex;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.Conversations;
import parlour.webhooks.GivenUpEvents.Redelivery;
import parlour.webhooks.PendingEvents.ConversationEvent;
import parlour.webhooks.WebhookRequest.Outcome;

/**
 * Sends events again that were given up, when somebody has requested it: one attempt for each request,
 * and one event of an address at a time. The newer events of their conversations do not wait for them.
 */
final class GivenUpDelivery {
  private final OutageLog outages = new OutageLog(
      LoggerFactory.getLogger(GivenUpDelivery.class), "events that were given up are not sent");

  private final GivenUpEvents events;
  private final Conversations conversations;
  private final WebhookRequest request;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Runnable onEnd;

  /** The threads that send, by the address of their event. */
  private final Map<Sid.Address, Thread> sending = new ConcurrentHashMap<>();

  /**
   * @param onEnd called when a call has ended, so that the next event can be sent
   */
  GivenUpDelivery(
      GivenUpEvents events,
      Conversations conversations,
      WebhookRequest request,
      InstantSource clock,
      SecureRandom random,
      Runnable onEnd) {
    this.events = events;
    this.conversations = conversations;
    this.request = request;
    this.clock = clock;
    this.random = random;
    this.onEnd = onEnd;
  }

  /** Begins to send the next event of each address; called by one thread. */
  void dispatch() {
    List<Sid.Address> due = new ArrayList<>(events.due(clock.instant()));
    Collections.shuffle(due, random); // so that each gets a place, also if they are few
    for (Sid.Address address : due) {
      if (sending.size() < Limits.WEBHOOK_REDELIVERY_CALLS && !sending.containsKey(address)) {
        claim(address).ifPresent(this::start);
      }
    }
  }

  private Optional<Redelivery> claim(Sid.Address address) {
    Instant now = clock.instant();
    return events.claim(address, RandomHex.next(random, 16), now, now.plus(Limits.WEBHOOK_LEASE));
  }

  private void start(Redelivery event) {
    Thread sender = Thread.ofVirtual().name("webhook again").unstarted(() -> deliver(event));
    sending.put(event.claim().address(), sender);
    sender.start();
  }

  private void deliver(Redelivery event) {
    try {
      Optional<ConversationEvent> found = find(event);
      if (found.isPresent()) {
        send(event, found.get().event());
      } else {
        events.delete(event); // a later event has replaced it, or its conversation was erased
      }
      outages.worked();
    } catch (Unavailable e) {
      outages.failed(e);
      releaseLater(event);
    } catch (InterruptedException e) {
      events.release(event, clock.instant()); // by close: the next process continues at once
    } catch (RuntimeException e) {
      outages.failed(e); // it is sent again when the lease ends
    } finally {
      sending.remove(event.claim().address());
      onEnd.run();
    }
  }

  private Optional<ConversationEvent> find(Redelivery event) {
    return PendingEvents.after(event.claim().cursor(), conversations, event.claim())
        .flatMap(pending -> pending.all().stream()
            .filter(one -> one.event().eventId().equals(event.eventId()))
            .findFirst());
  }

  private void send(Redelivery event, WebhookEvent content) throws InterruptedException {
    switch (request.send(event.claim().webhook(), content)) {
      case Outcome.Accepted _ -> events.delete(event);
      case Outcome.Refused() -> {
        var _ = events.failed(event, WebhookDelivery.REFUSED);
      }
      case Outcome.Failed failed -> {
        boolean isOfThisWebhook = events.failed(event, failed.why());
        if (failed.silent() && isOfThisWebhook) {
          events.cancel(event.claim().address()); // each of the others would take as long
        }
      }
    }
  }

  /** If the store is what failed, the lease expires by itself. */
  private void releaseLater(Redelivery event) {
    try {
      events.release(event, clock.instant().plus(Limits.RETRY_AFTER));
    } catch (Unavailable e) {
      outages.failed(e);
    }
  }

  /** The threads that send at this moment. */
  List<Thread> threads() {
    return List.copyOf(sending.values());
  }
}
