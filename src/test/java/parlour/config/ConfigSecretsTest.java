package parlour.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.StartupError;

class ConfigSecretsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "internal.secret: \"hunter2hunter2\npublic.port: 8080\n",
        "internal.secret: hunter2: hunter2\n",
        "internal.secret: hunter2\n\tx: 1\n",
        "master-key: [hunter2\n",
        "master-key: *hunter2\n",
        "master-key: @hunter2\n",
        "master-key: !hunter2 \"hunter2\n",
        "internal.secret: hunter2\ninternal.secret: hunter2\n",
      })
  void a_malformed_file_is_reported_with_the_place_and_without_its_secrets(
      String yaml, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("parlour.yaml"), yaml);
    assertThatThrownBy(() -> Config.read(Optional.of(file), Map.of(), Map.of()))
        .isInstanceOf(StartupError.class)
        .message()
        .contains("parlour.yaml is malformed", "line")
        .doesNotContain("hunter2");
  }
}
