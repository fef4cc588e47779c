package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.LongForm;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.store.InstalledPostgres;

/** The commands of docs/operating.md that back up and restore an installation over PostgreSQL. */
@LongForm(instead = "nothing: the commands are those of a document, and need PostgreSQL's programs")
class PostgresBackupTest {
  /** The commands run as root, beside a service and an administrator that a test has not. */
  private static final String STAND_INS = """
      set -eu
      systemctl() { :; }
      parlour() { echo "parlour $*"; }
      sudo() {
        if [ "$1" = -u ]; then shift 2; PGUSER=postgres "$@"; else "$@"; fi
      }
      """;

  @TempDir
  private Path folder;

  private @Nullable InstalledPostgres server;
  private @Nullable Installation installation;

  @BeforeEach
  void start() throws IOException {
    Optional<Path> programs = InstalledPostgres.programs();
    assumeTrue(programs.isPresent(), "pg_dump and pg_restore are installed with their server");
    InstalledPostgres started =
        new InstalledPostgres(programs.orElseThrow(), Files.createDirectory(folder.resolve("pg")));
    server = started;
    started.asOperator("CREATE ROLE parlour LOGIN PASSWORD 'secret'");
    started.asOperator("CREATE DATABASE parlour OWNER parlour ENCODING 'UTF8' TEMPLATE template0");
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.put(
        Setting.DATABASE_URL, "postgres://parlour@127.0.0.1:%d/parlour".formatted(started.port()));
    settings.put(Setting.DATABASE_PASSWORD, "secret");
    installation = Installation.start(Shape.ONE_PROCESS, ServiceDecorators.NONE, settings);
  }

  @AfterEach
  void stop() {
    if (installation != null) {
      installation.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void a_guest_goes_on_after_the_documented_commands_have_restored_a_backup() throws Exception {
    Installation running = running();
    Guest guest = running.guest().starts();
    assertThat(guest.says("is it safe?", "m1").status()).isEqualTo(201);
    Ran backedUp = run(documented("Back up PostgreSQL"));
    assertThat(backedUp.exit()).as(backedUp.out()).isZero();
    assertThat(guest.says("after the backup", "m2").status()).isEqualTo(201);

    running.stopAll();
    lose(running.folder());
    server().asOperator("DROP DATABASE parlour");
    Ran restored = run(documented("Restore PostgreSQL"));
    assertThat(restored.exit()).as(restored.out()).isZero();
    assertThat(restored.out().lines()).contains("parlour accounts list");
    Typed listed = type("accounts", "list");
    assertThat(listed.exit()).as(listed.err()).isZero();
    assertThat(listed.out()).contains(running.account.text());

    running.startAllAgain();
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(guest.get("/v2/Webchat/Messages").response().body())
        .contains("is it safe?")
        .doesNotContain("after the backup");
  }

  @Test
  void the_documented_check_finds_a_dump_that_was_cut_off() throws Exception {
    running().guest().starts();
    String commands = documented("Back up PostgreSQL");
    String cutOff = commands.replaceFirst(
        "(?m)^pg_restore --file=/dev/null", "truncate -s -2000 \"\\$backup/parlour.dump\"\n$0");
    assertThat(cutOff).isNotEqualTo(commands);
    assertThat(run(cutOff).exit()).isNotZero();
  }

  /** The commands of a section, with the places of this test in their first lines. */
  private String documented(String heading) throws IOException {
    Matcher section = Pattern.compile(
            "(?ms)^### " + Pattern.quote(heading) + "$.*?^```sh\\n(.*?)^```$")
        .matcher(Files.readString(Path.of("docs/operating.md")));
    assertThat(section.find()).as(heading).isTrue();
    Path data = running().folder();
    String commands = section.group(1);
    for (String line : List.of(
        "export PGHOST=127.0.0.1 PGPORT=%d PGUSER=parlour PGPASSFILE=%s"
            .formatted(server().port(), passwords()),
        "data=" + data,
        "keys=" + data,
        "backup=" + folder.resolve("backup"))) {
      String name = line.replaceFirst("=.*", "=");
      String placed = commands.replaceFirst("(?m)^" + name + ".*$", line);
      assertThat(placed).as(name).isNotEqualTo(commands);
      commands = placed;
    }
    return commands;
  }

  private Path passwords() throws IOException {
    Path file = folder.resolve("pgpass");
    Files.writeString(file, "127.0.0.1:%d:*:parlour:secret\n".formatted(server().port()));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private record Ran(int exit, String out) {}

  private Ran run(String commands) throws IOException, InterruptedException {
    ProcessBuilder shell = new ProcessBuilder("sh", "-c", STAND_INS + commands)
        .directory(folder.toFile())
        .redirectErrorStream(true);
    shell
        .environment()
        .merge(
            "PATH",
            InstalledPostgres.programs().orElseThrow().toString(),
            (path, own) -> own + ":" + path);
    Process process = shell.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), out);
  }

  /** The package makes the folder again on another machine, empty. */
  private static void lose(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  private Typed type(String... arguments) {
    Map<String, String> environment = Map.of(
        Setting.DATABASE_URL.variable(),
        running().settings().getOrDefault(Setting.DATABASE_URL, ""),
        Setting.DATABASE_PASSWORD.variable(),
        "secret");
    return Typed.in(running().folder(), environment, arguments);
  }

  private Installation running() {
    Installation running = installation;
    if (running == null) {
      throw new IllegalStateException("nothing was started");
    }
    return running;
  }

  private InstalledPostgres server() {
    InstalledPostgres started = server;
    if (started == null) {
      throw new IllegalStateException("no server was started");
    }
    return started;
  }
}
