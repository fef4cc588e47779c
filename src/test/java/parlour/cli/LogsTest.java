package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggerContextListener;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.demo.DemoBrowser;
import parlour.demo.DemoBrowser.Reply;
import parlour.http.json.Json;

/** The lines of the log at level debug, and what they must not contain. */
class LogsTest {
  private static final String BODY = "nobody-may-log-this";

  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"json", "text"})
  void no_token_signal_address_or_body_is_logged(String format) throws Exception {
    List<String> secrets = new ArrayList<>(List.of(
        "plr1.",
        "127.0.0.1",
        "0:0:0:0:0:0:0:1",
        "Mozilla",
        "Windows NT",
        "en-GB",
        "userTimezone",
        BODY,
        "localhost:3000"));
    String log;
    String refusedTrace;
    try (Started up =
            Started.up(folder, "--set", "log.level=debug", "--set", "log.format=" + format);
        HttpClient http = HttpClient.newHttpClient()) {
      DemoBrowser guest = new DemoBrowser(
          http,
          up.edge(),
          "http://localhost:3000",
          up.deploymentKey(),
          DemoBrowser.CHROME_ON_WINDOWS);
      secrets.add(kept(guest.startsChat()));
      secrets.add(kept(guest.reloads()));
      assertThat(guest.copiedTo(DemoBrowser.FIREFOX_ON_LINUX).reloads().code()).isEqualTo(45779);
      Reply refused = guest.forging().reloads();
      assertThat(refused.code()).isEqualTo(45775);
      refusedTrace = refused.traceId();
      URI init = up.edge().resolve("/v2/Webchat/Init");
      assertThat(post(http, init, "{\"" + BODY).statusCode()).isEqualTo(400);
      assertThat(post(http, init, """
          {"deploymentKey":"%s","customerFriendlyName":"%s"}\
          """.formatted(up.deploymentKey(), BODY)).statusCode())
          .isEqualTo(403); // no Origin
      URI validate = up.internal().resolve("/v1/ScopedAuthTokens/validate");
      assertThat(post(http, validate, "{\"token\":\"" + BODY + "\"}").statusCode())
          .isEqualTo(404);
      assertThat(up.terminate().exit()).isEqualTo(0);
      log = up.err();
      secrets.add(up.awaits("auth token +([0-9a-f]{32})"));
    }
    assertThat(log).contains("refused", refusedTrace, "without the internal secret");
    assertThat(log).doesNotContain(secrets);
  }

  @Test
  void every_line_is_json_in_the_names_of_the_elastic_common_schema() {
    Instant before = Instant.now().minusMillis(1);
    try (Started up = Started.up(folder);
        HttpClient http = HttpClient.newHttpClient()) {
      DemoBrowser guest = new DemoBrowser(
          http,
          up.edge(),
          "http://localhost:3000",
          up.deploymentKey(),
          DemoBrowser.CHROME_ON_WINDOWS);
      guest.startsChat();
      Reply refused = guest.copiedTo(DemoBrowser.FIREFOX_ON_LINUX).reloads();
      up.terminate().exit();
      assertThat(up.err().lines()).isNotEmpty().allSatisfy(line -> {
        var fields = Json.object(line).orElseThrow();
        assertThat(fields)
            .containsKeys("@timestamp", "log.level", "message", "log.logger", "process.thread.name")
            .containsEntry("service.name", "parlour")
            .containsKey("ecs.version");
        assertThat(Instant.parse(String.valueOf(fields.get("@timestamp"))))
            .isBetween(before, Instant.now());
      });
      assertThat(up.err().lines())
          .filteredOn(line -> line.contains(refused.traceId()))
          .singleElement()
          .satisfies(line -> assertThat(Json.object(line).orElseThrow())
              .containsEntry("log.level", "info")
              .containsEntry("message", "refused")
              .containsEntry("labels.reference", refused.traceId())
              .hasEntrySatisfying(
                  "trace.id",
                  id -> assertThat(id).asString().hasSize(32).startsWith(refused.traceId()))
              .containsEntry("event.reason", "from another browser")
              .hasEntrySatisfying(
                  "labels.session", sid -> assertThat(sid).asString().startsWith("GS")));
    }
  }

  @Test
  void the_configured_level_is_used() {
    try (Started up = Started.up(folder, "--set", "log.level=warn");
        HttpClient http = HttpClient.newHttpClient()) {
      DemoBrowser guest = new DemoBrowser(
          http,
          up.edge(),
          "http://localhost:3000",
          up.deploymentKey(),
          DemoBrowser.CHROME_ON_WINDOWS);
      guest.startsChat();
      assertThat(guest.copiedTo(DemoBrowser.FIREFOX_ON_LINUX).reloads().status())
          .isEqualTo(403);
      up.terminate().exit();
      assertThat(up.err()).isEmpty();
    }
  }

  /** Jetty's debug lines have headers, so no thread may write one, not even while levels change. */
  @Test
  void no_library_logs_at_debug_while_the_log_is_set_up_again() {
    LoggerContext context = new LoggerContext();
    Logger everything = context.getLogger(Logger.ROOT_LOGGER_NAME);
    Logger library = context.getLogger("org.eclipse.jetty.util");
    Logs.write(context, "text", "warn");
    everything.setLevel(Level.OFF);
    List<Level> levels = new ArrayList<>();
    List<Boolean> written = new ArrayList<>();
    context.addListener(new LoggerContextListener() {
      @Override
      public boolean isResetResistant() {
        return true;
      }

      @Override
      public void onStart(LoggerContext started) {}

      @Override
      public void onReset(LoggerContext reset) {
        levels.add(library.getEffectiveLevel());
      }

      @Override
      public void onStop(LoggerContext stopped) {}

      @Override
      public void onLevelChange(Logger logger, Level level) {
        levels.add(library.getEffectiveLevel());
        written.add(everything.iteratorForAppenders().hasNext());
      }
    });
    Logs.write(context, "json", "debug");
    assertThat(levels).isNotEmpty().containsOnly(Level.OFF, Level.WARN);
    assertThat(written).doesNotContain(true);
    assertThat(everything.iteratorForAppenders()).toIterable().hasSize(1);
  }

  private static String kept(Reply reply) {
    assertThat(reply.status()).isBetween(200, 201);
    return reply.text("token");
  }

  private static HttpResponse<String> post(HttpClient http, URI uri, String json)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .header("User-Agent", "Mozilla/5.0 (Windows NT 10.0)")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
