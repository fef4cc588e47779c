package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.config.Config;
import parlour.config.Setting;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;
import parlour.redis.RealRedis;
import parlour.spec.Installation.Shape;

/** Two nodes with all roles behind a real balancer, with the files of deploy/two-nodes. */
@Timeout(120)
class BalancedTest {
  private static final Path EXAMPLE = Path.of("deploy", "two-nodes");

  private static RealRedis redis;
  private static Installation installation;
  private static URI firstNode;

  @TempDir
  private Path folder;

  @BeforeAll
  static void start() {
    redis = RealRedis.start();
    installation = Installation.start(
        Shape.OVER_POSTGRES,
        ServiceDecorators.NONE,
        Map.of(Setting.REDIS_URL, redis.url(), Setting.TRUSTED_PROXIES, "127.0.0.1"));
    firstNode = installation.edge();
  }

  @AfterAll
  static void stop() {
    installation.close();
    redis.close();
  }

  @Test
  void the_settings_of_a_node_are_complete() throws IOException {
    String settings = Files.readString(EXAMPLE.resolve("parlour.yaml"));
    for (String secret : new String[] {"internal-secret", "database-password", "redis-password"}) {
      Path file =
          Files.writeString(folder.resolve(secret), "of a test, long enough to be a secret");
      assertThat(file.toFile().setReadable(false, false)).isTrue();
      assertThat(file.toFile().setReadable(true, true)).isTrue();
    }
    Path file = Files.writeString(
        folder.resolve("parlour.yaml"), settings.replace("/etc/parlour", folder.toString()));
    Map<Setting, String> flags = new EnumMap<>(Setting.class);
    Config config = Config.read(Optional.of(file), Map.of(), flags);
    assertThat(config.roles()).hasSize(5);
    assertThat(config.database()).isPresent();
    assertThat(config.redis()).isPresent();
  }

  @Test
  void behind_haproxy_no_guest_notices_that_a_node_stops() throws IOException {
    Path haproxy = Neighbour.installed("haproxy");
    int port = Ports.free();
    try (ParlourProcess second = installation.another()) {
      String settings = addressed(Files.readString(EXAMPLE.resolve("haproxy.cfg")), second)
          .replaceFirst("bind :443 ssl crt \\S+", "bind 127.0.0.1:" + port);
      Path file = Files.writeString(folder.resolve("haproxy.cfg"), settings);
      try (Neighbour _ =
          Neighbour.start(folder, port, haproxy.toString(), "-db", "-f", file.toString())) {
        guests_chat_while_a_node_stops(port, second);
      }
    }
  }

  @Test
  void behind_nginx_no_guest_notices_that_a_node_stops() throws IOException {
    int port = Ports.free();
    try (ParlourProcess second = installation.another()) {
      String settings = addressed(Files.readString(EXAMPLE.resolve("nginx.conf")), second)
          .replaceFirst("listen 443 ssl", "listen 127.0.0.1:" + port)
          .replaceAll("ssl_certificate.*", "");
      try (Neighbour _ = Neighbour.nginx(folder, port, settings)) {
        guests_chat_while_a_node_stops(port, second);
      }
    }
  }

  @Test
  void behind_an_nginx_that_removes_a_prefix_of_the_path_signed_calls_are_good()
      throws IOException {
    int port = Ports.free();
    String settings = """
        map $http_upgrade $connection_header { default upgrade; "" ""; }
        server {
          listen 127.0.0.1:%d;
          location /shop/chat/ {
            proxy_pass %s/;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_header;
          }
        }
        """.formatted(port, firstNode);
    try (Neighbour _ = Neighbour.nginx(folder, port, settings)) {
      installation.edgeIs(URI.create("http://127.0.0.1:" + port + "/shop/chat"));
      Guest guest = installation.guest().withKey(GuestKey.next()).starts();
      assertThat(guest.says("hello", "a").status()).isEqualTo(201);
      assertThat(guest.get("/v2/Webchat/Messages?limit=5").status()).isEqualTo(200);
      assertThat(guest.posts("/v2/Webchat/Typing", "").status()).isEqualTo(204);
      assertThat(guest.reloads().status()).isEqualTo(200);
      try (GuestSocket socket = guest.entersSocket(-1)) {
        assertThat(socket.receivesUntil("hello")).containsExactly("hello");
      }
      Map<String, String> whole = new LinkedHashMap<>(guest.bearer());
      whole.putAll(guest
          .key()
          .sign(GuestKey.Call.of(
              "GET",
              "/shop/chat/v2/Webchat/Messages",
              "",
              guest.bearer(),
              installation.clock.instant())));
      assertThat(guest.send("GET", "/v2/Webchat/Messages", "", whole).code())
          .as("only the path below the prefix is signed")
          .isEqualTo(45779);
    }
  }

  @Test
  void a_recorded_reading_call_is_not_answered_again_by_another_node() {
    ParlourProcess second = installation.another();
    try {
      installation.edgeIs(firstNode);
      Guest guest = installation.guest().withKey(GuestKey.next()).starts();
      assertThat(guest.says("secret", "a").status()).isEqualTo(201);
      Guest.Reply replayed = replayedAt(second, guest);
      for (int i = 0; i < 4 && replayed.status() == 200; i++) {
        // Redis answered later than REDIS_TIMEOUT, as it may on a loaded machine.
        Installation.pause(Limits.REDIS_BYPASS);
        replayed = replayedAt(second, guest);
      }
      assertThat(replayed.status()).isEqualTo(401);
      assertThat(replayed.json()).containsEntry("action", "refresh");
      assertThat(replayed.response().body()).doesNotContain("secret");
      assertThat(guest.get("/v2/Webchat/Messages").status()).isEqualTo(200);
      String old = guest.token();
      assertThat(guest.reloads().status()).as("renewed by the other node").isEqualTo(200);
      assertThat(guest.token()).isNotEqualTo(old);
    } finally {
      second.closeAtOnce();
    }
  }

  /** Lets the first node answer a call, and sends the same call to the second one. */
  private Guest.Reply replayedAt(ParlourProcess second, Guest guest) {
    installation.edgeIs(firstNode);
    Map<String, String> recorded = new LinkedHashMap<>(guest.bearer());
    recorded.putAll(guest
        .key()
        .sign(GuestKey.Call.of(
            "GET", "/v2/Webchat/Messages", "", guest.bearer(), installation.clock.instant())));
    assertThat(guest.send("GET", "/v2/Webchat/Messages", "", recorded).status()).isEqualTo(200);
    installation.edgeIs(second.publicAddress().orElseThrow());
    return guest.send("GET", "/v2/Webchat/Messages", "", recorded);
  }

  private void guests_chat_while_a_node_stops(int port, ParlourProcess second) {
    installation.edgeIs(URI.create("http://127.0.0.1:" + port));
    Guest guest = installation.guest().starts();
    try (GuestSocket one = socket(guest);
        GuestSocket other = socket(guest)) {
      assertThat(guest.says("on both nodes", "a").status()).isEqualTo(201);
      // The balancer spreads these sockets over both nodes. Each receives the message, whichever
      // node
      // took it.
      assertThat(one.receivesUntil("on both nodes")).contains("on both nodes");
      assertThat(other.receivesUntil("on both nodes")).contains("on both nodes");
    }
    Thread stops = Thread.ofVirtual().start(second::close);
    int said = 0;
    while (stops.isAlive() || said == 0) {
      Guest.Reply reload = guest.reloads();
      assertThat(reload.status()).as(reload.response().body()).isEqualTo(200);
      assertThat(guest.says("meanwhile", "b" + said).status()).isEqualTo(201);
      said++;
      Installation.pause(Duration.ofMillis(200));
    }
    assertThat(guest.reloads().status()).isEqualTo(200);
    try (GuestSocket afterwards = socket(guest)) {
      assertThat(guest.says("afterwards", "c").status()).isEqualTo(201);
      assertThat(afterwards.receivesUntil("afterwards")).contains("afterwards");
    }
  }

  private static GuestSocket socket(Guest guest) {
    GuestSocket socket = guest.opensSocket().says(guest.hello(-1));
    assertThat(socket.receives()).containsEntry("type", "welcome");
    return socket;
  }

  private static String addressed(String settings, ParlourProcess second) {
    return settings
        .replace("10.0.0.11:8080", firstNode.getAuthority())
        .replace("10.0.0.12:8080", second.publicAddress().orElseThrow().getAuthority());
  }
}
