package parlour.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import parlour.Eventually;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.accounts.Accounts;
import parlour.accounts.Responder;
import parlour.accounts.WebhookSecret;
import parlour.http.client.PostingHttpClient;
import parlour.spec.AtOnce;
import parlour.spec.WebhookReceiver;
import parlour.spec.WebhookReceiver.Answer;
import parlour.webhooks.GivenUpEvents;
import parlour.webhooks.WebhookRequest;
import parlour.webhooks.WebhookStore;

/** The tests of webhooks that admins start at the console. */
class ConsoleWebhooksTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final int CALLERS = 4 * Limits.WEBHOOK_TESTS;

  private final SecureRandom random = new SecureRandom();

  @AutoClose
  private final WebhookReceiver receiver = new WebhookReceiver();

  @AutoClose
  private final PostingHttpClient client = new PostingHttpClient();

  private final List<Accounts.Address> addresses =
      Stream.generate(this::ofAnotherAccount).limit(CALLERS).toList();

  private final ConsoleWebhooks webhooks = new ConsoleWebhooks(
      unused(Accounts.class, addresses),
      unused(WebhookStore.class, addresses),
      unused(GivenUpEvents.class, addresses),
      new WebhookRequest(client, InstantSource.fixed(NOW)),
      InstantSource.fixed(NOW),
      random);

  @RepeatedTest(20)
  void as_many_tests_as_the_bound_run_at_once_and_the_others_are_refused() {
    assertThat(running(addresses)).isEqualTo(Limits.WEBHOOK_TESTS);
    assertThat(running(addresses)).as("after they ended").isEqualTo(Limits.WEBHOOK_TESTS);
  }

  @Test
  void one_test_of_an_account_runs_at_a_time_and_a_refused_one_takes_no_place() {
    List<Accounts.Address> ofOne = Collections.nCopies(CALLERS, addresses.getFirst());
    assertThat(running(ofOne)).isEqualTo(1);
    assertThat(running(addresses)).isEqualTo(Limits.WEBHOOK_TESTS);
  }

  /** Starts a test for each address at the same time, and counts those that run when all others were refused. */
  private int running(List<Accounts.Address> of) {
    CountDownLatch decided = new CountDownLatch(of.size());
    AtomicInteger running = new AtomicInteger();
    receiver.answering(event -> {
      running.incrementAndGet();
      decided.countDown();
      Eventually.await(decided);
      return Answer.of(204);
    });
    List<Boolean> accepted = AtOnce.run(of.size(), i -> isAccepted(of.get(i), decided));
    assertThat(accepted.stream().filter(one -> one).count()).isEqualTo(running.get());
    return running.get();
  }

  private boolean isAccepted(Accounts.Address address, CountDownLatch decided) {
    try {
      return webhooks.test(address.account(), address.sid()).orElseThrow().why().isEmpty();
    } catch (TooManyRequests refused) {
      decided.countDown();
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private Accounts.Address ofAnotherAccount() {
    return new Accounts.Address(
        Sid.Address.random(random),
        Sid.Account.random(random),
        "Desk",
        Optional.empty(),
        new Responder.Webhook(receiver.url(), WebhookSecret.next(random)),
        NOW);
  }

  /** A test of a webhook asks for the addresses, and for nothing else. */
  private static <T> T unused(Class<T> type, List<Accounts.Address> addresses) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          assertThat(method.getName()).isEqualTo("addresses");
          return addresses;
        }));
  }
}
