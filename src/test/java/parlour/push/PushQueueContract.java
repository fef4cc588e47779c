package parlour.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.push.PushQueue.Owner;
import parlour.push.PushRecords.PushRecord;
import parlour.push.WaitingPushes.Claim;
import parlour.store.Database;

/** The contract of a store of push subscriptions, for every database. */
abstract class PushQueueContract {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  static final Instant DUE = NOW.plus(Limits.PUSH_DELAY);
  static final String GROUP = "*.push.example";
  static final String ENDPOINT = "https://one.push.example/a";

  final Sid.Account account = Sid.Account.random(new SecureRandom());
  Database database;
  SqlPushQueue queue;
  StoredGuests guests;

  /** Opens the same database each time, even if it is open already. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    queue = new SqlPushQueue(database);
    guests = new StoredGuests(database);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  Owner subscribed(String endpoint) {
    return subscribed(account, endpoint, NOW);
  }

  private Owner subscribed(Sid.Account whose, String endpoint, Instant now) {
    Owner guest = guests.guestOf(whose);
    subscribe(guest, endpoint, now);
    return guest;
  }

  private void subscribe(Owner guest, String endpoint, Instant now) {
    assertThat(queue.subscribe(guest, StoredGuests.subscription(endpoint), GROUP, now))
        .isTrue();
  }

  List<Claim<Owner>> claim(String service, Instant now) {
    return queue.claim(service, "lease", now, now.plus(Limits.PUSH_LEASE), 16);
  }

  @Test
  void an_endpoint_belongs_to_the_newest_session_of_its_account_and_other_accounts_keep_it() {
    Owner other = subscribed(Sid.Account.random(new SecureRandom()), ENDPOINT, NOW);
    Owner first = subscribed(ENDPOINT);
    Owner second = subscribed(ENDPOINT);
    assertThat(Stream.of(other, first, second).map(one -> queue.isSubscribed(one.session())))
        .containsExactly(true, false, true);
  }

  @Test
  void a_push_is_claimed_once() {
    Owner guest = subscribed(ENDPOINT);
    guests.wrote(List.of(guest), NOW);
    assertThat(claim(GROUP, NOW)).isEmpty();
    assertThat(claim(GROUP, DUE)).extracting(Claim::owner).containsExactly(guest);
    assertThat(claim(GROUP, DUE)).isEmpty();
    assertThat(claim(GROUP, DUE.plus(Limits.PUSH_LEASE))).hasSize(1);
  }

  @Test
  void a_host_that_has_accepted_a_push_is_a_service_of_its_own_until_the_endpoint_is_another() {
    Owner guest = subscribed(ENDPOINT);
    guests.wrote(List.of(guest), NOW);
    queue.done(claim(GROUP, DUE).getFirst(), "one.push.example", DUE);
    subscribe(guest, ENDPOINT, DUE);
    guests.wrote(List.of(guest), DUE);
    Instant later = DUE.plus(Limits.PUSH_DELAY);
    assertThat(queue.due(later)).containsExactly("one.push.example");
    subscribe(guest, "https://two.push.example/a", later);
    assertThat(queue.due(later)).containsExactly(GROUP);
  }

  @Test
  void a_host_that_has_accepted_a_push_of_one_guest_is_a_service_of_its_own_for_others() {
    Owner first = subscribed(ENDPOINT);
    guests.wrote(List.of(first), NOW);
    Claim<Owner> claim = claim(GROUP, DUE).getFirst();
    assertThat(queue.hasAccepted("one.push.example")).isFalse();
    queue.done(claim, "one.push.example", DUE);
    assertThat(queue.hasAccepted("one.push.example")).isTrue();
    guests.wrote(List.of(subscribed(ENDPOINT + "/b")), DUE);
    Instant later = DUE.plus(Limits.PUSH_DELAY);
    assertThat(queue.due(later)).containsExactly("one.push.example");
    guests.wrote(List.of(subscribed("https://two.push.example/a")), DUE);
    assertThat(queue.due(later)).containsExactlyInAnyOrder("one.push.example", GROUP);
  }

  @Test
  void a_new_session_of_the_only_browser_at_a_host_keeps_the_service() {
    Owner first = subscribed(ENDPOINT);
    guests.wrote(List.of(first), NOW);
    queue.done(claim(GROUP, DUE).getFirst(), "one.push.example", DUE);
    guests.wrote(List.of(subscribed(ENDPOINT)), DUE);
    assertThat(queue.due(DUE.plus(Limits.PUSH_DELAY))).containsExactly("one.push.example");
  }

  @Test
  void calls_without_an_answer_are_counted_until_the_push_is_done() {
    Owner guest = subscribed(ENDPOINT);
    guests.wrote(List.of(guest), NOW);
    queue.failed(claim(GROUP, DUE).getFirst(), 3, DUE, DUE);
    Claim<Owner> second = claim(GROUP, DUE).getFirst();
    assertThat(second.failures()).isEqualTo(1);
    assertThat(second.unanswered()).isEqualTo(3);
    queue.done(second, GROUP, DUE);
    guests.wrote(List.of(guest), DUE);
    assertThat(claim(GROUP, DUE.plus(Limits.PUSH_DELAY)).getFirst().unanswered())
        .isZero();
  }

  @Test
  void two_processes_check_different_sessions_and_again_after_the_lease() {
    List<Sid.Session> all = Stream.of("/a", "/b", "/c")
        .map(path -> subscribed(ENDPOINT + path).session())
        .toList();
    Instant before = NOW.plusSeconds(1);
    Instant until = before.plus(Limits.PUSH_CHECK_LEASE);
    List<Sid.Session> first = queue.claimUnchecked(before, until, 2);
    List<Sid.Session> second = queue.claimUnchecked(before, until, 2);
    assertThat(Stream.concat(first.stream(), second.stream()))
        .containsExactlyInAnyOrderElementsOf(all);
    assertThat(queue.claimUnchecked(until, until, 9)).isEmpty();
    queue.checked(all.getFirst(), until.plusSeconds(2));
    assertThat(queue.claimUnchecked(until.plusSeconds(1), until.plusSeconds(2), 9))
        .containsExactlyInAnyOrderElementsOf(all.subList(1, 3));
  }

  @Test
  void subscriptions_are_deleted_by_their_age_also_renewed_ones() {
    Owner old = subscribed(ENDPOINT);
    Owner fresh = subscribed(account, ENDPOINT + "/b", NOW.plusSeconds(2));
    subscribe(old, ENDPOINT, NOW.plusSeconds(2));
    assertThat(queue.deleteMadeBefore(NOW.plusSeconds(1), 9)).isEqualTo(1);
    assertThat(queue.isSubscribed(old.session())).isFalse();
    assertThat(queue.isSubscribed(fresh.session())).isTrue();
    assertThat(queue.deleteMadeBefore(NOW.plusSeconds(1), 9)).isZero();
  }

  @Test
  void the_subscriptions_of_many_sessions_are_deleted_together() {
    Owner kept = subscribed(ENDPOINT + "/kept");
    List<Sid.Session> ended = Stream.iterate(0, i -> i + 1)
        .limit(Limits.PUSH_STATEMENT + 2)
        .map(i -> subscribed(ENDPOINT + i).session())
        .toList();
    queue.unsubscribe(ended);
    assertThat(ended).noneMatch(queue::isSubscribed);
    assertThat(queue.isSubscribed(kept.session())).isTrue();
  }

  @Test
  void the_record_of_a_subscription_is_for_its_account_and_has_no_secret() {
    Owner guest = subscribed(ENDPOINT);
    PushSubscription stored = StoredGuests.subscription(ENDPOINT);
    assertThat(queue.ofConversation(account, guest.conversation()))
        .containsExactly(new PushRecord(
            guest.session(), ENDPOINT, stored.browserKey(), stored.title(), stored.text(), NOW));
    Sid.Account other = Sid.Account.random(new SecureRandom());
    assertThat(queue.ofConversation(other, guest.conversation())).isEmpty();
  }

  @Test
  void a_push_waits_from_the_message_until_it_is_done() {
    Owner guest = subscribed(ENDPOINT);
    assertThat(queue.waiting()).isZero();
    guests.wrote(List.of(guest), NOW);
    Claim<Owner> claim = claim(GROUP, DUE).getFirst();
    guests.wrote(List.of(guest), DUE);
    queue.done(claim, GROUP, DUE.plus(Duration.ofMinutes(1)));
    assertThat(queue.waiting()).as("a message during the call asks for another").isEqualTo(1);
    queue.done(claim(GROUP, DUE.plus(Duration.ofMinutes(1))).getFirst(), GROUP, DUE);
    assertThat(queue.waiting()).isZero();
  }
}
