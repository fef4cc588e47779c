package parlour.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.demo.DemoBrowser;
import parlour.http.json.Json;

/** Security events in the log of a running instance: sign-ins, refusals, closes and erasures. */
class SecurityEventsTest {
  private static final String WRONG = "a-wrong-password";
  private static final String TYPED_INTO_THE_NAME = "a-password-in-the-wrong-field";

  @TempDir
  private Path folder;

  @Test
  void sign_ins_closes_and_erasures_are_logged_with_actor_and_object_and_no_secret()
      throws Exception {
    List<Map<String, @Nullable Object>> events;
    String conversation;
    String account;
    String log;
    try (Started up = Started.up(folder);
        HttpClient http = HttpClient.newHttpClient()) {
      account = up.awaits("account +(AC[0-9a-f]{32})");
      String token = up.awaits("auth token +([0-9a-f]{32})");
      String password = up.awaits("as agent with the password (\\S+)");
      var guest = new DemoBrowser(
          http,
          up.edge(),
          "http://localhost:3000",
          up.deploymentKey(),
          DemoBrowser.CHROME_ON_WINDOWS);
      conversation = guest.startsChat().text("conversation_sid");
      assertThat(conversation).startsWith("CH");
      assertThat(signIn(http, up.edge(), "agent", WRONG).statusCode()).isEqualTo(401);
      assertThat(signIn(http, up.edge(), TYPED_INTO_THE_NAME, WRONG).statusCode())
          .isEqualTo(401);
      HttpResponse<String> in = signIn(http, up.edge(), "agent", password);
      String cookie = in.headers().firstValue("Set-Cookie").orElseThrow().replaceAll(";.*", "");
      URI inbox = up.edge().resolve("/inbox/api/");
      assertThat(post(http, inbox.resolve("conversations/" + conversation + "/close"), cookie))
          .isEqualTo(204);
      signIn(http, up.edge(), "agent", password);
      assertThat(post(http, inbox.resolve("browsers/end-others"), cookie)).isEqualTo(204);
      URI erase = up.edge().resolve("/v1/Conversations/" + conversation);
      assertThat(erase(http, erase, account, WRONG)).isEqualTo(401);
      assertThat(erase(http, erase, account, token)).isEqualTo(204);
      for (int i = 0; i <= Limits.SIGN_INS_PER_MINUTE; i++) {
        signIn(http, up.edge(), "agent", WRONG);
      }
      up.terminate().exit();
      log = up.err();
      assertThat(log).doesNotContain(WRONG, TYPED_INTO_THE_NAME, token, password, "127.0.0.1");
      assertThat(log).doesNotContain(cookie.substring(cookie.indexOf('=') + 1));
      events = log.lines()
          .map(line -> Json.object(line).orElseThrow())
          .filter(line -> "parlour.security".equals(line.get("log.logger")))
          .toList();
    }
    assertThat(events)
        .allSatisfy(event -> assertThat(event)
            .containsKeys("event.action", "event.outcome", "user.name", "trace.id", "@timestamp"));
    assertLogged(events, "agent-refused", "failure", "agent", null);
    assertLogged(events, "agent-refused", "failure", "unknown", null);
    assertLogged(events, "agent-signed-in", "success", "agent", null);
    assertLogged(events, "agent-browsers-ended", "success", "agent", null);
    assertLogged(events, "conversation-closed", "success", "agent", conversation);
    assertLogged(events, "account-refused", "failure", account, null);
    assertLogged(events, "conversation-erased", "success", account, conversation);
    assertThat(events).anySatisfy(event -> {
      assertThat(event).containsEntry("event.action", "sign-ins-limited");
      assertThat(event.get("user.name")).asString().matches("address-[0-9a-f]{16}");
    });
  }

  private static void assertLogged(
      List<Map<String, @Nullable Object>> events,
      String action,
      String outcome,
      String actor,
      @Nullable String object) {
    assertThat(events)
        .anyMatch(event -> action.equals(event.get("event.action"))
            && outcome.equals(event.get("event.outcome"))
            && actor.equals(event.get("user.name"))
            && Objects.equals(object, event.get("labels.object")));
  }

  private static int post(HttpClient http, URI uri, String cookie) throws Exception {
    return send(
            http,
            HttpRequest.newBuilder(uri)
                .header("Cookie", cookie)
                .header("Sec-Fetch-Site", "same-origin")
                .POST(HttpRequest.BodyPublishers.noBody()))
        .statusCode();
  }

  private static int erase(HttpClient http, URI uri, String account, String token)
      throws Exception {
    String pair = Base64.getEncoder().encodeToString((account + ":" + token).getBytes(UTF_8));
    return send(
            http,
            HttpRequest.newBuilder(uri).header("Authorization", "Basic " + pair).DELETE())
        .statusCode();
  }

  private static HttpResponse<String> signIn(
      HttpClient http, URI edge, String name, String password) throws Exception {
    return send(
        http,
        HttpRequest.newBuilder(edge.resolve("/inbox/api/sign-in"))
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(
                "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(name, password))));
  }

  private static HttpResponse<String> send(HttpClient http, HttpRequest.Builder request)
      throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
