package parlour.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.rates.LocalRateLimiter;
import parlour.rates.RateLimiter;
import parlour.spec.AtOnce;
import parlour.spec.StoppedClock;
import parlour.trace.Trace;

class LedgerQueueTest {
  private static final LedgerNote FORGED = LedgerNote.of(
          LedgerNote.GUEST_REFUSED, "not sealed by a key of this installation")
      .refusedBy(45775);
  private static final LedgerNote EXPIRED =
      LedgerNote.of(LedgerNote.GUEST_REFUSED, "expired").refusedBy(45775);

  private static final LedgerNote SIGNED_OUT =
      LedgerNote.of("agent-signed-out", "").by("ann", "");

  private static final LedgerNote UNLISTED = LedgerNote.of(
          LedgerNote.PAGE_REFUSED, "the page's origin is not on the list")
      .refusedBy(45772);

  /** More than the number that can use up what strangers can add. */
  private static final List<Sid.Deployment> DEPLOYMENTS = Stream.generate(
          () -> Sid.Deployment.random(new SecureRandom()))
      .limit(Limits.LEDGER_DEPLOYMENT_PART + 1)
      .toList();

  private final StoppedClock clock = new StoppedClock();
  private final List<LedgerEntry> stored = new ArrayList<>();
  private final LedgerQueue queue = queue(new LocalRateLimiter(clock::nanoTime));

  @Test
  void a_note_gets_the_time_and_the_trace_of_its_request() {
    Trace trace = Trace.begin();
    trace.during(() -> {
      queue.add(EXPIRED);
      return trace;
    });
    queue.add(FORGED);
    queue.flush(stored::addAll);
    assertThat(stored).extracting(LedgerEntry::note).containsExactly(EXPIRED, FORGED);
    assertThat(stored).extracting(LedgerEntry::trace).containsExactly(trace.id(), "");
    assertThat(stored).extracting(LedgerEntry::at).containsOnly(clock.instant());
  }

  @Test
  void a_flood_of_one_cause_is_sampled_and_counted_and_hides_no_other_cause() {
    int flood = Limits.LEDGER_NOTES_PER_MINUTE + 4_321;
    var _ = AtOnce.run(4, thread -> {
      for (int i = 0; i < flood / 4; i++) {
        queue.add(FORGED);
      }
      return thread;
    });
    queue.add(EXPIRED);
    clock.pass(Limits.LEDGER_COUNT);
    queue.flush(group -> {
      assertThat(group).hasSizeLessThanOrEqualTo(Limits.LEDGER_GROUP);
      stored.addAll(group);
    });
    assertThat(stored.stream().filter(entry -> entry.leftOut() == 0).map(LedgerEntry::note))
        .contains(EXPIRED)
        .hasSize(Limits.LEDGER_NOTES_PER_MINUTE + 1);
    assertThat(stored.stream().filter(entry -> entry.leftOut() > 0))
        .singleElement()
        .satisfies(count -> {
          assertThat(count.note()).isEqualTo(FORGED);
          assertThat(count.leftOut()).isEqualTo(flood / 4 * 4 - Limits.LEDGER_NOTES_PER_MINUTE);
        });
  }

  @Test
  void of_an_outage_some_calls_a_minute_are_kept_of_several_networks_and_the_others_are_counted() {
    LedgerNote outage =
        LedgerNote.of(LedgerNote.OUTAGE, "ScopedAuthService did not answer").refusedBy(45774);
    int calls = 0;
    for (int network = 0; network < 2 * Limits.LEDGER_NETWORK_PART; network++) {
      LedgerShare share = new LedgerShare(Optional.empty(), Optional.of("network " + network));
      for (int i = 0; i < Limits.LEDGER_OUTAGES_PER_MINUTE; i++) {
        queue.add(outage, share);
        calls++;
      }
    }
    queue.flushAtTheEnd(stored::addAll);
    assertThat(stored.stream().filter(entry -> entry.leftOut() == 0))
        .hasSize(Limits.LEDGER_OUTAGES_PER_MINUTE);
    assertThat(stored.stream().mapToLong(LedgerEntry::leftOut).sum())
        .isEqualTo(calls - Limits.LEDGER_OUTAGES_PER_MINUTE);
    stored.clear();
    clock.pass(Limits.RATE_WINDOW);
    queue.add(outage, new LedgerShare(Optional.empty(), Optional.of("network 0")));
    queue.flush(stored::addAll);
    assertThat(stored).hasSize(1);
  }

  @Test
  void a_flood_of_a_whole_day_is_bounded() {
    long notes = 0;
    for (int minute = 0; minute < 60; minute++) {
      Sid.Deployment called = DEPLOYMENTS.get(minute % DEPLOYMENTS.size());
      flood(FORGED.ofGuest(Optional.empty(), Optional.of(called)));
      queue.flush(stored::addAll);
      notes += Limits.LEDGER_NOTES_PER_MINUTE;
      clock.pass(Limits.RATE_WINDOW);
    }
    queue.flushAtTheEnd(stored::addAll);
    long one = stored.stream().filter(entry -> entry.leftOut() == 0).count();
    assertThat(one)
        .isBetween((long) Limits.LEDGER_NOTES_PER_DAY, Limits.LEDGER_NOTES_PER_DAY * 11L / 10);
    assertThat(one + stored.stream().mapToLong(LedgerEntry::leftOut).sum()).isEqualTo(notes);
  }

  @Test
  void a_flood_hides_no_first_refusal_of_a_session_with_the_same_cause() {
    Optional<Sid.Session> one = Optional.of(Sid.Session.random(new SecureRandom()));
    Optional<Sid.Session> another = Optional.of(Sid.Session.random(new SecureRandom()));
    flood(EXPIRED);
    queue.add(EXPIRED.ofGuest(one, Optional.empty()));
    queue.add(EXPIRED.ofGuest(one, Optional.empty()));
    queue.add(EXPIRED.ofGuest(another, Optional.empty()));
    queue.add(EXPIRED.by("ann", ""));
    queue.flush(stored::addAll);
    assertThat(stored).hasSize(Limits.LEDGER_NOTES_PER_MINUTE + 3);
    assertThat(stored.stream().flatMap(entry -> entry.note().session().stream()))
        .containsExactly(one.orElseThrow(), another.orElseThrow());
  }

  @Test
  void floods_of_several_causes_are_bounded_together_and_leave_room_for_actions() {
    for (int minute = 0; minute < 12; minute++) {
      for (int cause = 0; cause < DEPLOYMENTS.size(); cause++) {
        flood(LedgerNote.of(LedgerNote.GUEST_REFUSED, "cause " + cause)
            .refusedBy(45775)
            .ofGuest(Optional.empty(), Optional.of(DEPLOYMENTS.get(cause))));
        queue.flush(stored::addAll);
      }
      clock.pass(Limits.RATE_WINDOW);
    }
    assertThat(stored.stream().filter(entry -> entry.leftOut() == 0))
        .hasSizeBetween(
            Limits.LEDGER_STRANGERS_PER_DAY, Limits.LEDGER_STRANGERS_PER_DAY * 102 / 100);
    stored.clear();
    LedgerNote deed = LedgerNote.of(LedgerNote.SESSION_REVOKED, "by hand");
    queue.add(deed);
    queue.flush(stored::addAll);
    assertThat(stored).extracting(LedgerEntry::note).contains(deed);
  }

  @Test
  void guests_who_end_their_chats_leave_room_for_actions() {
    for (int i = 0; i < Limits.LEDGER_QUEUE + 1; i++) {
      queue.add(LedgerNote.of(LedgerNote.GUEST_ENDED, "the guest ended the chat " + i % 32));
    }
    LedgerNote deed = LedgerNote.of(LedgerNote.SESSION_REVOKED, "by hand");
    queue.add(deed);
    queue.flush(stored::addAll);
    assertThat(stored).extracting(LedgerEntry::note).contains(deed);
    assertThat(stored).hasSizeLessThanOrEqualTo(Limits.LEDGER_QUEUE_OF_STRANGERS + 1);
  }

  @Test
  void one_network_and_one_deployment_use_up_only_their_part() {
    Optional<Sid.Deployment> one = Optional.of(DEPLOYMENTS.get(0));
    Optional<Sid.Deployment> another = Optional.of(DEPLOYMENTS.get(1));
    assertThat(keptOfDay(i -> new LedgerShare(one, Optional.of("a network"))))
        .isEqualTo(Limits.LEDGER_STRANGERS_PER_DAY / Limits.LEDGER_NETWORK_PART);
    assertThat(keptOfDay(i -> new LedgerShare(another, Optional.of("a network"))))
        .as("another deployment")
        .isZero();
    assertThat(keptOfDay(i -> new LedgerShare(one, Optional.of("network " + i))))
        .isEqualTo(Limits.LEDGER_STRANGERS_PER_DAY / Limits.LEDGER_DEPLOYMENT_PART
            - Limits.LEDGER_STRANGERS_PER_DAY / Limits.LEDGER_NETWORK_PART);
    assertThat(keptOfDay(i -> new LedgerShare(one, Optional.empty()))).isZero();
    queue.add(UNLISTED, new LedgerShare(another, Optional.of("another network")));
    queue.flush(stored::addAll);
    assertThat(stored).as("of another customer").hasSize(1);
  }

  /** How many of a flood with many causes are kept; the clock stands still. */
  private int keptOfDay(IntFunction<LedgerShare> shares) {
    for (int i = 0; i < Limits.LEDGER_NOTES_PER_DAY; i++) {
      LedgerNote note =
          LedgerNote.of(LedgerNote.PAGE_REFUSED, "cause " + i % 32).refusedBy(45772);
      queue.add(note, shares.apply(i));
      if (i % 1_000 == 0) {
        queue.flush(stored::addAll);
      }
    }
    queue.flush(stored::addAll);
    int kept = stored.size();
    stored.clear();
    return kept;
  }

  @Test
  void one_network_cannot_use_up_the_first_events_of_all_sessions() {
    SecureRandom random = new SecureRandom();
    LedgerShare flood = new LedgerShare(Optional.of(DEPLOYMENTS.get(0)), Optional.of("a network"));
    for (int i = 0; i < Limits.LEDGER_FIRSTS_PER_DAY; i++) {
      Optional<Sid.Session> session = Optional.of(Sid.Session.random(random));
      queue.add(EXPIRED.ofGuest(session, flood.deployment()), flood);
      if (i % 1_000 == 0) {
        queue.flush(stored::addAll);
      }
    }
    queue.flush(stored::addAll);
    assertThat(stored)
        .hasSize(Limits.LEDGER_FIRSTS_PER_DAY / Limits.LEDGER_NETWORK_PART
            + Limits.LEDGER_NOTES_PER_MINUTE);
    stored.clear();
    Optional<Sid.Session> honest = Optional.of(Sid.Session.random(random));
    queue.add(
        EXPIRED.ofGuest(honest, flood.deployment()),
        new LedgerShare(flood.deployment(), Optional.of("another network")));
    queue.flush(stored::addAll);
    assertThat(stored).hasSize(1);
  }

  @Test
  void while_the_disk_is_nearly_full_events_of_strangers_are_only_counted() {
    queue.add(EXPIRED);
    queue.add(EXPIRED);
    queue.add(SIGNED_OUT);
    for (int attempt = 0; attempt < 3; attempt++) {
      assertThatThrownBy(() -> queue.flush(group -> queue.storeWithoutStrangers(group, _ -> {
            throw new Unavailable("a store of a test", "has no room", null);
          })))
          .isInstanceOf(Unavailable.class);
    }
    queue.flush(group -> queue.storeWithoutStrangers(group, stored::addAll));
    assertThat(stored).extracting(LedgerEntry::note).containsExactly(SIGNED_OUT);
    clock.pass(Limits.LEDGER_COUNT);
    queue.flush(group -> queue.storeWithoutStrangers(group, stored::addAll));
    assertThat(stored.getLast().note()).isEqualTo(EXPIRED);
    assertThat(stored.getLast().leftOut()).as("each repeated group once").isEqualTo(2);
  }

  private void flood(LedgerNote note) {
    for (int i = 0; i < Limits.LEDGER_NOTES_PER_MINUTE; i++) {
      queue.add(note);
    }
  }

  @Test
  void the_origin_of_a_page_is_kept_up_to_a_bound() {
    assertThat(FORGED
            .from(Optional.of("https://" + "a".repeat(300) + ".example.com"))
            .page())
        .hasValueSatisfying(page -> assertThat(page).hasSize(Limits.LEDGER_PAGE_CHARACTERS));
  }

  @Test
  void while_the_store_is_down_a_bounded_number_waits_and_the_rest_is_counted() {
    LedgerQueue unlimited = queue(RateLimiter.UNLIMITED);
    unlimited.add(EXPIRED);
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> unlimited.flush(_ -> {
            throw new Unavailable("a store of a test", "is down", null);
          }))
          .isInstanceOf(Unavailable.class);
    }
    for (int i = 0; i < Limits.LEDGER_QUEUE_OF_STRANGERS + 7; i++) {
      unlimited.add(FORGED);
    }
    assertThat(unlimited.waiting()).isEqualTo(Limits.LEDGER_QUEUE_OF_STRANGERS);
    assertThat(unlimited.outcomes()).containsEntry("lost", 7.0).containsEntry("stored", 0.0);
    for (int i = Limits.LEDGER_QUEUE_OF_STRANGERS; i < Limits.LEDGER_QUEUE; i++) {
      unlimited.add(SIGNED_OUT);
    }
    assertThat(unlimited.waiting()).as("strangers leave room").isEqualTo(Limits.LEDGER_QUEUE);
    assertThat(unlimited.outcomes()).containsEntry("lost", 7.0);
    unlimited.flush(stored::addAll);
    assertThat(stored).hasSize(Limits.LEDGER_QUEUE + 1);
    assertThat(stored.getFirst().note()).as("the oldest one first").isEqualTo(EXPIRED);
    unlimited.flushAtTheEnd(stored::addAll);
    assertThat(stored.getLast().leftOut()).isEqualTo(7);
    assertThat(unlimited.outcomes()).containsEntry("stored", Limits.LEDGER_QUEUE + 2.0);
  }

  private LedgerQueue queue(RateLimiter rates) {
    return new LedgerQueue(rates, clock, new Random(1));
  }
}
