package parlour.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.StartupError;
import parlour.s3.S3Address;

/** The settings of an object store and of a scanner. */
class FilesSettingsTest {
  private static final Map<String, String> S3 = Map.of(
      "PARLOUR_S3_ENDPOINT", "https://s3.example.com",
      "PARLOUR_S3_BUCKET", "files",
      "PARLOUR_S3_ACCESS_KEY", "key",
      "PARLOUR_S3_SECRET_KEY", "hunter2");

  private static Config read(Map<String, String> environment) {
    return Config.read(Optional.empty(), environment, Map.of());
  }

  private static Config with(String name, String value) {
    Map<String, String> settings = new HashMap<>(S3);
    settings.put(name, value);
    return read(settings);
  }

  @Test
  void without_settings_there_is_no_bucket_and_no_scanner() {
    assertThat(read(Map.of()).s3()).isEmpty();
    assertThat(read(Map.of()).clamav()).isEmpty();
  }

  @Test
  void a_bucket_is_read_and_its_secret_is_not_shown(@TempDir Path folder) throws IOException {
    S3Address bucket = read(S3).s3().orElseThrow();
    assertThat(bucket.endpoint()).isEqualTo(URI.create("https://s3.example.com"));
    assertThat(bucket.region()).isEqualTo("us-east-1");
    assertThat(bucket.pathStyle()).isTrue();
    assertThat(bucket.secretKey()).isEqualTo("hunter2");
    assertThat(with("PARLOUR_S3_PATH_STYLE", "off").s3().orElseThrow().pathStyle())
        .isFalse();
    assertThat(read(S3).effective().toString()).doesNotContain("hunter2");
    Path secret = Files.writeString(folder.resolve("secret"), "of the file\n");
    Map<String, String> byFile = new HashMap<>(S3);
    byFile.remove("PARLOUR_S3_SECRET_KEY");
    byFile.put("PARLOUR_S3_SECRET_KEY_FILE", secret.toString());
    assertThat(read(byFile).s3().orElseThrow().secretKey()).isEqualTo("of the file");
  }

  private static Config withHost(String publicUrl, String mediaUrl) {
    return read(Map.of("PARLOUR_PUBLIC_URL", publicUrl, "PARLOUR_MEDIA_URL", mediaUrl));
  }

  @ParameterizedTest
  @CsvSource({
    "https://files.example.com, https://files.example.com",
    "https://FILES.example.com/, https://files.example.com",
    "https://files.example.com:8443, https://files.example.com:8443",
  })
  void files_can_have_a_host_of_their_own(String url, URI host) {
    assertThat(read(Map.of()).mediaUrl()).isEmpty();
    assertThat(withHost("https://chat.example.com", url).mediaUrl()).contains(host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "files.example.com",
        "http://files.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "ftp://files.example.com",
        "https:///files",
        "https://files.example.com/files",
        "https://files.example.com//",
        "https://files.example.com?a",
        "https://files.example.com#a",
        "https://ada@files.example.com",
        "https://files.example.com.",
        "https://files.example.com:",
        "https://*.example.com",
        "https://files.example.com; script-src *",
      })
  void a_host_of_files_is_an_https_address_and_nothing_more(String url) {
    assertThatThrownBy(() -> withHost("https://chat.example.com", url))
        .isInstanceOf(StartupError.class)
        .hasMessageStartingWith("media.url = \"")
        .hasMessageContaining("such as https://files.example.com");
  }

  @Test
  void a_host_of_files_is_not_the_host_of_everything_else() {
    for (String same : List.of("https://chat.example.com", "https://CHAT.example.com:8443")) {
      assertThatThrownBy(() -> withHost("https://Chat.example.com/parlour", same))
          .isInstanceOf(StartupError.class)
          .hasMessageStartingWith("media.url = \"")
          .hasMessageContaining("choose another host");
    }
    assertThatThrownBy(() -> withHost("", "https://files.example.com"))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("needs public.url");
  }

  /** A page of such a host could set cookies for the host of the inbox. */
  @ParameterizedTest
  @CsvSource({
    "https://chat.example.com, https://files.chat.example.com, true",
    "https://chat.example.com:8443/parlour, https://FILES.a.Chat.example.com, true",
    "https://chat.example.com, https://files.example.com, false",
    "https://chat.example.com, https://fileschat.example.com, false",
    "https://chat.example.com, https://files.example.net, false",
    "http://localhost:8080, http://files.localhost:8080, false",
  })
  void a_host_of_files_below_the_host_of_everything_else_is_a_warning(
      String main, String url, boolean isBelow) {
    List<String> warnings = withHost(main, url).warnings();
    assertThat(warnings).hasSize(isBelow ? 1 : 0);
    assertThat(warnings)
        .allSatisfy(one -> assertThat(one).startsWith("media.url = \"").contains("not below it"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://files.localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"})
  void only_beside_an_address_of_this_machine_the_files_are_on_this_machine(String url) {
    assertThat(withHost("http://localhost:8080", url).mediaUrl()).contains(URI.create(url));
    assertThatThrownBy(() -> withHost("https://chat.example.com", url))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("Use an https address");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PARLOUR_S3_BUCKET", "PARLOUR_S3_ACCESS_KEY", "PARLOUR_S3_SECRET_KEY"})
  void a_store_without_one_of_its_settings_is_an_error(String name) {
    assertThatThrownBy(() -> with(name, ""))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining(
            name.substring(8).toLowerCase(Locale.ROOT).replaceFirst("_", ".").replace('_', '-'));
  }

  @ParameterizedTest
  @CsvSource({
    "PARLOUR_S3_ENDPOINT, https://user:hunter2@s3.example.com",
    "PARLOUR_S3_ENDPOINT, s3.example.com",
    "PARLOUR_S3_BUCKET, A/b",
    "PARLOUR_S3_PATH_STYLE, yes",
    "PARLOUR_CLAMAV_ADDRESS, clamd",
    "PARLOUR_CLAMAV_ADDRESS, clamd:70000",
    "PARLOUR_PUSH_CONTACT, ops@example.com",
    "PARLOUR_PUSH_CONTACT, http://example.com",
    "PARLOUR_PUSH_SERVICES, https://push.example.com",
    "PARLOUR_PUSH_SERVICES, 10.0.0.7",
    "PARLOUR_PUSH_SERVICES, *.com",
    "PARLOUR_PUSH_SERVICES, localhost",
    "PARLOUR_PUSH_SERVICES, http://10.0.0.7:80",
    "PARLOUR_PUSH_SERVICES, Push.example.com",
  })
  void a_malformed_value_is_an_error_without_secrets(String name, String value) {
    assertThatThrownBy(() -> with(name, value))
        .isInstanceOf(StartupError.class)
        .hasMessageMatching("(?s).*(must|has 3 to 63|is from).*")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void pushes_are_off_and_known_services_are_listed_by_default() {
    assertThat(read(Map.of()).pushContact()).isEmpty();
    assertThat(read(Map.of()).pushServices())
        .contains("fcm.googleapis.com", "*.notify.windows.com");
    assertThat(with("PARLOUR_PUSH_CONTACT", "mailto:ops@example.com").pushContact())
        .contains("mailto:ops@example.com");
    assertThat(with("PARLOUR_PUSH_SERVICES", "push.example.com, http://127.0.0.1:80")
            .pushServices())
        .containsExactly("push.example.com", "http://127.0.0.1:80");
  }

  @Test
  void an_address_of_a_scanner_is_a_name_or_an_address_with_its_port() {
    assertThat(with("PARLOUR_CLAMAV_ADDRESS", "clamd:3310").clamav())
        .contains(InetSocketAddress.createUnresolved("clamd", 3310));
    assertThat(with("PARLOUR_CLAMAV_ADDRESS", "[::1]:3310").clamav())
        .contains(InetSocketAddress.createUnresolved("::1", 3310));
  }
}
