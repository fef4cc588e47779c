package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.untilItWaits;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.WakeUps.Woken;
import parlour.events.LocalEventBus;

/** The wake-ups that one process has not fetched yet. */
class WakeUpStreamTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Sid.Account account = Sid.Account.random(random);
  private final Waiters waiters = new Waiters(new LocalEventBus(Limits.FOLLOW_TIMEOUT));
  private final WakeUpStream stream = new WakeUpStream("s", 3);

  private Optional<WakeUpStream.Waiting> waits(long follower) {
    return stream.add(follower, account, Instant.MAX, System.nanoTime(), waiters);
  }

  @Test
  void a_follower_is_woken_once_however_many_events_there_are() throws Exception {
    waits(7);
    waits(8);
    waiters.wake(account);
    waiters.wake(account);
    Woken first = stream.next(0, LONG).orElseThrow();
    assertThat(first.followers()).containsExactlyInAnyOrder(7L, 8L);
    waiters.wake(account);
    assertThat(stream.next(1, Duration.ZERO)).contains(new Woken(2, List.of()));
  }

  @Test
  void a_part_whose_answer_was_lost_is_sent_again_with_the_next_one() throws Exception {
    waits(7);
    waiters.wake(account);
    assertThat(stream.next(0, LONG)).contains(new Woken(1, List.of(7L)));
    waits(8);
    waiters.wake(account);
    Woken repeated = stream.next(0, LONG).orElseThrow();
    assertThat(repeated.followers()).containsExactlyInAnyOrder(7L, 8L);
    assertThat(stream.next(repeated.number(), Duration.ZERO))
        .contains(new Woken(repeated.number() + 1, List.of()));
    assertThat(stream.next(0, LONG)).as("a call that is too old").isEmpty();
  }

  @Test
  void a_call_that_was_repeated_while_it_waited_takes_nothing_from_the_repeated_one()
      throws Exception {
    var lost = new CompletableFuture<Optional<Woken>>();
    Thread first = Thread.ofVirtual().start(() -> answer(lost));
    untilItWaits(first);
    var arrives = new CompletableFuture<Optional<Woken>>();
    Thread second = Thread.ofVirtual().start(() -> answer(arrives));
    assertThat(lost.join()).isEmpty();
    untilItWaits(second);
    waits(7);
    waiters.wake(account);
    assertThat(arrives.join()).contains(new Woken(1, List.of(7L)));
  }

  private void answer(CompletableFuture<Optional<Woken>> answer) {
    try {
      answer.complete(stream.next(0, LONG));
    } catch (InterruptedException e) {
      answer.completeExceptionally(e);
    }
  }

  @Test
  void a_process_that_fetches_nothing_makes_this_one_keep_a_bounded_number_of_wake_ups()
      throws Exception {
    for (long follower = 1; follower <= 3; follower++) {
      assertThat(waits(follower)).isPresent();
    }
    assertThat(waits(4)).as("one too many").isEmpty();
    waiters.wake(account);
    waits(5);
    waiters.wake(account);
    assertThat(stream.next(0, LONG)).as("all followers read again").isEmpty();
    assertThat(waits(6)).isEmpty();
  }

  @Test
  void a_follower_that_waits_again_replaces_its_former_wait() throws Exception {
    WakeUpStream.Waiting former = waits(7).orElseThrow();
    waits(7);
    assertThat(stream.waiting()).hasSize(1);
    former.wake();
    assertThat(stream.next(0, Duration.ZERO)).contains(new Woken(1, List.of()));
    waiters.wake(account);
    assertThat(stream.next(1, LONG)).contains(new Woken(2, List.of(7L)));
    assertThat(stream.waiting()).isEmpty();
  }

  @Test
  void a_process_that_calls_no_more_is_given_up_after_two_of_its_deadlines() {
    long now = System.nanoTime();
    assertThat(stream.isAbandoned(now + Limits.CONVERSATIONS_DEADLINE.toNanos()))
        .isFalse();
    assertThat(stream.isAbandoned(now + Limits.WAKE_UP_SILENCE.multipliedBy(2).toNanos()))
        .isTrue();
  }
}
