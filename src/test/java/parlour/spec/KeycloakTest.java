package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Limits;
import parlour.config.Setting;
import parlour.oidc.FakeProvider;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/**
 * Agents who sign in at a real Keycloak, as people do: through its own pages. {@code ./dev keycloak}
 * fetches the distribution and runs this.
 */
@Tag("keycloak")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class KeycloakTest {
  private static final Path HOME = Path.of("target/peers/keycloak");
  private static final String PUBLIC = "https://chat.example.com";
  private static final int PORT = Ports.free();
  private static final String ISSUER = "http://127.0.0.1:" + PORT + "/realms/team";
  private static final Pattern ACTION = Pattern.compile("<form[^>]+action=\"([^\"]+)\"");
  private static final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .followRedirects(HttpClient.Redirect.NEVER)
      .build();

  @AutoClose
  private static final Server keycloak = new Server();

  @AutoClose
  private static final Installation installation = Installation.start(
      Shape.ROLES_OVER_POSTGRES,
      ServiceDecorators.NONE,
      Map.of(
          Setting.PUBLIC_URL, PUBLIC,
          Setting.OIDC_ISSUER, ISSUER,
          Setting.OIDC_CLIENT_ID, "parlour",
          Setting.OIDC_CLIENT_SECRET, "s3cret/of+parlour",
          Setting.OIDC_NAME, "Keycloak",
          Setting.OIDC_ROLES, "/chat/leads=admin, /chat=agent"));

  /** A Keycloak with a realm of three persons, in a database of its own. */
  private static final class Server implements AutoCloseable {
    private final Process process;

    Server() {
      try {
        Path folder = Files.createTempDirectory("keycloak");
        Path realm = HOME.resolve("data/import/team-realm.json");
        Files.createDirectories(realm.getParent());
        Files.writeString(realm, realm());
        ProcessBuilder builder = new ProcessBuilder(
            HOME.resolve("bin/kc.sh").toString(),
            "start",
            "--optimized",
            "--import-realm",
            "--db-url=jdbc:h2:file:" + folder.resolve("keycloak") + ";NON_KEYWORDS=VALUE",
            "--cache=local",
            "--http-enabled=true",
            "--http-host=127.0.0.1",
            "--http-port=" + PORT,
            "--hostname-strict=false");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        process = builder.inheritIO().start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void awaitAnswer() throws InterruptedException {
      HttpRequest discovery = HttpRequest.newBuilder(
              URI.create(ISSUER + "/.well-known/openid-configuration"))
          .build();
      while (true) {
        assertThat(process.isAlive()).as("Keycloak runs").isTrue();
        try {
          if (http.send(discovery, BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException e) {
          // it does not listen yet
        }
        Thread.sleep(Duration.ofMillis(200));
      }
    }

    @Override
    public void close() {
      process.destroy();
      var _ = process.onExit().join();
    }
  }

  /** A person's browser at Keycloak: it fills in the form, and is sent back with a fragment. */
  private static FakeProvider.Return signsIn(String address, String name)
      throws IOException, InterruptedException {
    HttpResponse<String> form =
        http.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
    Map<String, String> cookies = new HashMap<>();
    for (String set : form.headers().allValues("Set-Cookie")) {
      String pair = set.substring(0, set.indexOf(';'));
      cookies.put(pair.substring(0, pair.indexOf('=')), pair);
    }
    Matcher action = ACTION.matcher(form.body());
    assertThat(action.find()).as(form.body()).isTrue();
    HttpResponse<String> back = http.send(
        HttpRequest.newBuilder(URI.create(action.group(1).replace("&amp;", "&")))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Cookie", String.join("; ", cookies.values()))
            .POST(HttpRequest.BodyPublishers.ofString("username=" + name + "&password=" + name))
            .build(),
        BodyHandlers.ofString());
    String location = back.headers()
        .firstValue("Location")
        .orElseThrow(() ->
            new IllegalStateException("Keycloak answered " + back.statusCode() + back.body()));
    assertThat(location).startsWith(PUBLIC + "/inbox#");
    Map<String, String> values =
        List.of(location.substring(location.indexOf('#') + 1).split("&")).stream()
            .map(pair -> pair.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    return new FakeProvider.Return(
        values.getOrDefault("code", ""), values.getOrDefault("state", ""));
  }

  private static Reply signIn(ProviderBrowser browser, String name)
      throws IOException, InterruptedException {
    return browser.returns(signsIn(browser.posts("/oidc/begin", "{}").text("url"), name));
  }

  @Test
  void people_of_keycloak_are_agents_by_their_groups_until_keycloak_is_down()
      throws IOException, InterruptedException {
    keycloak.awaitAnswer();
    ProviderBrowser ann = new ProviderBrowser(installation);
    Reply in = signIn(ann, "ann");
    assertThat(in.status()).as(in.response().body()).isEqualTo(200);
    assertThat(in.json())
        .containsEntry("name", "ann")
        .containsEntry("display_name", "Ann Lee")
        .containsEntry("role", "admin");
    assertThat(ann.gets("/conversations?list=mine").status()).isEqualTo(200);
    assertThat(signIn(new ProviderBrowser(installation), "ann").text("identity"))
        .isEqualTo(in.text("identity"));
    assertThat(signIn(new ProviderBrowser(installation), "ben").text("role")).isEqualTo("agent");
    assertThat(signIn(new ProviderBrowser(installation), "cid").code()).isEqualTo(45801);

    ProviderBrowser one = new ProviderBrowser(installation);
    FakeProvider.Return with = signsIn(one.posts("/oidc/begin", "{}").text("url"), "ben");
    ProviderBrowser other = new ProviderBrowser(installation);
    FakeProvider.Return others = signsIn(other.posts("/oidc/begin", "{}").text("url"), "ben");
    assertThat(one.returns(new FakeProvider.Return(others.code(), with.state())).code())
        .as("Keycloak compares the verifier with the challenge of the code")
        .isEqualTo(45799);

    installation.agents(agents -> assertThat(agents.remove("ann")).isTrue());
    assertThat(ann.gets("/me").code()).isEqualTo(45782);
    assertThat(signIn(new ProviderBrowser(installation), "ann").code()).isEqualTo(45802);

    keycloak.close();
    installation.clock.pass(Limits.OIDC_METADATA_TTL);
    assertThat(new ProviderBrowser(installation).posts("/oidc/begin", "{}").code())
        .isEqualTo(45798);
    assertThat(new AgentBrowser(installation).gets("/me").status()).isEqualTo(200);
  }

  private static String realm() {
    return """
        {"realm": "team", "enabled": true, "sslRequired": "none",
         "groups": [{"name": "chat", "subGroups": [{"name": "leads"}]}, {"name": "others"}],
         "clients": [
           {"clientId": "parlour", "enabled": true, "secret": "s3cret/of+parlour",
            "standardFlowEnabled": true, "directAccessGrantsEnabled": false,
            "redirectUris": ["https://chat.example.com/inbox"],
            "attributes": {"pkce.code.challenge.method": "S256"},
            "protocolMappers": [
              {"name": "groups", "protocol": "openid-connect",
               "protocolMapper": "oidc-group-membership-mapper",
               "config":
                 {"full.path": "true", "id.token.claim": "true", "claim.name": "groups"}}]}],
         "users": [%s, %s, %s]}
        """.formatted(
            user("ann", "Ann", "/chat/leads"),
            user("ben", "Ben", "/chat"),
            user("cid", "Cid", "/others"));
  }

  private static String user(String name, String first, String group) {
    return """
        {"username": "%1$s", "enabled": true, "email": "%1$s@example.com", "emailVerified": true,
         "firstName": "%2$s", "lastName": "Lee", "groups": ["%3$s"],
         "credentials": [{"type": "password", "value": "%1$s"}]}""".formatted(name, first, group);
  }
}
