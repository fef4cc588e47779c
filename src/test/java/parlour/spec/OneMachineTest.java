package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;

/** Parlour behind a proxy on the same machine, with the files of deploy/one-machine. */
class OneMachineTest {
  @AutoClose
  private static final Installation installation = Installation.start(
      Shape.ONE_PROCESS, ServiceDecorators.NONE, Map.of(Setting.TRUSTED_PROXIES, "127.0.0.1"));

  private static final URI PARLOUR = installation.edge();

  private final int port = Ports.free();

  @TempDir
  private Path folder;

  @Test
  void a_guest_chats_through_the_nginx_of_the_example() throws IOException {
    String settings = example("nginx.conf")
        .replace("listen 443 ssl", "listen 127.0.0.1:" + port)
        .replaceAll("ssl_certificate.*", "");
    try (Neighbour _ = Neighbour.nginx(folder, port, settings)) {
      chats();
    }
  }

  @Test
  void a_guest_chats_through_the_caddy_of_the_example() throws IOException {
    Path caddy = Neighbour.installed("caddy");
    String settings = "{\n\tadmin off\n}\n"
        + example("Caddyfile")
            .replaceFirst("(?m)^chat\\.example\\.com", "http://127.0.0.1:" + port);
    Path file = Files.writeString(folder.resolve("Caddyfile"), settings);
    try (Neighbour _ = Neighbour.start(
        folder,
        port,
        caddy.toString(),
        "run",
        "--config",
        file.toString(),
        "--adapter",
        "caddyfile")) {
      chats();
    }
  }

  private static String example(String file) throws IOException {
    String example = Files.readString(Path.of("deploy", "one-machine", file));
    assertThat(example).contains("127.0.0.1:8080");
    return example.replace("127.0.0.1:8080", PARLOUR.getAuthority());
  }

  /** Calls, a file that is longer than the usual bound of proxies, and a socket. */
  private void chats() {
    installation.edgeIs(URI.create("http://127.0.0.1:" + port));
    Guest guest = installation.guest().withKey(GuestKey.next()).starts();
    assertThat(guest.says("hello", "a").status()).isEqualTo(201);
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(installation.serverUploads("long.txt", "long ".repeat(600_000)).status())
        .isEqualTo(201);
    try (GuestSocket socket = guest.entersSocket(-1)) {
      assertThat(socket.receivesUntil("hello")).containsExactly("hello");
    }
  }
}
