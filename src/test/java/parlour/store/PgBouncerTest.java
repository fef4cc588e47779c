package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static parlour.store.DatabaseContract.THINGS;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pgbouncer in front of the server. */
@Timeout(120)
final class PgBouncerTest {
  private final PostgresServer server = Postgres.fresh();

  @TempDir
  private Path folder;

  @BeforeAll
  static void requireProgram() {
    assumeTrue(
        PgBouncer.program().isPresent(), "no pgbouncer here: as root on Debian, ./dev installs it");
  }

  @Test
  void in_session_mode_the_store_works_and_two_nodes_share_it() throws Exception {
    try (PgBouncer bouncer = PgBouncer.start(folder, server, "session");
        PostgresDatabase one = open(bouncer);
        PostgresDatabase other = open(bouncer)) {
      DatabaseContract.inParallel(8, i -> {
        for (int n = 0; n < 20; n++) {
          String id = i + "-" + n;
          (i % 2 == 0 ? one : other)
              .write(sql -> sql.update("INSERT INTO thing (id, number) VALUES (?, 1)", id));
        }
        return i;
      });
      assertThat(ids(one)).hasSize(160);
      assertThat(ids(other)).hasSize(160);
      // Each connection has its settings.
      String wait = one.read(sql -> sql.first(
              "SELECT current_setting('statement_timeout') || ' ' || current_schema() AS it",
              row -> row.getString("it"))
          .orElseThrow());
      assertThat(wait).isEqualTo("1250ms parlour_storetest");
    }
  }

  @Test
  void in_transaction_mode_the_start_is_refused_with_the_remedy() throws Exception {
    for (String mode : List.of("transaction", "statement")) {
      try (PgBouncer bouncer = PgBouncer.start(folder, server, mode)) {
        assertThatThrownBy(() -> open(bouncer))
            .as(mode)
            .isInstanceOf(SchemaMismatch.class)
            .hasMessageContaining("pool_mode = session");
      }
    }
  }

  private PostgresDatabase open(PgBouncer bouncer) {
    return PostgresDatabase.open(
        bouncer.before(server), THINGS, MigrationMode.APPLY, StoreLimits.ofServer(2));
  }

  private static List<String> ids(Database database) {
    return database.read(sql -> sql.list("SELECT id FROM thing", row -> row.getString("id")));
  }
}
