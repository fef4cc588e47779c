package parlour.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import parlour.bench.OAuthClient.Login;

/**
 * Keycloak from its distribution, built once and started optimized, over its embedded database in a
 * file. Each guest is a user with a session; each client has its access tokens signed in a way of
 * its own. It is spared what Parlour does not do either: client secrets, roles, profile claims.
 */
final class Keycloak implements Peer.Client {
  private static final Path HOME = Path.of("target/peers/keycloak");
  private static final String PATH = "/realms/bench/protocol/openid-connect/token";
  private static final List<String> WAYS = List.of("RS256", "ES256", "EdDSA", "HS256", "HS512");

  private Keycloak() {}

  static Peer start(Path folder, int users) throws IOException, InterruptedException {
    int port = Subject.freePort();
    Path realm = HOME.resolve("data/import/bench-realm.json");
    Files.createDirectories(realm.getParent());
    Files.writeString(realm, realm(users));
    List<String> command = List.of(
        HOME.resolve("bin/kc.sh").toString(),
        "start",
        "--optimized",
        "--import-realm",
        "--db-url=jdbc:h2:file:" + folder.resolve("keycloak") + ";NON_KEYWORDS=VALUE",
        "--cache=local",
        "--http-enabled=true",
        "--http-host=127.0.0.1",
        "--http-port=" + port,
        "--hostname-strict=false");
    var environment = Map.of("JAVA_HOME", System.getProperty("java.home"));
    Subject subject =
        Subject.run("keycloak", folder, port, environment, command).awaitPort();
    String version = Files.readString(HOME.resolve("version.txt")).strip();
    return new Peer(
        "Keycloak",
        version
            + "; `build`, then `start --optimized` with its own JVM options; H2 in a file, which"
            + " answers before its data is on the disk; a public client without roles and profile"
            + " claims; `revokeRefreshToken` with no reuse",
        subject,
        Optional.empty(),
        PATH,
        WAYS,
        Optional.empty(),
        new Keycloak());
  }

  @Override
  public String form(String way) {
    return "&client_id=" + way;
  }

  @Override
  public Login login(String way, int number) {
    return line -> OAuthClient.post(
            line,
            PATH,
            "grant_type=password&client_id=" + way + "&username=guest" + number + "&password=guest")
        .text("refresh_token");
  }

  /** Passwords are hashed once only: signing in is not what is measured. */
  private static String realm(int users) {
    return """
        {"realm": "bench", "enabled": true, "sslRequired": "none",
         "revokeRefreshToken": true, "refreshTokenMaxReuse": 0,
         "ssoSessionIdleTimeout": 21600, "ssoSessionMaxLifespan": 86400,
         "accessTokenLifespan": 21600,
         "passwordPolicy": "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)",
         "clients": [%s],
         "users": [%s]}
        """.formatted(
            WAYS.stream().map(Keycloak::client).collect(Collectors.joining(",\n")),
            IntStream.range(0, users).mapToObj(Keycloak::user).collect(Collectors.joining(",\n")));
  }

  private static String client(String way) {
    return """
        {"clientId": "%1$s", "enabled": true, "publicClient": true,
         "directAccessGrantsEnabled": true, "standardFlowEnabled": false,
         "fullScopeAllowed": false,
         "defaultClientScopes": ["basic"], "optionalClientScopes": [],
         "attributes": {"access.token.signed.response.alg": "%1$s"}}""".formatted(way);
  }

  private static String user(int number) {
    return """
        {"username": "guest%1$d", "enabled": true, "email": "guest%1$d@example.com",
         "firstName": "Guest", "lastName": "%1$d",
         "credentials": [{"type": "password", "value": "guest"}]}""".formatted(number);
  }
}
