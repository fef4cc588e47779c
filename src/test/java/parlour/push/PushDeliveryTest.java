package parlour.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.Eventually.until;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.CapturedLog;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.SqlConversationStore;
import parlour.push.PushQueue.Owner;
import parlour.push.PushRequest.Outcome;
import parlour.spec.StoppedClock;
import parlour.store.Database;
import parlour.store.Sqlite;

/** The delivery of pushes, with push services that a test plays. */
@Timeout(120)
class PushDeliveryTest {
  private static final SecureRandom random = new SecureRandom();
  private static final String GROUP = "*.windows.example";
  private static final String LISTED = "push.example";

  private final StoppedClock clock = new StoppedClock();
  private final Sid.Account account = Sid.Account.random(random);
  private final PushServices services = new PushServices(List.of(LISTED, GROUP));
  private final List<String> called = new CopyOnWriteArrayList<>();
  private final AtomicInteger hanging = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile Predicate<String> isSilent = _ -> false;
  private volatile boolean hang;
  private Database database;
  private SqlPushQueue queue;
  private StoredGuests guests;

  @BeforeEach
  void openStore(@TempDir Path folder) {
    database = Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
    queue = new SqlPushQueue(database);
    guests = new StoredGuests(database);
  }

  @AfterEach
  void closeStore() {
    end.countDown();
    database.close();
  }

  @Test
  void hosts_that_do_not_answer_delay_no_push_to_others_below_the_same_name() {
    try (PushDelivery<Owner> _ = delivery(_ -> true)) {
      Owner honest = subscribed("known.windows.example");
      asked(List.of(honest));
      until(() -> callsOf("known.windows.example") == 1);
      isSilent = host -> host.startsWith("x");
      hang = true;
      asked(IntStream.range(0, 2 * Limits.PUSH_CALLS)
          .mapToObj(i -> subscribed("x" + i + ".windows.example"))
          .toList());
      until(() -> hanging.get() == Limits.PUSH_CALLS_OF_NEW_HOSTS);
      clock.pass(Limits.PUSH_PAUSE);
      asked(List.of(honest, subscribed("known.windows.example")));
      until("the first push of the other guest, too", () -> callsOf("known.windows.example") == 3);
      assertThat(hanging).hasValue(Limits.PUSH_CALLS_OF_NEW_HOSTS);
      end.countDown();
    }
  }

  @Test
  void services_that_have_stopped_to_answer_have_only_some_of_all_calls() {
    isSilent = host -> host.startsWith("y");
    try (PushDelivery<Owner> _ = delivery(_ -> true)) {
      List<Owner> silent = IntStream.range(0, 2 * Limits.PUSH_CALLS_OF_SILENT_SERVICES)
          .mapToObj(i -> subscribed("y" + i + ".windows.example", "y" + i + ".windows.example"))
          .toList();
      asked(silent);
      until(() -> silent.stream().allMatch(one -> guests.failures(one) == 1));
      hang = true;
      clock.pass(Limits.MAX_PUSH_BACK_OFF);
      until(() -> hanging.get() == Limits.PUSH_CALLS_OF_SILENT_SERVICES);
      asked(List.of(subscribed(LISTED)));
      until(() -> callsOf(LISTED) == 1);
      assertThat(hanging).hasValue(Limits.PUSH_CALLS_OF_SILENT_SERVICES);
      end.countDown();
    }
  }

  @Test
  void a_host_of_a_group_that_never_answers_while_another_one_does_loses_its_subscription() {
    isSilent = host -> host.startsWith("x");
    try (PushDelivery<Owner> delivery = delivery(_ -> true)) {
      Owner guest = subscribed("x1.windows.example");
      anotherHostAnswers();
      asked(List.of(guest));
      for (int i = 1; i < Limits.PUSH_ATTEMPTS_AT_NEW_HOST; i++) {
        int failures = i;
        until(() -> guests.failures(guest) == failures);
        Duration pause = Limits.PUSH_BACK_OFF.multipliedBy(1L << (i - 1));
        clock.pass(pause.dividedBy(2));
        anotherHostAnswers();
        clock.pass(pause);
      }
      until(() -> !queue.isSubscribed(guest.session()));
      assertThat(callsOf("x1.windows.example")).isEqualTo(Limits.PUSH_ATTEMPTS_AT_NEW_HOST);
      assertThat(delivery.outcomes())
          .containsEntry("unreachable", (double) Limits.PUSH_ATTEMPTS_AT_NEW_HOST)
          .containsEntry("failed", 0.0);
    }
  }

  @Test
  void an_outage_of_all_hosts_of_a_group_deletes_no_subscription_and_is_logged() {
    try (CapturedLog log = new CapturedLog(PushDelivery.class);
        PushDelivery<Owner> delivery = delivery(_ -> true)) {
      anotherHostAnswers();
      isSilent = _ -> true;
      Owner guest = subscribed("new.windows.example");
      asked(List.of(guest));
      for (int i = 1; i <= Limits.PUSH_ATTEMPTS_AT_NEW_HOST + 2; i++) {
        int failures = i;
        until(() -> guests.failures(guest) == failures);
        clock.pass(Limits.MAX_PUSH_BACK_OFF.multipliedBy(2));
      }
      assertThat(queue.isSubscribed(guest.session())).isTrue();
      assertThat(log.lines())
          .containsExactly("pushes wait: hosts that have accepted none yet do not answer: "
              + "*.windows.example: a test");
      clock.pass(Limits.PUSH_GIVE_UP);
      until(() -> queue.waiting() == 0);
      assertThat(queue.isSubscribed(guest.session())).isTrue();
      assertThat(delivery.outcomes()).containsEntry("given_up", 1.0);
    }
  }

  @Test
  void failures_that_are_not_the_hosts_do_not_bring_the_end_of_its_subscription_nearer() {
    AtomicBoolean isDown = new AtomicBoolean();
    Predicate<Sid.Session> isLive = _ -> {
      if (isDown.get()) {
        throw new Unavailable("ScopedAuthService", "a test", null);
      }
      return true;
    };
    isSilent = host -> host.startsWith("x");
    try (PushDelivery<Owner> delivery = delivery(isLive)) {
      Owner guest = subscribed("x1.windows.example");
      isDown.set(true);
      asked(List.of(guest));
      for (int i = 1; i < Limits.PUSH_ATTEMPTS_AT_NEW_HOST; i++) {
        int failures = i;
        until(() -> guests.failures(guest) == failures);
        if (failures < Limits.PUSH_ATTEMPTS_AT_NEW_HOST - 1) {
          clock.pass(Limits.MAX_PUSH_BACK_OFF);
        }
      }
      isDown.set(false);
      Duration pause =
          Limits.PUSH_BACK_OFF.multipliedBy(1L << (Limits.PUSH_ATTEMPTS_AT_NEW_HOST - 2));
      clock.pass(pause.dividedBy(2));
      anotherHostAnswers();
      clock.pass(pause);
      until(() -> guests.failures(guest) == Limits.PUSH_ATTEMPTS_AT_NEW_HOST);
      assertThat(delivery.outcomes()).containsEntry("unreachable", 1.0);
      assertThat(queue.isSubscribed(guest.session())).isTrue();
    }
  }

  @Test
  void a_failure_of_the_store_loses_no_end_of_a_session() {
    AtomicInteger failures = new AtomicInteger(1);
    PushQueue failing = (PushQueue) Proxy.newProxyInstance(
        PushQueue.class.getClassLoader(),
        new Class<?>[] {PushQueue.class},
        (_, method, arguments) -> {
          boolean isOfEnds = method.getName().equals("unsubscribe")
              && arguments[0] instanceof List<?> some
              && !some.isEmpty();
          if (isOfEnds && failures.getAndDecrement() > 0) {
            throw new Unavailable("conversations", "a test", null);
          }
          return method.invoke(queue, arguments);
        });
    Owner guest = subscribed(LISTED);
    GuestPushes recipients = new GuestPushes(failing, _ -> true, clock);
    try (PushDelivery<Owner> _ =
        new PushDelivery<>("pushes", failing, recipients, services, this::call, clock, random)) {
      recipients.ended(guest.session());
      until(() -> !queue.isSubscribed(guest.session()));
      assertThat(failures).hasNonPositiveValue();
    }
  }

  @Test
  void a_listed_host_and_one_that_has_answered_keep_their_subscriptions_while_they_are_down() {
    try (PushDelivery<Owner> _ = delivery(_ -> true)) {
      List<Owner> all = List.of(subscribed(LISTED), subscribed("known.windows.example"));
      asked(all);
      until(() -> queue.waiting() == 0);
      isSilent = _ -> true;
      clock.pass(Limits.PUSH_PAUSE);
      asked(all);
      for (int i = 1; i <= Limits.PUSH_ATTEMPTS_AT_NEW_HOST; i++) {
        int failures = i;
        until(() -> all.stream().allMatch(one -> guests.failures(one) == failures));
        clock.pass(Limits.MAX_PUSH_BACK_OFF);
      }
      assertThat(all).allMatch(one -> queue.isSubscribed(one.session()));
    }
  }

  @Test
  void a_push_that_a_bug_or_an_outage_of_scoped_auth_prevents_is_given_up_after_hours() {
    AtomicInteger asked = new AtomicInteger();
    Predicate<Sid.Session> isLive = _ -> {
      if (asked.incrementAndGet() % 2 == 0) {
        throw new Unavailable("ScopedAuthService", "a test", null);
      }
      throw new IllegalStateException("a bug of a test");
    };
    try (PushDelivery<Owner> delivery = delivery(isLive)) {
      Owner guest = subscribed(LISTED);
      asked(List.of(guest));
      until(() -> guests.failures(guest) == 1);
      clock.pass(Limits.MAX_PUSH_BACK_OFF);
      until(() -> guests.failures(guest) == 2);
      clock.pass(Limits.PUSH_GIVE_UP);
      until(() -> queue.waiting() == 0);
      assertThat(delivery.outcomes()).containsEntry("given_up", 1.0);
      assertThat(called).isEmpty();
    }
  }

  @Test
  void the_end_of_a_session_deletes_its_subscription() {
    GuestPushes recipients = new GuestPushes(queue, _ -> true, clock);
    try (PushDelivery<Owner> _ = delivery(recipients)) {
      Owner ended = subscribed(LISTED);
      Owner other = subscribed(LISTED);
      recipients.ended(ended.session());
      until(() -> !queue.isSubscribed(ended.session()));
      assertThat(queue.isSubscribed(other.session())).isTrue();
    }
  }

  @Test
  void a_subscription_that_is_older_than_a_session_can_be_is_deleted_without_a_check() {
    GuestPushes recipients = new GuestPushes(queue, _ -> true, clock);
    Owner guest = subscribed(LISTED);
    clock.pass(Limits.MAX_SESSION_TTL);
    recipients.sweep();
    assertThat(queue.isSubscribed(guest.session())).isTrue();
    clock.pass(Duration.ofHours(1));
    recipients.sweep();
    assertThat(queue.isSubscribed(guest.session())).isFalse();
  }

  @Test
  void an_outage_during_the_check_is_made_up_for_after_the_lease() {
    AtomicInteger asked = new AtomicInteger();
    Predicate<Sid.Session> isLive = _ -> {
      if (asked.incrementAndGet() == 1) {
        throw new Unavailable("ScopedAuthService", "a test", null);
      }
      return false;
    };
    GuestPushes recipients = new GuestPushes(queue, isLive, clock);
    Owner guest = subscribed(LISTED);
    clock.pass(Limits.PUSH_SESSION_CHECK.plusSeconds(1));
    assertThatThrownBy(recipients::sweep).isInstanceOf(Unavailable.class);
    recipients.sweep();
    assertThat(queue.isSubscribed(guest.session()))
        .as("another one has the lease")
        .isTrue();
    clock.pass(Limits.PUSH_CHECK_LEASE.plusSeconds(1));
    recipients.sweep();
    assertThat(queue.isSubscribed(guest.session())).isFalse();
  }

  @Test
  void the_number_of_waiting_pushes_is_that_of_the_last_count() {
    try (PushDelivery<Owner> delivery = delivery(_ -> true)) {
      guests.wrote(List.of(subscribed(LISTED)), clock.instant());
      assertThat(delivery.waiting()).isZero();
      delivery.count();
      assertThat(delivery.waiting()).isEqualTo(1);
    }
  }

  private PushDelivery<Owner> delivery(Predicate<Sid.Session> isLive) {
    return delivery(new GuestPushes(queue, isLive, clock));
  }

  private PushDelivery<Owner> delivery(GuestPushes recipients) {
    return new PushDelivery<>("pushes", queue, recipients, services, this::call, clock, random);
  }

  private Outcome call(PushSubscription subscription, PushMessage message)
      throws InterruptedException {
    String host = URI.create(subscription.endpoint()).getHost();
    called.add(host);
    if (!isSilent.test(host)) {
      return new Outcome.Accepted();
    }
    if (hang) {
      hanging.incrementAndGet();
      end.await();
    }
    return new Outcome.Failed("a test", true, Optional.empty());
  }

  /** A push to a new guest is accepted by a host that no test makes silent. */
  private void anotherHostAnswers() {
    long before = queue.waiting();
    Owner other = subscribed("known.windows.example");
    guests.wrote(List.of(other), clock.instant().minus(Limits.PUSH_DELAY));
    until(() -> queue.waiting() == before);
  }

  private long callsOf(String host) {
    return called.stream().filter(host::equals).count();
  }

  private Owner subscribed(String host) {
    return subscribed(host, services.of("https://" + host + "/a").orElseThrow());
  }

  private Owner subscribed(String host, String service) {
    Owner guest = guests.guestOf(account);
    String endpoint = "https://%s/%s".formatted(host, guest.session().text());
    assertThat(
            queue.subscribe(guest, StoredGuests.subscription(endpoint), service, clock.instant()))
        .isTrue();
    return guest;
  }

  /** Messages ask for pushes, which are due then. */
  private void asked(List<Owner> some) {
    guests.wrote(some, clock.instant());
    clock.pass(Limits.PUSH_DELAY);
  }
}
