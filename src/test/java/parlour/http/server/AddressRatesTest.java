package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import parlour.rates.LocalRateLimiter;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;

class AddressRatesTest {
  private static final Rate RATE = Rate.SIGN_INS;

  private final AddressRates rates = new AddressRates(new LocalRateLimiter(() -> 0));

  @Test
  void all_of_an_IPv6_home_use_two_clients_bounds_together_and_all_of_a_site_four() {
    assertThat(allowed("2001:db8:1:%x::1", 0x100, 8)).isEqualTo(2 * RATE.calls());
    assertThat(allowed("2001:db8:1:%x::1", 0x200, 8)).isEqualTo(2 * RATE.calls());
    assertThat(allowed("2001:db8:1:%x::1", 0x300, 8))
        .as("the site's are used up")
        .isZero();
    assertThat(allowed("2001:db8:2:%x::1", 0x100, 1)).isEqualTo(RATE.calls());
  }

  @Test
  void drops_are_given_back_to_the_blocks_as_well_and_a_refused_call_takes_none() {
    List<RateLimiter.Reserved.Taken> taken = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String client = client("2001:db8:1:%x::1", i);
      if (rates.reserve(RATE, client, RATE.calls()) instanceof RateLimiter.Reserved.Taken one) {
        taken.add(one);
      }
    }
    assertThat(taken).as("the bound of a home").hasSize(2);
    assertThat(rates.reserve(RATE, client("2001:db8:1:%x::1", 5), 1))
        .isInstanceOf(RateLimiter.Reserved.Refused.class);
    taken.forEach(one -> one.giveBack(RATE.calls()));
    assertThat(allowed("2001:db8:1:%x::1", 4, 4)).isEqualTo(2 * RATE.calls());
  }

  @Test
  void IPv4_neighbours_are_not_counted_together() {
    assertThat(allowed("192.0.2.%d", 1, 8)).isEqualTo(8 * RATE.calls());
  }

  @Test
  void nothing_is_counted_if_rate_limits_are_off() {
    AddressRates none = new AddressRates(RateLimiter.UNLIMITED);
    for (int i = 0; i < 100; i++) {
      assertThat(none.tryAcquire(RATE, "20010db800010100", 1)).isEmpty();
    }
  }

  /** Sends twice the limit of each of several clients. */
  private int allowed(String pattern, int first, int clients) {
    int let = 0;
    for (int i = 0; i < clients; i++) {
      String client = client(pattern, first + i);
      for (int call = 0; call < 2 * RATE.calls(); call++) {
        let += rates.tryAcquire(RATE, client, 1).isEmpty() ? 1 : 0;
      }
    }
    return let;
  }

  private static String client(String pattern, int number) {
    return AddressBlock.clientOf(InetAddress.ofLiteral(pattern.formatted(number)));
  }
}
