package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import parlour.http.server.BytePool.Held;

class BytePoolTest {
  private static final Duration AT_ONCE = Duration.ZERO;

  private final BytePool pool = new BytePool(80, 10);

  @Test
  void one_client_can_hold_only_its_share() {
    Held most = pool.hold("a", 10, AT_ONCE).orElseThrow();
    assertThat(pool.hold("a", 1, AT_ONCE)).isEmpty();
    assertThat(pool.hold("b", 10, AT_ONCE)).isPresent();
    most.shrinkTo(6);
    assertThat(pool.hold("a", 4, AT_ONCE)).isPresent();
    assertThat(pool.hold("a", 1, AT_ONCE)).isEmpty();
  }

  @Test
  void all_clients_together_hold_the_whole_pool() {
    List<Held> held = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      held.add(pool.hold("client " + i, 10, AT_ONCE).orElseThrow());
    }
    assertThat(pool.hold("one more", 1, AT_ONCE)).isEmpty();
    assertThat(pool.hold("", 1, AT_ONCE)).isEmpty();
    held.getFirst().close();
    held.getFirst().close(); // again, it gives back nothing
    assertThat(pool.free()).isEqualTo(10);
    assertThat(pool.hold("", 10, AT_ONCE)).isPresent();
  }

  @Test
  void a_waiting_caller_gets_memory_that_is_given_back() throws Exception {
    Held held = pool.hold("a", 10, AT_ONCE).orElseThrow();
    CompletableFuture<Optional<Held>> waiting =
        CompletableFuture.supplyAsync(() -> pool.hold("a", 10, Duration.ofSeconds(10)));
    assertThat(waiting).isNotDone();
    held.close();
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isPresent();
  }

  @Test
  void clients_of_one_IPv6_site_hold_four_shares_together_and_those_of_one_home_two() {
    for (String home : List.of("20010db80001aa", "20010db80001bb")) {
      assertThat(pool.hold(home + "01", 10, AT_ONCE)).isPresent();
      assertThat(pool.hold(home + "02", 10, AT_ONCE)).isPresent();
      assertThat(pool.hold(home + "03", 1, AT_ONCE)).as("a third of one /56").isEmpty();
    }
    assertThat(pool.hold("20010db80001cc01", 1, AT_ONCE))
        .as("a fifth of one /48")
        .isEmpty();
    assertThat(pool.hold("20010db80002cc01", 10, AT_ONCE)).isPresent();
  }

  @Test
  void a_client_that_holds_nothing_is_forgotten() {
    try (Held held = pool.hold("a", 10, AT_ONCE).orElseThrow()) {
      held.shrinkTo(3);
      assertThat(pool.hold("a", 8, AT_ONCE)).isEmpty();
      assertThat(pool.clients()).isEqualTo(1);
    }
    assertThat(pool.clients()).isZero();
    assertThat(pool.free()).isEqualTo(80);
  }
}
