package parlour.process;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.accounts.Accounts;
import parlour.accounts.Responder;
import parlour.console.AccountWebhooks;
import parlour.webhooks.GivenUpEvents;
import parlour.webhooks.WebhookRequest;
import parlour.webhooks.WebhookStore;
import parlour.webhooks.WebhookStore.WebhookStatus;

/** The webhooks of the console are those that this process delivers to. */
final class ConsoleWebhooks implements AccountWebhooks {
  private final Accounts accounts;
  private final WebhookStore webhooks;
  private final GivenUpEvents givenUp;
  private final WebhookRequest request;
  private final InstantSource clock;
  private final SecureRandom random;

  /** The accounts of which a test runs. */
  private final Set<Sid.Account> testing = ConcurrentHashMap.newKeySet();

  private final Semaphore tests = new Semaphore(Limits.WEBHOOK_TESTS);

  ConsoleWebhooks(
      Accounts accounts,
      WebhookStore webhooks,
      GivenUpEvents givenUp,
      WebhookRequest request,
      InstantSource clock,
      SecureRandom random) {
    this.accounts = accounts;
    this.webhooks = webhooks;
    this.givenUp = givenUp;
    this.request = request;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public List<Webhook> of(Sid.Account account) {
    return webhooks.webhooks(account, Limits.WEBHOOKS_SHOWN).stream()
        .map(this::shown)
        .toList();
  }

  private Webhook shown(WebhookStatus status) {
    return new Webhook(
        status.address(),
        status.name(),
        origin(status.url()),
        status.waiting(),
        status.waitingSince(),
        status.failingSince(),
        status.accepted(),
        status.failure().map(WebhookStore.Failure::at),
        status.failure().map(WebhookStore.Failure::why),
        status.givenUp(),
        status.givenUp() == 0
            ? List.of()
            : givenUp.newest(status.address(), Limits.WEBHOOK_GIVEN_UP_SHOWN).stream()
                .map(event -> new GivenUp(
                    event.eventId(),
                    event.type(),
                    event.conversation(),
                    event.at(),
                    event.why(),
                    event.isDue()))
                .toList());
  }

  private static String origin(URI url) {
    return url.getScheme() + "://" + url.getRawAuthority();
  }

  @Override
  public Optional<Tested> test(Sid.Account account, Sid.Address address)
      throws InterruptedException {
    Optional<Accounts.Address> own = own(account, address);
    if (own.isEmpty() || !(own.get().answering() instanceof Responder.Webhook webhook)) {
      return Optional.empty();
    }
    if (!testing.add(account)) {
      throw tooMany();
    }
    try {
      return Optional.of(tested(own.get(), webhook));
    } finally {
      testing.remove(account);
    }
  }

  private Tested tested(Accounts.Address address, Responder.Webhook webhook)
      throws InterruptedException {
    if (!tests.tryAcquire()) {
      throw tooMany();
    }
    try {
      String id = WebhookRequest.testId(address.sid(), random);
      return new Tested(id, why(request.test(address, webhook, id)));
    } finally {
      tests.release();
    }
  }

  private static TooManyRequests tooMany() {
    return new TooManyRequests("the tests of webhooks", Limits.RETRY_AFTER);
  }

  /** Why the webhook did not accept an event; empty if it did. */
  private static Optional<String> why(WebhookRequest.Outcome outcome) {
    return switch (outcome) {
      case WebhookRequest.Outcome.Accepted _ -> Optional.empty();
      case WebhookRequest.Outcome.Refused() ->
        Optional.of("answered 410, which means that Parlour must not send the event again");
      case WebhookRequest.Outcome.Failed failed -> Optional.of(failed.why());
    };
  }

  @Override
  public Optional<Again> deliverAgain(Sid.Account account, Sid.Address address) {
    if (own(account, address).isEmpty()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    int conversations = webhooks.deliverNow(address, now, Limits.WEBHOOK_REDELIVERIES);
    int events = givenUp.deliverAgain(address, Optional.empty(), now, Limits.WEBHOOK_REDELIVERIES);
    return Optional.of(new Again(
        conversations,
        events,
        conversations == Limits.WEBHOOK_REDELIVERIES || events == Limits.WEBHOOK_REDELIVERIES));
  }

  private Optional<Accounts.Address> own(Sid.Account account, Sid.Address address) {
    return accounts.addresses().stream()
        .filter(one -> one.sid().equals(address) && one.account().equals(account))
        .filter(one -> one.answering() instanceof Responder.Webhook)
        .findFirst();
  }
}
