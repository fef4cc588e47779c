package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class AddressBlockTest {

  @Test
  void an_IPv4_client_is_its_address_and_counts_nowhere_else() {
    String client = client("192.0.2.1");
    assertThat(client).isNotEqualTo(client("192.0.2.2"));
    assertThat(AddressBlock.around(client)).containsExactly(new AddressBlock(client, 1));
  }

  @Test
  void an_IPv6_client_is_its_64_and_counts_in_the_56_and_the_48_around_it_too() {
    assertThat(client("2001:db8:1:203:4:5:6:7")).isEqualTo(client("2001:db8:1:203::1"));
    assertThat(AddressBlock.around(client("2001:db8:1:203::1")))
        .containsExactly(
            new AddressBlock("20010db800010203", 1),
            new AddressBlock("20010db8000102", 2),
            new AddressBlock("20010db80001", 4));
  }

  private static String client(String address) {
    return AddressBlock.clientOf(InetAddress.ofLiteral(address));
  }
}
