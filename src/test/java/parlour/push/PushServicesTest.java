package parlour.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client names the endpoint, and leads Parlour to no other host than those of the operator. */
class PushServicesTest {
  private static final PushServices services = new PushServices(
      List.of("push.example.com", "*.notify.example.net", "http://127.0.0.1:8099"));

  @Test
  void an_endpoint_of_a_listed_service_is_found() {
    assertThat(services.of("https://push.example.com/v1/abc")).contains("push.example.com");
    assertThat(services.of("HTTPS://PUSH.example.com:443/x?y=z")).contains("push.example.com");
    assertThat(services.of("https://db5.notify.example.net/w/?token=a"))
        .contains("*.notify.example.net");
    assertThat(services.of("http://127.0.0.1:8099/a")).contains("http://127.0.0.1:8099");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://push.example.com/a",
        "https://push.example.com:8443/a",
        "https://push.example.com.evil.example/a",
        "https://evil-push.example.com/a",
        "https://notify.example.net/a",
        "https://.notify.example.net/a",
        "https://evilnotify.example.net/a",
        "https://push.example.com@169.254.169.254/a",
        "https://me:you@push.example.com/a",
        "https://push.example.com/a#b",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a",
        "https://localhost/a",
        "http://127.0.0.1:8098/a",
        "https://127.0.0.1:8099/a",
        "http://127.0.0.1/a",
        "file:///etc/passwd",
        "push.example.com/a",
      })
  void another_address_is_not(String endpoint) {
    assertThat(services.of(endpoint)).isEmpty();
  }
}
