package parlour.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.StartupError;

class ConfigTest {
  @TempDir
  private Path folder;

  @Test
  void the_command_line_overrides_the_environment() {
    Config config = Config.read(
        Optional.empty(),
        Map.of("PARLOUR_PUBLIC_PORT", "1", "PARLOUR_INTERNAL_PORT", "2"),
        Map.of(Setting.PUBLIC_PORT, "3"));
    assertThat(config.publicPort()).isEqualTo(3);
    assertThat(config.internalPort()).isEqualTo(2);
  }

  @Test
  void the_variable_of_OpenTelemetry_is_a_default_of_the_endpoint() {
    String variable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    Map<String, String> usual = Map.of(variable, "http://127.0.0.1:4318");
    assertThat(Config.read(Optional.empty(), usual, Map.of()).otlpEndpoint())
        .contains(URI.create("http://127.0.0.1:4318"));
    assertThat(Config.read(
                Optional.empty(), usual, Map.of(Setting.OTLP_ENDPOINT, "https://collector.example"))
            .otlpEndpoint())
        .contains(URI.create("https://collector.example"));
    assertThat(Config.read(Optional.empty(), Map.of(variable, "collector:4317"), Map.of())
            .otlpEndpoint())
        .as("for a program that speaks gRPC")
        .isEmpty();
    Map<String, String> grpc =
        Map.of(variable, "http://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    Config ignoring = Config.read(Optional.empty(), grpc, Map.of());
    assertThat(ignoring.otlpEndpoint())
        .as("an address of gRPC usually has a scheme of HTTP")
        .isEmpty();
    assertThat(ignoring.ignoredOtlpEndpoint().orElseThrow())
        .contains(variable, "gRPC")
        .doesNotContain("collector");
    assertThat(Config.read(
                Optional.empty(), grpc, Map.of(Setting.OTLP_ENDPOINT, "https://collector.example"))
            .ignoredOtlpEndpoint())
        .as("the setting replaces it")
        .isEmpty();
  }

  @Test
  void the_variables_of_kubernetes_for_a_service_named_parlour_are_ignored() {
    Config.read(
        Optional.empty(),
        Map.of(
            "PARLOUR_PORT", "tcp://10.0.0.1:8080",
            "PARLOUR_PORT_8080_TCP_ADDR", "10.0.0.1",
            "PARLOUR_SERVICE_HOST", "10.0.0.1"),
        Map.of());
  }

  @Test
  void a_kubernetes_service_named_parlour_is_not_taken_for_a_setting() {
    Config config = Config.read(
        Optional.empty(),
        Map.of(
            "PARLOUR_EDGE_PORT", "tcp://10.0.0.1:8080",
            "PARLOUR_EDGE_SERVICE_HOST", "10.0.0.1",
            "PARLOUR_EDGE_SERVICE_PORT", "8080",
            "PARLOUR_EDGE_SERVICE_PORT_PUBLIC", "8080",
            "PARLOUR_EDGE_PORT_8080_TCP", "tcp://10.0.0.1:8080",
            "PARLOUR_EDGE_PORT_8080_TCP_PROTO", "tcp",
            "PARLOUR_DNS_PORT_53_UDP_ADDR", "10.0.0.1",
            "PARLOUR_PUBLIC_PORT", "tcp://10.0.0.1:8080",
            "PARLOUR_INTERNAL_PORT", "9"),
        Map.of());
    assertThat(config.publicPort()).isEqualTo(8080);
    assertThat(config.internalPort()).isEqualTo(9);
  }

  @Test
  void a_value_in_yaml_is_kept_as_text() throws Exception {
    Config config = file("parlour.yaml", """
        redis.password: 1e3
        database: {password: true, connections: 007}
        internal.secret: 0123456789012345678901234567890_1
        trusted-proxies: [10.0.0.1, 10.0.0.2]
        rate-limits: off
        """.getBytes(UTF_8));
    assertThat(config.internalSecret()).contains("0123456789012345678901234567890_1");
    assertThat(config.trustedProxies()).containsExactly("10.0.0.1", "10.0.0.2");
    assertThat(config.rateLimits()).isFalse();
    Config passwords =
        file("redis.yaml", "redis: {url: 'redis://10.0.0.7', password: 1e3}".getBytes(UTF_8));
    assertThat(passwords.redis().orElseThrow().password()).contains("1e3");
  }

  @ParameterizedTest
  @CsvSource({"parlour.yaml, 'public.port: 9'", "parlour.properties, public.port = 9"})
  void a_byte_order_mark_is_skipped_and_another_encoding_is_reported(String name, String line)
      throws Exception {
    assertThat(file(name, ("\uFEFF" + line).getBytes(UTF_8)).publicPort()).isEqualTo(9);
    assertThatThrownBy(() -> file(name, (line + "\n# für\n").getBytes(ISO_8859_1)))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining(name)
        .hasMessageContaining("is not UTF-8");
  }

  @Test
  void a_question_mark_in_the_data_folder_is_reported_before_any_file_is_created() {
    assertThatThrownBy(() -> read(Map.of(Setting.DATA, "why?")))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("data = \"why?\"")
        .hasMessageContaining("choose another name");
  }

  private Config file(String name, byte[] content) throws IOException {
    return Config.read(Optional.of(Files.write(folder.resolve(name), content)), Map.of(), Map.of());
  }

  @Test
  void a_guessed_name_is_reported_as_unknown() {
    assertThatThrownBy(
            () -> Config.read(Optional.empty(), Map.of("PARLOUR_PORT", "9090"), Map.of()))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("PARLOUR_PORT");
  }

  @Test
  void a_role_can_be_at_several_addresses() {
    assertThat(read(Map.of(
                Setting.SCOPED_AUTH_URL,
                "http://10.0.0.7:8081, https://sas.internal,http://10.0.0.7:8081"))
            .addressesOf(Role.SCOPED_AUTH))
        .containsExactly(URI.create("http://10.0.0.7:8081"), URI.create("https://sas.internal"));
    assertThatThrownBy(
            () -> read(Map.of(Setting.SCOPED_AUTH_URL, "http://10.0.0.7:8081,10.0.0.8:8081")))
        .hasMessageContaining("scoped-auth.url")
        .hasMessageContaining("must look like");
    assertThatThrownBy(
            () -> read(Map.of(Setting.SCOPED_AUTH_URL, " , ")).addressesOf(Role.SCOPED_AUTH))
        .hasMessageContaining("scoped-auth.url is not set");
  }

  @Test
  void a_certificate_without_its_key_and_a_client_ca_without_a_certificate_are_errors() {
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
