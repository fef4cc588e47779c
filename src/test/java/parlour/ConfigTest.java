package parlour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
