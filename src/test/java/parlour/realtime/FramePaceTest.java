package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.http.server.AddressRates;
import parlour.rates.LocalRateLimiter;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;

class FramePaceTest {
  private static final String CLIENT = "10.0.0.7";

  @Test
  void a_frame_too_many_waits_for_its_turn() {
    AtomicInteger asked = new AtomicInteger();
    RateLimiter refusesTwice = (rate, whose, drops) -> {
      assertThat(rate).isEqualTo(Rate.REALTIME_FRAMES);
      return asked.incrementAndGet() <= 2 ? Optional.of(Duration.ofMillis(1)) : Optional.empty();
    };
    new FramePace(new AddressRates(refusesTwice)).awaitTurn(CLIENT, 100);
    assertThat(asked).hasValue(3);
  }

  @Test
  void the_frames_of_an_address_are_counted_together_and_apart_from_those_of_another() {
    LocalRateLimiter limiter = new LocalRateLimiter(() -> 0);
    FramePace pace = new FramePace(new AddressRates(limiter));
    for (int i = 0; i < Rate.REALTIME_FRAMES.calls(); i++) {
      pace.awaitTurn(CLIENT, 100);
    }
    assertThat(limiter.tryAcquire(Rate.REALTIME_FRAMES, CLIENT)).isPresent();
    assertThat(limiter.tryAcquire(Rate.REALTIME_FRAMES, "10.0.0.9")).isEmpty();
  }

  @Test
  void a_long_frame_counts_as_many_short_ones() {
    LocalRateLimiter limiter = new LocalRateLimiter(() -> 0);
    FramePace pace = new FramePace(new AddressRates(limiter));
    long frames = Limits.REALTIME_FRAME_BYTES_PER_MINUTE / Limits.REALTIME_FRAME;
    for (int i = 0; i < frames - 1; i++) {
      pace.awaitTurn(CLIENT, Limits.REALTIME_FRAME);
    }
    assertThat(limiter.tryAcquire(Rate.REALTIME_FRAMES, CLIENT)).isEmpty();
    int oneMore = Rate.REALTIME_FRAMES.drops(2L * Limits.REALTIME_FRAME);
    assertThat(limiter.tryAcquire(Rate.REALTIME_FRAMES, CLIENT, oneMore)).isPresent();
  }

  @Test
  void a_short_frame_does_not_wait_until_a_long_one_of_another_socket_has_passed()
      throws InterruptedException {
    List<Integer> order = new CopyOnWriteArrayList<>();
    CountDownLatch longBegan = new CountDownLatch(1);
    CountDownLatch shortWaits = new CountDownLatch(1);
    RateLimiter limiter = (rate, whose, drops) -> {
      order.add(drops);
      longBegan.countDown();
      await(shortWaits);
      return Optional.empty();
    };
    FramePace pace = new FramePace(new AddressRates(limiter));
    Thread longOne = Thread.ofPlatform().start(() -> pace.awaitTurn(CLIENT, Limits.REALTIME_FRAME));
    await(longBegan);
    Thread shortOne = Thread.ofPlatform().start(() -> pace.awaitTurn(CLIENT, 1));
    while (shortOne.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    shortWaits.countDown();
    shortOne.join();
    longOne.join();
    assertThat(order).hasSizeGreaterThan(10);
    assertThat(order.indexOf(1)).as("the turn of the short frame in %s", order).isEqualTo(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
