package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.http.TestAuthority;
import parlour.http.TestAuthority.Pair;
import parlour.http.json.Json;
import parlour.http.tls.Tls;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;

/** Every connection by TLS, between processes with certificates on both sides. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class EncryptedTest {
  @TempDir
  private static Path folder;

  private static Path authority;
  private static Pair pair;
  private static Installation installation;
  private static HttpClient browser;

  @BeforeAll
  static void start() throws Exception {
    var made = new TestAuthority(Files.createDirectory(folder.resolve("ca")));
    authority = made.certificate();
    pair = made.signs("dns:localhost,ip:127.0.0.1");
    String certificate = pair.certificate().toString();
    String key = pair.key().toString();
    installation = Installation.start(
        Shape.A_PROCESS_PER_ROLE,
        ServiceDecorators.NONE,
        Map.of(
            Setting.PUBLIC_TLS_CERTIFICATE, certificate,
            Setting.PUBLIC_TLS_KEY, key,
            Setting.PUBLIC_URL, "https://chat.example.com",
            Setting.INTERNAL_TLS_CERTIFICATE, certificate,
            Setting.INTERNAL_TLS_KEY, key,
            Setting.INTERNAL_TLS_CA, authority.toString(),
            Setting.INTERNAL_TLS_CLIENT_CA, authority.toString()));
    browser = client(Optional.empty());
  }

  @AfterAll
  static void stop() {
    browser.close();
    installation.close();
  }

  private static HttpClient client(Optional<Pair> own) {
    var tls = Tls.ofCaller(
        Optional.of(new Tls.Source("internal.tls.ca", authority)),
        own.map(shown -> new Tls.Own(
            new Tls.Source("internal.tls.certificate", shown.certificate()),
            new Tls.Source("internal.tls.key", shown.key()))),
        InstantSource.system());
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(tls.context())
        .build();
  }

  @Test
  void a_guest_starts_reloads_and_opens_a_socket() throws Exception {
    assertThat(installation.edge().getScheme()).isEqualTo("https");
    assertThat(installation.internal(Role.SCOPED_AUTH).getScheme()).isEqualTo("https");
    HttpResponse<String> init = post(
        "/v2/Webchat/Init",
        "{\"deploymentKey\":\"%s\"}".formatted(installation.deployment.text()),
        Installation.ORIGIN);
    assertThat(init.statusCode()).isEqualTo(201);
    assertThat(init.headers().firstValue("Strict-Transport-Security"))
        .contains("max-age=31536000; includeSubDomains");
    String token = text(init, "token");
    HttpResponse<String> reload = post(
        "/v2/Webchat/Token/Refresh",
        "{\"deploymentKey\":\"%s\",\"token\":\"%s\"}"
            .formatted(installation.deployment.text(), token),
        Installation.ORIGIN);
    assertThat(reload.statusCode()).isEqualTo(200);

    var heard = new CompletableFuture<String>();
    WebSocket.Builder handshake =
        browser.newWebSocketBuilder().header("Origin", Installation.ORIGIN);
    Browser.CHROME_ON_WINDOWS.headers().forEach((name, value) -> {
      if (!name.startsWith("x-")) {
        handshake.header(name, value);
      }
    });
    WebSocket socket = handshake
        .buildAsync(
            URI.create("wss" + installation.edge().toString().substring(5) + "/v2/Webchat/Stream"),
            new WebSocket.Listener() {
              @Override
              public @Nullable CompletionStage<?> onText(
                  WebSocket from, CharSequence data, boolean last) {
                if (!data.toString().contains("\"challenge\"")) {
                  heard.complete(data.toString());
                }
                from.request(1);
                return null;
              }
            })
        .orTimeout(60, TimeUnit.SECONDS)
        .join();
    socket
        .sendText(installation.guest().holding(text(reload, "token")).hello(-1), true)
        .orTimeout(60, TimeUnit.SECONDS)
        .join();
    assertThat(heard.get(60, TimeUnit.SECONDS)).contains("\"welcome\"");
    socket.abort();
  }

  @Test
  void the_inbox_signs_in_with_a_cookie_that_never_leaves_TLS() throws Exception {
    Installation.NewAgent agent = installation.agent();
    // No Origin: the edge adds it, and the orchestrator in another process trusts the edge.
    HttpRequest request = HttpRequest.newBuilder(installation.edge().resolve("/inbox/api/sign-in"))
        .header("Content-Type", "application/json")
        .header("Sec-Fetch-Site", "same-origin")
        .timeout(Duration.ofSeconds(60))
        .POST(HttpRequest.BodyPublishers.ofString(
            "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), agent.password())))
        .build();
    HttpResponse<String> signedIn = browser.send(request, BodyHandlers.ofString());
    assertThat(signedIn.statusCode()).isEqualTo(200);
    assertThat(signedIn.headers().firstValue("Set-Cookie").orElse("")).contains("; Secure");
  }

  @Test
  void a_client_without_a_certificate_gets_no_answer_of_the_internal_listener() throws Exception {
    HttpRequest health = HttpRequest.newBuilder(
            installation.internal(Role.SCOPED_AUTH).resolve("/health/live"))
        .timeout(Duration.ofSeconds(60))
        .build();
    assertThatThrownBy(() -> browser.send(health, BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
    try (HttpClient inside = client(Optional.of(pair))) {
      assertThat(inside.send(health, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      HttpRequest stranger = HttpRequest.newBuilder(
              installation.internal(Role.SCOPED_AUTH).resolve("/v1/ScopedAuthTokens/revoked"))
          .timeout(Duration.ofSeconds(60))
          .build();
      assertThat(inside.send(stranger, BodyHandlers.ofString()).statusCode())
          .as("without the secret")
          .isEqualTo(404);
    }
  }

  private static HttpResponse<String> post(String path, String json, String origin)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(installation.edge().resolve(path))
        .timeout(Duration.ofSeconds(60))
        .POST(HttpRequest.BodyPublishers.ofString(json));
    Browser.CHROME_ON_WINDOWS.headers().forEach(request::setHeader);
    request.setHeader("Content-Type", "application/json").setHeader("Origin", origin);
    return browser.send(request.build(), BodyHandlers.ofString());
  }

  private static String text(HttpResponse<String> response, String member) {
    return String.valueOf(Json.object(response.body()).orElseThrow().get(member));
  }
}
