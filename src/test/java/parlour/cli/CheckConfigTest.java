package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.config.Setting;

class CheckConfigTest {
  @TempDir
  private Path folder;

  @Test
  void every_setting_is_shown_with_its_source() throws IOException {
    Files.writeString(folder.resolve("parlour.yaml"), """
        public: {port: 9000}
        internal.port: 9001
        log.level: warn
        """);
    Typed typed = Typed.in(
        folder,
        Map.of("PARLOUR_INTERNAL_PORT", "9002", "PARLOUR_LOG_LEVEL", "error"),
        "check-config",
        "--set",
        "log.level=debug");
    assertThat(typed.exit()).isEqualTo(0);
    assertThat(typed.out())
        .containsPattern("public\\.port +9000 +\\S*parlour\\.yaml ")
        .containsPattern("internal\\.port +9002 +environment ")
        .containsPattern("log\\.level +debug +command line ")
        .containsPattern("rate-limits +on +default ");
    for (Setting setting : Setting.values()) {
      assertThat(typed.out()).contains("\n" + setting.key() + " ").contains(setting.about());
    }
  }

  @Test
  void a_warning_goes_to_stderr_and_does_not_fail() {
    Typed typed = Typed.in(
        folder,
        "check-config",
        "--set",
        "public.url=https://chat.example.com",
        "--set",
        "media.url=https://files.chat.example.com");
    assertThat(typed.exit()).isEqualTo(0);
    assertThat(typed.err()).contains("media.url", "below the host of public.url");
    assertThat(typed.out()).doesNotContain("below the host of public.url");
  }

  @Test
  void secrets_are_not_shown() {
    Map<String, String> secrets = Map.of(
        "PARLOUR_INTERNAL_SECRET", "hunter2",
        "PARLOUR_MASTER_KEY", "c2VjcmV0IG1hc3RlciBrZXk=",
        "PARLOUR_DATABASE_PASSWORD", "hunter3",
        "PARLOUR_REDIS_PASSWORD", "open sesame");
    for (String[] arguments :
        List.of(new String[] {"check-config"}, new String[] {"check-config", "--json"})) {
      Typed typed = Typed.in(folder, secrets, arguments);
      assertThat(typed.exit()).isEqualTo(0);
      assertThat(typed.out()).contains("(set, not shown)").doesNotContain(secrets.values());
    }
  }

  @Test
  void a_password_in_the_database_url_is_refused_and_not_repeated() {
    Typed typed = Typed.in(
        folder, "check-config", "--set", "database.url=postgres://parlour:hunter2@db/parlour");
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err()).contains("database.url", "database.password-file");
    assertThat(typed.out() + typed.err()).doesNotContain("hunter2");
  }

  @Test
  void all_errors_are_reported_together() throws IOException {
    Files.writeString(folder.resolve("parlour.properties"), """
        public.port = 70000
        rate-limits = maybe
        """);
    Typed typed = Typed.in(folder, "check-config");
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err())
        .contains("public.port = \"70000\"", "a port is from 0 to 65535")
        .contains("rate-limits = \"maybe\"", "must be one of on, off");
  }

  @Test
  void the_address_of_redis_is_checked_at_the_start_and_a_password_in_it_is_not_shown() {
    for (String url :
        List.of("redis://ann:hunter2@10.0.0.7", "rediss://:hunter2@10.0.0.7:6380/1")) {
      Typed typed = Typed.in(folder, Map.of("PARLOUR_REDIS_URL", url), "check-config");
      assertThat(typed.exit()).isEqualTo(1);
      assertThat(typed.err())
          .contains("redis.url", "redis.password-file")
          .doesNotContain("hunter2");
    }
    for (String url :
        List.of("10.0.0.7:6379", "http://10.0.0.7", "redis://", "redis://h/db", "redis://h?x=1")) {
      Typed typed = Typed.in(folder, Map.of("PARLOUR_REDIS_URL", url), "check-config");
      assertThat(typed.exit()).isEqualTo(1);
      assertThat(typed.err()).contains("must look like redis://10.0.0.7:6379");
    }
    for (String url :
        List.of("redis://10.0.0.7", "rediss://ann@redis.example.com:6380/1", "redis://[::1]:7")) {
      assertThat(
              Typed.in(folder, Map.of("PARLOUR_REDIS_URL", url), "check-config").exit())
          .isZero();
    }
  }

  @Test
  void an_unknown_setting_is_an_error_in_the_file_and_in_the_environment() throws IOException {
    Files.writeString(folder.resolve("parlour.yaml"), "pubic.port: 9000\n");
    Typed typed = Typed.in(folder, Map.of("PARLOUR_LOG_LEVLE", "warn"), "check-config");
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err())
        .contains("pubic.port", "did you mean public.port?")
        .contains("PARLOUR_LOG_LEVLE", "did you mean PARLOUR_LOG_LEVEL?");
    Typed flag = Typed.in(folder, "check-config", "--set", "log.levle=warn");
    assertThat(flag.exit()).isEqualTo(2);
    assertThat(flag.err()).contains("there is no setting \"log.levle\"");
  }

  @Test
  void two_files_with_settings_are_an_error() throws IOException {
    Files.writeString(folder.resolve("parlour.yaml"), "");
    Files.writeString(folder.resolve("parlour.properties"), "");
    Typed typed = Typed.in(folder, "check-config");
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err()).contains("parlour.yaml", "parlour.properties", "--config FILE");
    Path named = Files.writeString(folder.resolve("other.yaml"), "public.port: 9100\n");
    assertThat(Typed.in(folder, "check-config", "--config", named.toString()).out())
        .containsPattern("public\\.port +9100");
    assertThat(Typed.in(folder, Map.of("PARLOUR_CONFIG", named.toString()), "check-config")
            .out())
        .containsPattern("public\\.port +9100");
  }
}
