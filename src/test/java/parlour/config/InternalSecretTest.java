package parlour.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.StartupError;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;

class InternalSecretTest {

  @Test
  void an_empty_secret_file_prevents_the_start(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("internal-secret"), "\n");
    assertThatThrownBy(() -> start(folder, Map.of()).close())
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("internal-secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"guess", "a secret with spaces in it", "schlüssel-schlüssel", " 0123456789abcdef"})
  void a_secret_that_can_be_guessed_or_cannot_be_sent_prevents_the_start_and_is_not_shown(
      String secret, @TempDir Path folder) {
    assertThatThrownBy(
            () -> start(folder, Map.of(Setting.INTERNAL_SECRET, secret)).close())
        .isInstanceOf(StartupError.class)
        .message()
        .contains("internal.secret")
        .doesNotContain(secret);
  }

  @ParameterizedTest
  @CsvSource({
    "guess,            'must have 16 characters or more'",
    "0123456789abcdef, 'are the same'",
    "'a value with spaces', 'must have 16 characters or more'"
  })
  void another_value_that_does_not_help_prevents_the_start_and_is_not_shown(
      String other, String why, @TempDir Path folder) {
    Map<Setting, String> both =
        Map.of(Setting.INTERNAL_SECRET, "0123456789abcdef", Setting.INTERNAL_OTHER_SECRET, other);
    assertThatThrownBy(() -> start(folder, both).close())
        .isInstanceOf(StartupError.class)
        .message()
        .contains("internal.other-secret", why)
        .doesNotContain(other);
  }

  @Test
  void a_file_with_another_value_that_is_empty_or_missing_prevents_the_start(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("next");
    Map<Setting, String> both = Map.of(
        Setting.INTERNAL_SECRET,
        "0123456789abcdef",
        Setting.INTERNAL_OTHER_SECRET_FILE,
        file.toString());
    assertThatThrownBy(() -> start(folder, both).close())
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("there is no such file");
    Files.writeString(file, "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThatThrownBy(() -> start(folder, both).close())
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("must have 16 characters or more");
  }

  @Test
  void callers_with_either_of_two_values_are_authenticated(@TempDir Path folder) throws Exception {
    Map<Setting, String> both = Map.of(
        Setting.INTERNAL_SECRET,
        "0123456789abcdef",
        Setting.INTERNAL_OTHER_SECRET,
        "the-next-value-of-it");
    try (ParlourProcess main = start(folder, both);
        HttpClient http = HttpClient.newHttpClient()) {
      URI generate = main.internalAddress().resolve("/v1/ScopedAuthTokens/generate/internal");
      for (String value :
          List.of("0123456789abcdef", "the-next-value-of-it", "another-value-of-it")) {
        HttpRequest request = HttpRequest.newBuilder(generate)
            .POST(HttpRequest.BodyPublishers.noBody())
            .header("Parlour-Internal-Secret", value)
            .build();
        assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
            .isEqualTo(value.startsWith("another") ? 404 : 415);
      }
    }
  }

  @Test
  void a_caller_without_the_secret_is_not_authenticated(@TempDir Path folder) throws Exception {
    try (ParlourProcess main = start(folder, Map.of(Setting.INTERNAL_SECRET, "0123456789abcdef"))) {
      URI generate = main.internalAddress().resolve("/v1/ScopedAuthTokens/generate/internal");
      var request = HttpRequest.newBuilder(generate).POST(HttpRequest.BodyPublishers.noBody());
      try (HttpClient http = HttpClient.newHttpClient()) {
        var body = HttpResponse.BodyHandlers.ofString();
        assertThat(http.send(request.build(), body).statusCode()).isEqualTo(404);
        request.header("Parlour-Internal-Secret", "0123456789abcdef");
        assertThat(http.send(request.build(), body).statusCode()).isEqualTo(415);
      }
    }
  }

  private static ParlourProcess start(Path folder, Map<Setting, String> more) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.putAll(more);
    settings.put(Setting.DATA, folder.toString());
    settings.put(Setting.ROLES, "scoped-auth");
    settings.put(Setting.INTERNAL_PORT, "0");
    return ParlourProcess.start(
        Config.read(Optional.empty(), Map.of(), settings),
        InstantSource.system(),
        ServiceDecorators.NONE);
  }
}
