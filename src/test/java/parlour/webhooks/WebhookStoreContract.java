package parlour.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.Responder;
import parlour.accounts.SqlAccounts;
import parlour.accounts.WebhookSecret;
import parlour.conversations.MessageIndex;
import parlour.conversations.Revision;
import parlour.spec.AtOnce;
import parlour.store.Database;
import parlour.webhooks.WebhookStore.Claim;
import parlour.webhooks.WebhookStore.DeliveryCursor;

/** The contract of each store of deliveries. */
abstract class WebhookStoreContract {
  private static final SecureRandom random = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(30);

  private final Sid.Account account = Sid.Account.random(random);
  private final Responder.Webhook webhook = new Responder.Webhook(
      URI.create("https://bot.example.com/parlour"), WebhookSecret.next(random));
  private final Accounts.Address address = new Accounts.Address(
      Sid.Address.random(random), account, "Bot", Optional.of("Hi {name}"), webhook, NOW);
  private final Sid.Conversation conversation = Sid.Conversation.random(random);
  private Database database;
  private Accounts accounts;
  private WebhookStore webhooks;
  private GivenUpEvents givenUp;

  /** Opens the same database each time, also while it is open. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    accounts = new SqlAccounts(database);
    webhooks = new SqlWebhookStore(database);
    givenUp = new SqlGivenUpEvents(database);
    accounts.create(
        new Accounts.Account(account, "Shop", NOW),
        new byte[32],
        new AccountKey(new byte[AccountKey.BYTES]));
    accounts.create(address);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void an_address_is_read_as_it_was_created_and_as_it_was_changed() {
    assertThat(accounts.addresses()).containsExactly(address);
    assertThat(webhooks.targets())
        .containsExactly(new WebhookStore.Target(address.sid(), account, NOW));
    Accounts.Address changed = new Accounts.Address(
        address.sid(), account, "Desk", Optional.empty(), new Responder.Inbox(), NOW);
    assertThat(accounts.update(accounts.version(), changed, LATER)).isTrue();
    assertThat(accounts.addresses()).containsExactly(changed);
    assertThat(webhooks.targets()).isEmpty();
    assertThat(accounts.update(accounts.version(), address, LATER)).isTrue();
    assertThat(webhooks.targets())
        .containsExactly(new WebhookStore.Target(address.sid(), account, LATER));
    assertThat(accounts.update(accounts.version(), address, LATER.plusSeconds(9)))
        .isTrue();
    assertThat(webhooks.targets()).extracting(WebhookStore.Target::since).containsExactly(LATER);
  }

  @Test
  void an_address_that_does_not_exist_is_not_changed() {
    Accounts.Address other =
        new Accounts.Address(Sid.Address.random(random), account, "Other", NOW);
    assertThat(accounts.update(accounts.version(), other, NOW)).isFalse();
  }

  @Test
  void a_recorded_change_is_due_and_claimed_once() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    assertThat(webhooks.due(NOW.minusMillis(1))).isEmpty();
    assertThat(webhooks.due(NOW)).containsExactly(address.sid());
    assertThat(webhooks.claim(address.sid(), "one", NOW, LATER, 5))
        .containsExactly(new Claim(
            conversation,
            account,
            address.sid(),
            webhook,
            "one",
            DeliveryCursor.NOTHING,
            0,
            Optional.empty()));
    assertThat(webhooks.claim(address.sid(), "two", NOW, LATER, 5)).isEmpty();
    assertThat(webhooks.due(NOW)).isEmpty();
  }

  @Test
  void an_attempt_that_a_wrong_clock_dated_far_ahead_is_due_now() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    Instant future = NOW.plus(Duration.ofDays(10));
    webhooks.failed(claim("one", future), "answered 500", future, future.plusSeconds(1));
    assertThat(webhooks.due(NOW)).containsExactly(address.sid());
    assertThat(webhooks.claim(address.sid(), "two", NOW, NOW.plusSeconds(30), 5))
        .hasSize(1);
    assertThat(webhooks.due(NOW)).isEmpty();
  }

  @Test
  void concurrent_claims_get_different_conversations() {
    for (int i = 0; i < 20; i++) {
      change(Sid.Conversation.random(random), 1, DeliveryCursor.NOTHING);
    }
    Set<Sid.Conversation> all = ConcurrentHashMap.newKeySet();
    List<Integer> counts = AtOnce.run(8, i -> {
      List<Claim> claims = webhooks.claim(address.sid(), "lease" + i, NOW, LATER, 4);
      claims.forEach(claim -> all.add(claim.conversation()));
      return claims.size();
    });
    assertThat(counts.stream().mapToInt(Integer::intValue).sum()).isEqualTo(all.size());
    webhooks
        .claim(address.sid(), "last", NOW, LATER, 20) // those that two claims tried to get at once
        .forEach(claim -> assertThat(all.add(claim.conversation())).isTrue());
    assertThat(all).hasSize(20);
  }

  @Test
  void a_claim_that_was_not_released_expires_and_its_holder_can_change_nothing() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    Claim dead = claim("dead", NOW);
    Claim alive = claim("alive", LATER);
    assertThat(webhooks.advance(dead, cursor(2, 0), LATER)).isFalse();
    webhooks.done(dead, cursor(3, 1), LATER);
    webhooks.failed(dead, "answered 500", LATER, LATER.plusSeconds(900));
    webhooks.release(dead, NOW);
    webhooks.delete(dead);
    assertThat(webhooks.advance(alive, cursor(2, 0), LATER.plusSeconds(30))).isTrue();
  }

  @Test
  void progress_is_stored_and_a_conversation_without_undelivered_events_is_not_due() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    Claim claim = claim("one", NOW);
    assertThat(webhooks.advance(claim, cursor(2, 0), LATER)).isTrue();
    Claim again = claim("two", LATER);
    assertThat(again.cursor()).isEqualTo(cursor(2, 0));
    webhooks.done(again, cursor(3, 1), LATER);
    assertThat(webhooks.due(LATER)).isEmpty();
    change(conversation, 3, DeliveryCursor.NOTHING);
    assertThat(webhooks.due(LATER)).isEmpty();
    change(conversation, 4, DeliveryCursor.NOTHING);
    assertThat(claim("three", LATER).cursor()).isEqualTo(cursor(3, 1));
  }

  @Test
  void a_change_that_is_recorded_late_does_not_lower_the_revision() {
    change(conversation, 5, DeliveryCursor.NOTHING);
    change(conversation, 3, DeliveryCursor.NOTHING);
    Claim claim = claim("one", NOW);
    webhooks.done(claim, cursor(4, 1), NOW);
    assertThat(webhooks.due(NOW)).containsExactly(address.sid()); // for the fifth revision
  }

  @Test
  void a_change_that_was_delivered_before_it_was_recorded_is_not_due() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    webhooks.done(claim("one", NOW), cursor(6, 3), NOW);
    change(conversation, 6, DeliveryCursor.NOTHING);
    assertThat(webhooks.due(NOW)).isEmpty();
  }

  @Test
  void failures_are_counted_until_the_event_is_delivered() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    webhooks.failed(claim("one", NOW), "answered 500", NOW, NOW.plusSeconds(1));
    assertThat(webhooks.due(NOW)).isEmpty();
    webhooks.failed(
        claim("two", NOW.plusSeconds(1)), "answered 503", NOW.plusSeconds(1), NOW.plusSeconds(3));
    assertThat(webhooks.statuses())
        .containsExactly(new WebhookStore.DeliveryStatus(address.sid(), 1, NOW, "answered 503"));
    Claim third = claim("three", NOW.plusSeconds(3));
    assertThat(third.failures()).isEqualTo(2);
    assertThat(third.failingSince()).contains(NOW);
    webhooks.advance(third, cursor(1, -1), NOW);
    Claim fourth = claim("four", NOW.plusSeconds(3));
    assertThat(fourth.failures()).isZero();
    assertThat(fourth.failingSince()).isEmpty();
    assertThat(webhooks.statuses())
        .containsExactly(new WebhookStore.DeliveryStatus(address.sid(), 1, null, null));
    webhooks.done(fourth, cursor(3, 1), NOW);
    assertThat(webhooks.statuses()).isEmpty();
  }

  @Test
  void a_released_conversation_is_due_at_the_given_time() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    webhooks.release(claim("one", NOW), LATER);
    assertThat(webhooks.due(NOW)).isEmpty();
    assertThat(claim("two", LATER).failures()).isZero();
  }

  @Test
  void delivery_starts_at_the_first_recorded_cursor() {
    change(conversation, 9, cursor(7, 4));
    assertThat(webhooks.hasRecord(conversation)).isTrue();
    assertThat(webhooks.hasRecord(Sid.Conversation.random(random))).isFalse();
    change(conversation, 10, DeliveryCursor.NOTHING);
    assertThat(claim("one", NOW).cursor()).isEqualTo(cursor(7, 4));
  }

  @Test
  void the_instant_of_the_last_recorded_change_only_grows() {
    assertThat(webhooks.recordedUntil(account)).isEmpty();
    webhooks.record(account, LATER, List.of(), NOW);
    webhooks.record(account, NOW, List.of(), NOW);
    assertThat(webhooks.recordedUntil(account)).contains(LATER);
  }

  @Test
  void a_change_to_the_inbox_deletes_the_pending_deliveries() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    Claim claim = claim("one", NOW);
    accounts.update(accounts.version(), inbox(), LATER);
    assertThat(webhooks.advance(claim, cursor(2, 0), LATER)).isFalse();
    assertThat(webhooks.hasRecord(conversation)).isFalse();
    assertThat(webhooks.recordedUntil(account)).isEmpty();
    change(conversation, 4, DeliveryCursor.NOTHING);
    assertThat(webhooks.hasRecord(conversation)).isFalse();
    assertThat(webhooks.due(LATER)).isEmpty();
    assertThat(webhooks.claim(address.sid(), "two", LATER, LATER, 5)).isEmpty();
  }

  @Test
  void another_webhook_of_the_account_keeps_its_recorded_instant() {
    accounts.create(new Accounts.Address(
        Sid.Address.random(random), account, "Second", Optional.empty(), webhook, NOW));
    change(conversation, 3, DeliveryCursor.NOTHING);
    accounts.update(accounts.version(), inbox(), LATER);
    assertThat(webhooks.recordedUntil(account)).contains(NOW);
  }

  @Test
  void a_changed_webhook_is_due_at_once_and_needs_a_new_lease() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    Claim before = claim("one", NOW);
    Responder.Webhook elsewhere =
        new Responder.Webhook(URI.create("https://other.example.com/"), webhook.secret());
    accounts.update(
        accounts.version(),
        new Accounts.Address(address.sid(), account, "Bot", Optional.empty(), elsewhere, NOW),
        NOW.plusSeconds(1));
    assertThat(webhooks.advance(before, cursor(2, 0), LATER)).isFalse();
    assertThat(claim("two", NOW.plusSeconds(1)).webhook()).isEqualTo(elsewhere);
  }

  @Test
  void a_change_that_leaves_the_webhook_as_it_is_disturbs_no_delivery() {
    Sid.Conversation failing = Sid.Conversation.random(random);
    change(failing, 3, DeliveryCursor.NOTHING);
    webhooks.failed(claim("one", NOW), "answered 500", NOW, NOW.plusSeconds(20));
    change(conversation, 3, DeliveryCursor.NOTHING);
    Claim running = claim("two", NOW);
    Instant now = NOW.plusSeconds(1);
    assertThat(accounts.update(accounts.version(), with("Renamed", webhook), now))
        .isTrue();
    assertThat(webhooks.claim(address.sid(), "three", now, LATER, 5))
        .as("one is sent, and the other one waits for its next attempt")
        .isEmpty();
    assertThat(webhooks.advance(running, cursor(1, 0), LATER)).isTrue();
  }

  @Test
  void a_new_secret_is_used_at_once() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    Claim before = claim("one", NOW);
    Responder.Webhook renewed = new Responder.Webhook(webhook.url(), WebhookSecret.next(random));
    accounts.update(accounts.version(), with("Bot", renewed), NOW.plusSeconds(1));
    assertThat(webhooks.advance(before, cursor(2, 0), LATER)).isFalse();
    assertThat(claim("two", NOW.plusSeconds(1)).webhook()).isEqualTo(renewed);
  }

  @Test
  void a_redelivery_to_a_webhook_that_was_changed_meanwhile_goes_to_the_new_one() {
    giveUp(2);
    givenUp.deliverAgain(address.sid(), Optional.empty(), NOW, 9);
    GivenUpEvents.Redelivery before = redelivery("one", NOW);
    Responder.Webhook elsewhere =
        new Responder.Webhook(URI.create("https://other.example.com/"), webhook.secret());
    accounts.update(accounts.version(), with("Bot", elsewhere), NOW.plusSeconds(1));
    givenUp.delete(before);
    assertThat(givenUp.failed(before, "timed out")).isFalse();
    assertThat(givenUp.newest(address.sid(), 9))
        .as("the old server has accepted it")
        .hasSize(2);
    GivenUpEvents.Redelivery after = redelivery("two", NOW.plusSeconds(1));
    assertThat(after.eventId()).isEqualTo(before.eventId());
    assertThat(after.claim().webhook()).isEqualTo(elsewhere);
  }

  @Test
  void an_address_of_another_account_is_not_recorded() {
    Sid.Account other = Sid.Account.random(random);
    accounts.create(
        new Accounts.Account(other, "Other", NOW),
        new byte[32],
        new AccountKey(new byte[AccountKey.BYTES]));
    webhooks.record(
        other,
        NOW,
        List.of(new WebhookStore.PendingChange(
            conversation, address.sid(), new Revision(3), DeliveryCursor.NOTHING)),
        NOW);
    assertThat(webhooks.hasRecord(conversation)).isFalse();
  }

  @Test
  void old_records_are_deleted_unless_events_wait() {
    Sid.Conversation waiting = Sid.Conversation.random(random);
    change(conversation, 3, DeliveryCursor.NOTHING);
    webhooks.done(claim("one", NOW), cursor(3, 1), NOW);
    change(waiting, 3, DeliveryCursor.NOTHING);
    assertThat(webhooks.sweep(NOW, 10)).isZero();
    assertThat(webhooks.sweep(LATER, 10)).isEqualTo(1);
    assertThat(webhooks.hasRecord(conversation)).isFalse();
    assertThat(webhooks.hasRecord(waiting)).isTrue();
    webhooks.delete(claim("two", NOW));
    assertThat(webhooks.hasRecord(waiting)).isFalse();
  }

  @Test
  void the_status_of_a_webhook_has_its_backlog_and_its_last_success_and_failure() {
    assertThat(webhooks.webhooks(account, 9))
        .containsExactly(new WebhookStore.WebhookStatus(
            address.sid(),
            "Bot",
            webhook.url(),
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0));
    assertThat(webhooks.webhooks(Sid.Account.random(random), 9)).isEmpty();
    change(conversation, 3, DeliveryCursor.NOTHING);
    webhooks.record(
        account,
        LATER,
        List.of(new WebhookStore.PendingChange(
            conversation, address.sid(), new Revision(4), DeliveryCursor.NOTHING)),
        LATER);
    webhooks.failed(claim("one", NOW), "answered 500", NOW, LATER);
    assertThat(status())
        .returns(1L, WebhookStore.WebhookStatus::waiting)
        .returns(Optional.of(NOW), WebhookStore.WebhookStatus::waitingSince)
        .returns(Optional.of(NOW), WebhookStore.WebhookStatus::failingSince)
        .returns(
            Optional.of(new WebhookStore.Failure(NOW, "answered 500")),
            WebhookStore.WebhookStatus::failure);
    Claim second = claim("two", LATER);
    webhooks.accepted(address.sid(), LATER);
    webhooks.done(second, cursor(4, 1), LATER);
    assertThat(status())
        .returns(0L, WebhookStore.WebhookStatus::waiting)
        .returns(Optional.empty(), WebhookStore.WebhookStatus::waitingSince)
        .returns(Optional.empty(), WebhookStore.WebhookStatus::failingSince)
        .returns(Optional.of(LATER), WebhookStore.WebhookStatus::accepted)
        .returns(
            Optional.of(new WebhookStore.Failure(NOW, "answered 500")),
            WebhookStore.WebhookStatus::failure);
    accounts.update(accounts.version(), inbox(), LATER);
    accounts.update(accounts.version(), address, LATER);
    assertThat(status())
        .returns(Optional.empty(), WebhookStore.WebhookStatus::accepted)
        .returns(Optional.empty(), WebhookStore.WebhookStatus::failure);
  }

  @Test
  void a_conversation_that_waits_for_its_next_attempt_is_due_when_it_is_requested() {
    Sid.Conversation claimed = Sid.Conversation.random(random);
    change(conversation, 3, DeliveryCursor.NOTHING);
    webhooks.failed(claim("one", NOW), "answered 500", NOW, LATER);
    change(claimed, 3, DeliveryCursor.NOTHING);
    Claim running = claim("two", NOW);
    assertThat(webhooks.deliverNow(Sid.Address.random(random), NOW, 9)).isZero();
    assertThat(webhooks.deliverNow(address.sid(), NOW, 9)).isEqualTo(1);
    assertThat(webhooks.deliverNow(address.sid(), NOW, 9)).as("it is due").isZero();
    assertThat(claim("three", NOW).conversation()).isEqualTo(conversation);
    assertThat(webhooks.advance(running, cursor(2, 0), LATER))
        .as("a running delivery keeps its lease")
        .isTrue();
  }

  @Test
  void an_event_that_was_given_up_is_kept_until_it_is_delivered() {
    change(conversation, 3, DeliveryCursor.NOTHING);
    Claim claim = claim("one", NOW);
    assertThat(webhooks.giveUp(claim, givingUp(1), LATER)).isTrue();
    assertThat(webhooks.giveUp(claim, givingUp(2), LATER)).isTrue();
    assertThat(claim("two", LATER).cursor()).isEqualTo(cursor(2, 0));
    assertThat(webhooks.giveUp(claim, givingUp(3), LATER))
        .as("the lease was lost")
        .isFalse();
    assertThat(givenUp.newest(address.sid(), 9))
        .extracting(GivenUpEvents.GivenUp::eventId)
        .containsExactly(id(2), id(1));
    assertThat(givenUp.newest(address.sid(), 9).getLast())
        .isEqualTo(new GivenUpEvents.GivenUp(
            id(1), "message.added", address.sid(), conversation, NOW.plusSeconds(1), "410", false));
    assertThat(status().givenUp()).isEqualTo(2);

    assertThat(givenUp.due(LATER)).isEmpty();
    assertThat(givenUp.deliverAgain(Sid.Address.random(random), Optional.empty(), LATER, 9))
        .isZero();
    assertThat(givenUp.deliverAgain(address.sid(), Optional.of(id(2)), LATER, 9))
        .isEqualTo(1);
    assertThat(givenUp.deliverAgain(address.sid(), Optional.empty(), LATER, 9))
        .as("without the one that is due")
        .isEqualTo(1);
    assertThat(givenUp.due(LATER)).containsExactly(address.sid());
    GivenUpEvents.Redelivery first = redelivery("three", LATER);
    assertThat(first.eventId()).isEqualTo(id(1));
    assertThat(first.claim().cursor()).isEqualTo(cursor(0, -1));
    assertThat(first.claim().webhook()).isEqualTo(webhook);
    GivenUpEvents.Redelivery second = redelivery("four", LATER);
    assertThat(second.eventId()).isEqualTo(id(2));
    assertThat(givenUp.claim(address.sid(), "five", LATER, LATER.plusSeconds(30)))
        .isEmpty();
    givenUp.delete(first);
    assertThat(givenUp.failed(second, "answered 500")).isTrue();
    assertThat(givenUp.newest(address.sid(), 9))
        .containsExactly(new GivenUpEvents.GivenUp(
            id(2),
            "message.added",
            address.sid(),
            conversation,
            NOW.plusSeconds(2),
            "answered 500",
            false));
    assertThat(givenUp.due(LATER)).isEmpty();
  }

  @Test
  void a_redelivery_whose_lease_ended_is_claimed_again_and_its_first_holder_changes_nothing() {
    giveUp(2);
    givenUp.deliverAgain(address.sid(), Optional.empty(), NOW, 9);
    GivenUpEvents.Redelivery dead = redelivery("dead", NOW);
    GivenUpEvents.Redelivery other = redelivery("other", NOW);
    assertThat(givenUp.due(NOW)).isEmpty();
    givenUp.cancel(address.sid());
    assertThat(givenUp.due(NOW.plusSeconds(30))).as("both are claimed").isNotEmpty();
    GivenUpEvents.Redelivery alive = redelivery("alive", NOW.plusSeconds(30));
    assertThat(alive.eventId()).isEqualTo(dead.eventId());
    givenUp.delete(dead);
    assertThat(givenUp.failed(dead, "answered 500")).isFalse();
    givenUp.release(other, LATER.plusSeconds(9));
    givenUp.cancel(address.sid());
    givenUp.release(alive, LATER);
    assertThat(givenUp.newest(address.sid(), 9))
        .extracting(GivenUpEvents.GivenUp::isDue)
        .containsExactly(false, true);
  }

  @Test
  void events_that_were_given_up_are_bounded_by_age_by_number_and_for_one_conversation() {
    giveUp(Limits.WEBHOOK_GIVEN_UP_OF_CONVERSATION + 3);
    assertThat(givenUp.newest(address.sid(), 1_000))
        .hasSize(Limits.WEBHOOK_GIVEN_UP_OF_CONVERSATION);
    assertThat(givenUp.trim(10, 85)).isEqualTo(85);
    assertThat(givenUp.trim(10, 85)).isEqualTo(5);
    assertThat(givenUp.newest(address.sid(), 1_000)).hasSize(10);
    assertThat(givenUp.sweep(NOW.plusSeconds(92), 100)).isEqualTo(1);
    assertThat(givenUp.sweep(NOW.plusSeconds(92), 100)).isZero();
    accounts.update(accounts.version(), inbox(), LATER);
    assertThat(givenUp.newest(address.sid(), 1_000)).isEmpty();
  }

  private void giveUp(int events) {
    change(conversation, events + 1, DeliveryCursor.NOTHING);
    Claim claim = claim("giving up", NOW);
    for (int i = 1; i <= events; i++) {
      assertThat(webhooks.giveUp(claim, givingUp(i), LATER)).isTrue();
    }
  }

  private WebhookStore.GivingUp givingUp(int number) {
    return new WebhookStore.GivingUp(
        id(number),
        "message.added",
        cursor(number - 1, number == 1 ? -1 : 0),
        cursor(number, 0),
        NOW.plusSeconds(number),
        "410");
  }

  private String id(int number) {
    return conversation.text() + "-" + number + "-message-added";
  }

  private GivenUpEvents.Redelivery redelivery(String lease, Instant now) {
    return givenUp.claim(address.sid(), lease, now, now.plusSeconds(30)).orElseThrow();
  }

  private WebhookStore.WebhookStatus status() {
    return webhooks.webhooks(account, 9).getFirst();
  }

  private Accounts.Address inbox() {
    return new Accounts.Address(
        address.sid(), account, "Bot", Optional.empty(), new Responder.Inbox(), NOW);
  }

  private Accounts.Address with(String name, Responder responder) {
    return new Accounts.Address(address.sid(), account, name, Optional.empty(), responder, NOW);
  }

  private static DeliveryCursor cursor(long revision, long index) {
    return new DeliveryCursor(new Revision(revision), new MessageIndex(index));
  }

  private void change(Sid.Conversation of, long revision, DeliveryCursor start) {
    webhooks.record(
        account,
        NOW,
        List.of(new WebhookStore.PendingChange(of, address.sid(), new Revision(revision), start)),
        NOW);
  }

  private Claim claim(String lease, Instant now) {
    List<Claim> claims = webhooks.claim(address.sid(), lease, now, now.plusSeconds(30), 1);
    assertThat(claims).hasSize(1);
    return claims.getFirst();
  }
}
