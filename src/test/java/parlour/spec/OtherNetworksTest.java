package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;

/** Guests whose address changes during their session: at home, on the train, behind a VPN. */
@ParameterizedClass
@InBothShapes
class OtherNetworksTest {
  private static final String MESSAGES = "/v2/Webchat/Messages";

  @AutoClose
  private static final BothShapes behindAProxy = new BothShapes(
      ServiceDecorators.NONE,
      Map.of(Setting.RATE_LIMITS, "on", Setting.TRUSTED_PROXIES, "127.0.0.1/32"));

  private final Installation installation;

  OtherNetworksTest(Shape shape) {
    installation = behindAProxy.in(shape);
  }

  @Test
  void a_guest_with_a_key_goes_on_from_another_address() {
    assertGoesOn(installation.guest().withKey(GuestKey.next()));
  }

  @Test
  void a_guest_without_a_key_goes_on_from_another_address() {
    assertGoesOn(installation.guest());
  }

  private static void assertGoesOn(Guest guest) {
    guest.becomes(at("203.0.113.7")).starts();
    for (String address : List.of("198.51.100.9", "2001:db8:17::5", "192.0.2.44", "203.0.113.7")) {
      guest.becomes(at(address));
      assertThat(guest.get(MESSAGES).status()).as(address).isEqualTo(200);
      assertThat(guest.reloads().status()).as(address).isEqualTo(200);
      assertThat(guest.says("Hello", GuestKey.nonce()).status()).as(address).isEqualTo(201);
      try (GuestSocket socket = guest.entersSocket(-1)) {
        socket.receives("welcome");
      }
    }
  }

  private static Browser at(String address) {
    return Browser.CHROME_ON_WINDOWS.with("X-Forwarded-For", address);
  }
}
