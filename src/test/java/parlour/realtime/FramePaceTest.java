package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import parlour.http.server.AddressRates;
import parlour.rates.LocalRateLimiter;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;

class FramePaceTest {
  @Test
  void a_frame_too_many_waits_for_its_turn() {
    AtomicInteger asked = new AtomicInteger();
    RateLimiter refusesTwice = (rate, whose, drops) -> {
      assertThat(rate).isEqualTo(Rate.REALTIME_FRAMES);
      return asked.incrementAndGet() <= 2 ? Optional.of(Duration.ofMillis(1)) : Optional.empty();
    };
    new FramePace(new AddressRates(refusesTwice), "10.0.0.7").awaitTurn();
    assertThat(asked).hasValue(3);
  }

  @Test
  void the_frames_of_an_address_are_counted_together_whichever_socket_they_come_from() {
    LocalRateLimiter limiter = new LocalRateLimiter(() -> 0);
    AddressRates addresses = new AddressRates(limiter);
    FramePace one = new FramePace(addresses, "10.0.0.7");
    FramePace other = new FramePace(addresses, "10.0.0.7");
    for (int i = 0; i < Rate.REALTIME_FRAMES.calls() / 2; i++) {
      one.awaitTurn();
      other.awaitTurn();
    }
    assertThat(limiter.tryAcquire(Rate.REALTIME_FRAMES, "10.0.0.7")).isPresent();
    assertThat(limiter.tryAcquire(Rate.REALTIME_FRAMES, "10.0.0.9")).isEmpty();
  }
}
