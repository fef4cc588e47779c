package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import parlour.StartupError;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

/** An instance with running chats is moved from its folder to a PostgreSQL. */
class MigrateTest {
  private final Installation installation = Installation.start(Shape.ONE_PROCESS);
  private final PostgresServer server = Postgres.fresh();

  @AfterEach
  void stop() {
    installation.close();
  }

  @Test
  void guests_continue_over_postgresql_with_all_messages_from_before_and_during_the_move() {
    Guest before = installation.guest().starts();
    before.says("before", "a");
    Guest reloading = installation.guest().starts();

    Typed running = migrate();
    assertThat(running.err()).contains("a process runs over the folder");
    assertThat(running.exit()).isEqualTo(1);
    assertThat(running.out()).contains("run this again");

    before.says("during", "b");
    before.reloads();
    reloading.reloads();
    installation.stop(Role.STARSHIP);
    Typed stopped = migrate();
    assertThat(stopped.err()).isEmpty();
    assertThat(stopped.exit()).isEqualTo(0);
    assertThat(written(stopped, "message")).isEqualTo(1);
    assertThat(written(stopped, "account")).isZero();

    installation.startOver(server);
    assertThat(before.reloads().status()).isEqualTo(200);
    before.says("after", "c");
    assertThat(bodies(before)).containsExactly("before", "during", "after");
    assertThat(installation.guest().starts().reloads().status()).isEqualTo(200);
  }

  @Test
  void a_run_after_a_kill_continues_and_also_removes_an_erased_row() {
    Guest guest = installation.guest().starts();
    guest.says("kept", "a");
    installation.stop(Role.STARSHIP);
    // As after a kill: some rows are copied, one differs, and one is not in the file.
    copiesButDoesNotFinish();
    Postgres.asOperator(server.database(), "DELETE FROM parlour_conversations.message");
    Postgres.asOperator(
        server.database(), "UPDATE parlour_scoped_auth.guest_session SET identity = 'other'");
    Postgres.asOperator(
        server.database(),
        "INSERT INTO parlour_orchestrator.address VALUES ('IGx', (SELECT sid FROM"
            + " parlour_orchestrator.account LIMIT 1), 'x', 1)");

    Typed again = migrate();
    assertThat(again.exit()).as(again.err()).isEqualTo(0);
    assertThat(written(again, "message")).isEqualTo(1);
    assertThat(written(again, "guest_session")).isEqualTo(1);
    assertThat(written(again, "address")).isEqualTo(1);
    installation.startOver(server);
    assertThat(bodies(guest)).containsExactly("kept");
  }

  @Test
  void a_database_with_other_data_is_refused_and_no_server_starts_on_an_unfinished_move() {
    installation.guest().starts();
    assertThat(migrate().exit()).isEqualTo(1);
    installation.stop(Role.STARSHIP);
    assertThatThrownBy(() -> installation.startOver(server))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("parlour migrate");

    assertThat(migrate().exit()).isEqualTo(0);
    Typed twice = migrate();
    assertThat(twice.exit()).isEqualTo(1);
    assertThat(twice.err()).contains("holds data already");

    PostgresServer empty = Postgres.fresh();
    try (Installation other = Installation.start(
        Shape.ONE_PROCESS, ServiceDecorators.NONE, Map.of(Setting.LOG_LEVEL, "warn"))) {
      assertThat(migrate(installation.folder(), empty).exit()).isEqualTo(0);
      Typed mixed = migrate(other.folder(), empty);
      assertThat(mixed.exit()).isEqualTo(1);
      assertThat(mixed.err()).contains("holds data already");
    }
  }

  @Test
  void a_wrong_folder_or_server_is_reported() {
    assertThat(migrate(Path.of("/nowhere"), server).err()).contains("no data folder");
    Typed noPrefix =
        Typed.in(installation.folder(), "migrate", "--from", "data", "--to", server.toString());
    assertThat(noPrefix.err()).contains("sqlite:");
    Typed noServer = Typed.in(
        installation.folder(), "migrate", "--from", "sqlite:.", "--to", "postgres://a:b@c/d");
    assertThat(noServer.err()).contains("database.password-file").doesNotContain("a:b");
    assertThat(Files.exists(installation.folder())).isTrue();
  }

  private void copiesButDoesNotFinish() {
    try (DataFolder.Claim claim =
        DataFolder.existing(installation.folder()).claim(EnumSet.allOf(Role.class))) {
      assertThat(claim).isNotNull();
      assertThat(migrate().exit()).isEqualTo(1);
    }
  }

  private Typed migrate() {
    return migrate(installation.folder(), server);
  }

  private static Typed migrate(Path folder, PostgresServer server) {
    return Typed.in(
        folder,
        Map.of("PARLOUR_DATABASE_PASSWORD", server.password().orElseThrow()),
        "migrate",
        "--from",
        "sqlite:" + folder,
        "--to",
        server.toString());
  }

  private static int written(Typed typed, String table) {
    return typed
        .out()
        .lines()
        .filter(line -> line.matches(".* " + table + " .*"))
        .map(line -> line.replaceAll(".* ([0-9]+) written.*", "$1"))
        .mapToInt(Integer::parseInt)
        .sum();
  }

  private static List<String> bodies(Guest guest) {
    List<String> bodies = new ArrayList<>();
    for (Object message : (List<?>)
        Objects.requireNonNull(guest.get("/v2/Webchat/Messages").json().get("messages"))) {
      bodies.add(String.valueOf(((Map<?, ?>) message).get("body")));
    }
    return bodies;
  }
}
