package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.await;
import static parlour.Eventually.untilItWaits;

import java.time.Duration;
import java.util.ArrayList;
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
  private static final int LONG_FRAME = 64 * 1024;

  private record Taken(Thread by, int drops) {}

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
  void a_short_frame_waits_for_one_drop_of_each_other_socket_however_long_their_frames_are()
      throws InterruptedException {
    int sockets = 50;
    List<Taken> taken = new CopyOnWriteArrayList<>();
    CountDownLatch firstBegan = new CountDownLatch(1);
    CountDownLatch allWait = new CountDownLatch(1);
    RateLimiter limiter = (rate, whose, drops) -> {
      taken.add(new Taken(Thread.currentThread(), drops));
      firstBegan.countDown();
      await(allWait);
      return Optional.empty();
    };
    FramePace pace = new FramePace(new AddressRates(limiter));
    List<Thread> longOnes = new ArrayList<>();
    longOnes.add(Thread.ofPlatform().start(() -> pace.awaitTurn(CLIENT, LONG_FRAME)));
    await(firstBegan);
    while (longOnes.size() < sockets) {
      longOnes.add(waitsForItsTurn(pace, LONG_FRAME));
    }
    Thread shortOne = waitsForItsTurn(pace, 1);
    allWait.countDown();
    shortOne.join();
    for (Thread longOne : longOnes) {
      longOne.join();
    }
    assertThat(taken.stream()
            .takeWhile(one -> !one.by().equals(shortOne))
            .mapToInt(Taken::drops)
            .sum())
        .as("drops before the short frame")
        .isEqualTo(sockets);
    assertThat(taken.stream().mapToInt(Taken::drops).sum())
        .as("drops of all frames")
        .isEqualTo(sockets * Rate.REALTIME_FRAMES.drops(LONG_FRAME) + 1);
  }

  private static Thread waitsForItsTurn(FramePace pace, int bytes) throws InterruptedException {
    Thread socket = Thread.ofPlatform().start(() -> pace.awaitTurn(CLIENT, bytes));
    untilItWaits(socket);
    return socket;
  }
}
