package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.config.Config;
import parlour.config.Setting;
import parlour.http.TestAuthority;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;

class EncryptedTraceTest {
  @TempDir
  private Path folder;

  @Test
  void a_trace_is_asked_for_by_TLS_with_a_certificate_on_both_sides() throws Exception {
    var authority = new TestAuthority(Files.createDirectory(folder.resolve("ca")));
    var pair = authority.signs("ip:127.0.0.1");
    Map<Setting, String> settings = new EnumMap<>(Map.of(
        Setting.DATA, folder.resolve("data").toString(),
        Setting.INTERNAL_TLS_CERTIFICATE, pair.certificate().toString(),
        Setting.INTERNAL_TLS_KEY, pair.key().toString(),
        Setting.INTERNAL_TLS_CA, authority.certificate().toString(),
        Setting.INTERNAL_TLS_CLIENT_CA, authority.certificate().toString()));
    List<String> flags = new ArrayList<>();
    settings.forEach(
        (setting, value) -> flags.addAll(List.of("--set", setting.key() + "=" + value)));
    settings.put(Setting.PUBLIC_HOST, "127.0.0.1");
    settings.put(Setting.PUBLIC_PORT, "0");
    settings.put(Setting.INTERNAL_PORT, "0");
    Config config = Config.read(Optional.empty(), Map.of(), settings);
    try (ParlourProcess main =
        ParlourProcess.start(config, InstantSource.system(), ServiceDecorators.NONE)) {
      String id = refused(main.publicAddress().orElseThrow());
      assertThat(trace(id, flags).out()).contains("sequenceDiagram");
      assertThat(trace(id, List.of()).err()).contains("internal.tls.ca");
    }
  }

  private Typed trace(String id, List<String> flags) {
    List<String> arguments =
        new ArrayList<>(List.of("trace", id, "--set", "data=" + folder.resolve("data")));
    arguments.addAll(flags);
    return Typed.in(folder, arguments.toArray(String[]::new));
  }

  private static String refused(URI edge) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(edge.resolve("/v2/Webchat/Init"))
        .timeout(Duration.ofSeconds(60))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString("{}"))
        .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, BodyHandlers.ofString())
          .headers()
          .firstValue("Parlour-Trace-Id")
          .orElseThrow();
    }
  }
}
