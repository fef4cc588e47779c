package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.CapturedLog;
import parlour.Limits;

/** A stranger who invents hosts does not use up the warning about the host that a proxy makes. */
class PublicAddressLogTest {
  @AutoClose
  private final CapturedLog log = new CapturedLog(PublicAddress.class);

  private final AtomicLong now = new AtomicLong();
  private final PublicAddress address = new PublicAddress(Optional.empty(), now::get);

  @Test
  void hosts_that_one_client_invents_do_not_hide_the_host_of_another_one() {
    for (int i = 0; i < 3 * Limits.HOSTS_LOGGED_AT_ONCE; i++) {
      address.called("invented" + i, false, "203.0.113.7");
    }
    assertThat(log.lines()).hasSize(Limits.HOSTS_LOGGED_PER_CLIENT);
    address.called("parlour:8080", false, "203.0.113.8");
    assertThat(log.lines()).last().asString().contains("which was parlour:8080:");
  }

  @Test
  void each_host_is_logged_once_an_hour_up_to_a_bound() {
    for (String host : List.of("x", "parlour:8080", "parlour:8080", "localhost:8080")) {
      address.called(host, false, "203.0.113.7");
    }
    assertThat(log.lines()).hasSize(2).last().asString().contains("which was parlour:8080:");
    for (int i = 0; i < 3 * Limits.HOSTS_LOGGED_AT_ONCE; i++) {
      address.called("invented" + i, false, "203.0.113." + i);
    }
    assertThat(log.lines()).hasSize(Limits.HOSTS_LOGGED_AT_ONCE);
    now.addAndGet(Limits.HOSTS_LOGGED.toNanos());
    address.called("parlour:8080", false, "203.0.113.7");
    assertThat(log.lines())
        .hasSize(Limits.HOSTS_LOGGED_AT_ONCE + 1)
        .last()
        .asString()
        .contains("which was parlour:8080:");
  }
}
