package parlour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import parlour.Config.Setting;

class ConfigTest {

  @Test
  void the_command_line_is_over_the_environment() {
    Config config = Config.read(
        Optional.empty(),
        Map.of("PARLOUR_PUBLIC_PORT", "1", "PARLOUR_INTERNAL_PORT", "2"),
        Map.of(Setting.PUBLIC_PORT, "3"));
    assertThat(config.publicPort()).isEqualTo(3);
    assertThat(config.internalPort()).isEqualTo(2);
  }

  @Test
  void what_kubernetes_says_of_a_service_named_parlour_is_no_setting() {
    Config.read(
        Optional.empty(),
        Map.of(
            "PARLOUR_PORT", "tcp://10.0.0.1:8080",
            "PARLOUR_PORT_8080_TCP_ADDR", "10.0.0.1",
            "PARLOUR_SERVICE_HOST", "10.0.0.1"),
        Map.of());
  }

  @Test
  void a_name_that_a_person_guessed_is_told_to_be_unknown() {
    assertThatThrownBy(
            () -> Config.read(Optional.empty(), Map.of("PARLOUR_PORT", "9090"), Map.of()))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("PARLOUR_PORT");
  }

  @Test
  void a_role_may_be_at_several_addresses() {
    assertThat(read(Map.of(
                Setting.SCOPED_AUTH_URL,
                "http://10.0.0.7:8081, https://sas.internal,http://10.0.0.7:8081"))
            .elsewhere(Role.SCOPED_AUTH))
        .containsExactly(URI.create("http://10.0.0.7:8081"), URI.create("https://sas.internal"));
    assertThatThrownBy(
            () -> read(Map.of(Setting.SCOPED_AUTH_URL, "http://10.0.0.7:8081,10.0.0.8:8081")))
        .hasMessageContaining("scoped-auth.url")
        .hasMessageContaining("must look like");
    assertThatThrownBy(
            () -> read(Map.of(Setting.SCOPED_AUTH_URL, " , ")).elsewhere(Role.SCOPED_AUTH))
        .hasMessageContaining("scoped-auth.url is not set");
  }

  @Test
  void a_certificate_without_its_key_is_a_mistake_and_so_is_a_demand_that_nobody_makes() {
    assertThatThrownBy(() -> read(Map.of(Setting.PUBLIC_TLS_CERTIFICATE, "chat.pem")))
        .hasMessageContaining("public.tls.key is not set");
    assertThatThrownBy(() -> read(Map.of(Setting.INTERNAL_TLS_KEY, "inside.key")))
        .hasMessageContaining("internal.tls.certificate is not set");
    assertThatThrownBy(() -> read(Map.of(Setting.INTERNAL_TLS_CLIENT_CA, "ca.pem")))
        .hasMessageContaining("internal.tls.client-ca is set, and internal.tls.certificate is not");
    assertThat(read(Map.of()).publicTls()).isEmpty();
  }

  private static Config read(Map<Setting, String> flags) {
    return Config.read(Optional.empty(), Map.of(), flags);
  }
}
