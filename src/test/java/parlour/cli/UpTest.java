package parlour.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.LongForm;
import parlour.demo.DemoBrowser;

/** Starts and stops, and what can prevent them, with real processes and signals. */
class UpTest {
  @TempDir
  private Path folder;

  @Test
  void the_first_start_prints_everything_that_is_needed_and_a_later_one_what_exists() {
    String key;
    String account;
    try (Started first = Started.up(folder)) {
      key = first.awaits("deployment +(CV[0-9a-f]{32})");
      account = first.awaits("account +(AC[0-9a-f]{32})");
      String token = first.awaits("auth token +([0-9a-f]{32}) +\\(shown once: keep it\\)");
      assertThat(first.out()).contains("parlour trace ID");
      assertThat(get(first.edge().resolve("/health/ready")).statusCode()).isEqualTo(200);
      assertThat(browser(first, key).startsChat().status()).isEqualTo(201);
      assertThat(first.terminate().exit()).isEqualTo(0);
      assertThat(first.out()).endsWith("stopped\n");
      // A slow start can notice the account that it creates itself.
      assertThat(first.err().lines()).allMatch(line -> line.contains("directory-changed"));
      assertThat(filesOf(folder.resolve("data"))).doesNotContain(token);
    }
    assertThat(Typed.in(
                folder,
                "deployments",
                "show",
                key,
                "--data",
                folder.resolve("data").toString())
            .out())
        .as("for pages on this machine")
        .containsPattern("realtime +on");
    try (Started second = Started.up(folder)) {
      assertThat(second.deploymentKey()).isEqualTo(key);
      assertThat(second.out()).doesNotContain("auth token").doesNotContain(account);
      assertThat(browser(second, key).startsChat().status()).isEqualTo(201);
    }
  }

  @Test
  void without_a_host_only_this_machine_can_connect_and_the_output_says_so() {
    try (Started up = new Started(
        folder,
        "up",
        "--port",
        "0",
        "--internal-port",
        "0",
        "--data",
        folder.resolve("data").toString())) {
      assertThat(up.edge().getHost()).isEqualTo("127.0.0.1");
      assertThat(up.awaits("listens on +(\\S.*)\\R"))
          .isEqualTo("127.0.0.1: this machine only (--host 0.0.0.0 lets others connect)");
    }
  }

  @Test
  void a_library_that_cannot_be_unpacked_is_reported_in_one_message() throws Exception {
    Files.createDirectory(folder.resolve("data"));
    try (Started command = new Started(
        folder,
        List.of("-Dorg.sqlite.tmpdir=" + folder.resolve("none")),
        "up",
        "--port",
        "0",
        "--internal-port",
        "0",
        "--data",
        folder.resolve("data").toString())) {
      assertThat(command.exit()).isEqualTo(1);
      assertThat(command.err()).startsWith("parlour: ").contains("-Dorg.sqlite.tmpdir=");
      assertThat(command.err().lines()).hasSize(1);
    }
  }

  /** Runs the printed commands in a shell. */
  @Test
  @LongForm(instead = "the first start, and DocumentedCommandsTest")
  void the_printed_commands_work_when_they_are_pasted() throws Exception {
    try (Started up = Started.up(folder)) {
      up.awaits("(parlour trace ID)");
      String commands = String.join(
          "\n",
          up.out()
              .lines()
              .filter(line -> line.startsWith("  ") && !line.contains("parlour trace"))
              .toList());
      Path script = Files.writeString(folder.resolve("pasted.sh"), commands + "\n");
      Path output = folder.resolve("pasted.txt");
      Process shell = new ProcessBuilder("sh", script.toString())
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
      assertThat(shell.waitFor(Duration.ofSeconds(60))).isTrue();
      assertThat(Files.readString(output))
          .contains("HTTP/1.1 201", "HTTP/1.1 200", "\"valid\":true");
    }
  }

  @Test
  void acknowledged_messages_survive_a_kill() {
    DemoBrowser guest;
    int port;
    try (Started up = Started.up(folder)) {
      guest = browser(up, up.deploymentKey());
      assertThat(guest.startsChat().status()).isEqualTo(201);
      port = up.edge().getPort();
      up.kill();
    }
    try (Started again = Started.up(folder, port)) {
      again.edge();
      assertThat(guest.reloads().status()).isEqualTo(200);
    }
  }

  @Test
  void a_running_call_is_finished_before_the_stop() throws Exception {
    try (Started up = Started.up(folder);
        IncompleteCall call = new IncompleteCall(up.edge())) {
      up.terminate().awaits("(stopping)");
      call.finish();
      assertThat(call.answer()).startsWith("HTTP/1.1 404");
      assertThat(up.exit()).isEqualTo(0);
      assertThat(up.out()).endsWith("stopped\n");
    }
  }

  @Test
  @LongForm(instead = "the test of a call that is finished before the stop")
  void a_second_signal_stops_at_once() throws Exception {
    try (Started up = Started.up(folder);
        IncompleteCall call = new IncompleteCall(up.edge())) {
      up.terminate().awaits("(stopping)");
      assertThat(up.terminate().exit()).isEqualTo(143);
      assertThat(up.out()).doesNotContain("stopped");
      assertThat(call.answer()).isEmpty();
    }
  }

  @Test
  void a_folder_in_use_is_reported_in_one_message() {
    try (Started up = Started.up(folder)) {
      String there = up.internal().toString();
      try (Started second = Started.up(folder)) {
        assertThat(second.exit()).isEqualTo(1);
        assertThat(second.err()).contains("already runs in", there, "--data DIR");
        assertThat(second.err().lines()).hasSize(1);
      }
      assertThat(get(up.edge().resolve("/health/ready")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void a_port_in_use_is_reported_in_one_message() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());
      Typed typed = Typed.in(
          folder,
          "up",
          "--host",
          "127.0.0.1",
          "--port",
          port,
          "--internal-port",
          "0",
          "--data",
          folder.resolve("data").toString());
      assertRefused(typed, "cannot listen on 127.0.0.1:" + port, "choose another port");
    }
  }

  @Test
  void a_wrong_or_missing_master_key_is_reported_in_one_message_and_changes_nothing()
      throws Exception {
    Path data = folder.resolve("data");
    DemoBrowser guest;
    int port;
    try (Started up = Started.up(folder)) {
      guest = browser(up, up.deploymentKey());
      guest.startsChat();
      port = up.edge().getPort();
      assertThat(up.terminate().exit()).isEqualTo(0);
    }
    Path kept = Files.move(data.resolve("master.key"), folder.resolve("kept.key"));
    assertRefused(up(), "master.key is missing", "put it back");
    Files.writeString(data.resolve("master.key"), Base64.getEncoder().encodeToString(new byte[32]));
    assertRefused(up(), "the master key does not open the token keys", "Put back the master key");
    Files.move(kept, data.resolve("master.key"), StandardCopyOption.REPLACE_EXISTING);
    try (Started again = Started.up(folder, port)) {
      again.edge();
      assertThat(guest.reloads().status()).isEqualTo(200);
    }
  }

  @Test
  void a_folder_that_cannot_be_created_is_reported_in_one_message() throws Exception {
    Files.writeString(folder.resolve("data"), "a file, no folder");
    assertRefused(
        up(),
        "cannot create the data folder " + folder.resolve("data"),
        "install -d -o " + System.getProperty("user.name") + " -m 0700 " + folder.resolve("data"));
  }

  @Test
  void a_folder_or_a_key_that_every_user_can_change_is_reported_in_one_message() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertRefused(up(), "every user of this machine can change " + data, "chmod 700");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    Path key = Files.writeString(
        data.resolve("master.key"), Base64.getEncoder().encodeToString(new byte[32]));
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertRefused(up(), "every user of this machine can change " + key, "chmod 600");
  }

  @Test
  void wrong_settings_are_reported_in_one_message() {
    assertRefused(
        Typed.in(folder, "up", "--port", "eighty"), "public.port = \"eighty\" (command line)");
  }

  @Test
  @LongForm(instead = "DeployedTest and SeveralNodesTest")
  void a_process_can_serve_some_roles() {
    try (Started serve = new Started(
        folder,
        "serve",
        "--roles=scoped-auth,federated-auth",
        "--internal-port",
        "0",
        "--data",
        folder.resolve("data").toString())) {
      assertThat(serve.awaits("serving +(\\S+)")).isEqualTo("federated-auth,scoped-auth");
      assertThat(get(serve.internal().resolve("/health/ready")).statusCode()).isEqualTo(200);
      assertThat(serve.out()).doesNotContain("browsers");
      assertThat(serve.terminate().exit()).isEqualTo(0);
    }
    assertRefused(
        Typed.in(
            folder,
            "serve",
            "--roles=starship",
            "--internal-port",
            "0",
            "--port",
            "0",
            "--data",
            folder.resolve("data").toString()),
        "orchestrator.url is not set");
    assertThat(Typed.in(folder, "serve", "--roles=starfish").exit()).isEqualTo(2);
  }

  private Typed up() {
    return Typed.in(
        folder,
        "up",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--internal-port",
        "0",
        "--data",
        folder.resolve("data").toString());
  }

  private static void assertRefused(Typed typed, String... words) {
    assertThat(typed.err()).contains(words).startsWith("parlour: ").doesNotContain("\tat ");
    assertThat(typed.err().lines()).hasSize(1);
    assertThat(typed.out()).isEmpty();
    assertThat(typed.exit()).isEqualTo(1);
  }

  private static DemoBrowser browser(Started up, String deploymentKey) {
    return new DemoBrowser(
        HttpClient.newHttpClient(),
        up.edge(),
        "http://localhost:3000",
        deploymentKey,
        DemoBrowser.CHROME_ON_WINDOWS);
  }

  private static HttpResponse<String> get(URI uri) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String filesOf(Path folder) {
    StringBuilder all = new StringBuilder();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.append(new String(Files.readAllBytes(file), US_ASCII));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return all.toString();
  }

  /** A call whose body is incomplete, so that it runs until the test completes it. */
  private static final class IncompleteCall implements AutoCloseable {
    private final Socket socket;

    IncompleteCall(URI edge) throws IOException {
      socket = new Socket(edge.getHost(), edge.getPort());
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write("""
          POST /v2/Webchat/Init HTTP/1.1\r
          Host: localhost\r
          Content-Type: application/json\r
          Content-Length: 54\r
          Expect: 100-continue\r
          Connection: close\r
          \r
          """.getBytes(US_ASCII));
      StringBuilder go = new StringBuilder();
      while (!go.toString().endsWith("\r\n\r\n")) { // the server reads the body, and waits
        int next = socket.getInputStream().read();
        assertThat(next).isNotNegative();
        go.append((char) next);
      }
      assertThat(go.toString()).startsWith("HTTP/1.1 100");
      socket.getOutputStream().write("{\"deploymentKey\":".getBytes(US_ASCII));
    }

    void finish() throws IOException {
      socket.getOutputStream().write("\"CV%032d\"}".formatted(0).getBytes(US_ASCII));
    }

    String answer() {
      try {
        return new String(socket.getInputStream().readAllBytes(), US_ASCII);
      } catch (IOException e) {
        return ""; // the connection was cut
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
