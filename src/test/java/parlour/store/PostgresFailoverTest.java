package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.store.DatabaseContract.THINGS;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of a primary and a standby, with PostgreSQL's own replication. */
@Timeout(120)
final class PostgresFailoverTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @Test
  void changes_go_to_the_primary_and_after_a_failover_to_the_new_one(@TempDir Path folder)
      throws Exception {
    EmbeddedPostgres primary = start(folder.resolve("primary"), 0);
    int port = primary.getPort();
    primary.close();
    copy(folder.resolve("primary"), folder.resolve("standby"));
    follow(folder.resolve("standby"), port);
    primary = start(folder.resolve("primary"), port);
    try (EmbeddedPostgres standby = start(folder.resolve("standby"), 0)) {
      // The standby is named first, and accepts no changes.
      PostgresServer both = PostgresServer.parse(
          "postgres://postgres@localhost:%d,localhost:%d/postgres"
              .formatted(standby.getPort(), port),
          Optional.empty());
      try (PostgresDatabase database =
          PostgresDatabase.open(both, THINGS, MigrationMode.APPLY, StoreLimits.ofServer(2))) {
        add(database, "before");
        eventually(() -> assertThat(asked(standby, "SELECT id FROM parlour_storetest.thing"))
            .contains("before"));

        primary.close();
        assertThatThrownBy(() -> add(database, "while there is none"))
            .isInstanceOf(StoreUnavailable.class);
        assertThat(asked(standby, "SELECT pg_promote()")).contains("t");

        eventually(() -> add(database, "after"));
        assertThat(ids(database)).containsExactlyInAnyOrder("before", "after");
      }
    } finally {
      primary.close();
    }
  }

  private static EmbeddedPostgres start(Path data, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setPort(port)
        .start();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
    Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
  }

  private static void follow(Path standby, int port) throws IOException {
    Files.createFile(standby.resolve("standby.signal"));
    Files.writeString(
        standby.resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres'%n".formatted(port),
        StandardOpenOption.APPEND);
  }

  private static Optional<String> asked(EmbeddedPostgres server, String query) {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static void add(Database database, String id) {
    database.write(sql -> sql.update("INSERT INTO thing (id, number) VALUES (?, 1)", id));
  }

  private static List<String> ids(Database database) {
    return database.read(sql -> sql.list("SELECT id FROM thing", row -> row.getString("id")));
  }

  private static void eventually(Runnable works) throws InterruptedException {
    long giveUp = System.nanoTime() + TIMEOUT.toNanos();
    while (true) {
      try {
        works.run();
        return;
      } catch (StoreUnavailable | AssertionError notYet) {
        if (System.nanoTime() - giveUp > 0) {
          throw notYet;
        }
        Thread.sleep(50);
      }
    }
  }
}
