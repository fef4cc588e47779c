package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.LongForm;
import parlour.accounts.SqlAccounts;
import parlour.config.Role;
import parlour.conversations.SqlConversationStore;
import parlour.scopedauth.SqlSessions;
import parlour.spec.Guest;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.store.Database;
import parlour.store.Databases;
import parlour.store.MigrationMode;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.Schema;

/** A move that is killed several times continues where it was. */
@LongForm(instead = "MigrateFilesTest and the tests of each migration")
class MigrateKilledTest {
  private static final int MESSAGES = 60_000;
  private static final int AT_ONCE = 5_000;
  private static final Duration TIMEOUT = Duration.ofMinutes(4); // on a busy machine

  @AutoClose
  private final Installation installation = Installation.start(Shape.ONE_PROCESS);

  private final PostgresServer server = Postgres.fresh();

  @TempDir
  private Path out;

  @Test
  void every_row_is_copied_once_whenever_the_process_is_killed() throws Exception {
    Guest guest = installation.guest().starts();
    guest.says("said before", "a");
    installation.stop(Role.STARSHIP);
    fill(guest.conversation());

    long copied = killedInTheMiddle(0);
    copied = killedInTheMiddle(copied);
    try (Started last = migrate()) {
      assertThat(last.exit()).as(last.err()).isZero();
      assertThat(last.out()).contains("all is moved");
      long written = Long.parseLong(last.awaits(" message +[0-9]+ rows +([0-9]+) written"));
      assertThat(written).isEqualTo(MESSAGES + 1 - copied);
    }

    assertSame(SqlAccounts.SCHEMA, "account", "address", "deployment");
    assertSame(SqlSessions.SCHEMA, "guest_session", "token_key");
    assertSame(SqlConversationStore.SCHEMA, "conversation", "participant", "message");
    installation.startOver(server);
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(guest.get("/v2/Webchat/Messages?before=1").response().body())
        .contains("said before");
  }

  /**
   * Kills a run after it has copied some more messages.
   *
   * @return how many are copied
   */
  private long killedInTheMiddle(long before) throws Exception {
    try (Started run = migrate()) {
      long giveUp = System.nanoTime() + TIMEOUT.toNanos();
      while (arrived() <= before) {
        assertThat(System.nanoTime()).isLessThan(giveUp);
        Thread.sleep(5);
      }
      run.kill();
    }
    long copied = arrived();
    assertThat(copied).isGreaterThan(before).isLessThan(MESSAGES + 1);
    return copied;
  }

  /** Enough data for a move to take some time. */
  private void fill(String conversation) {
    try (Database database = Databases.in(installation.folder())
        .open(SqlConversationStore.SCHEMA, MigrationMode.VERIFY)) {
      for (int from = 1; from <= MESSAGES; from += AT_ONCE) {
        int first = from;
        database.write(sql -> sql.update("""
            INSERT INTO message (sid, conversation_sid, message_index, author, author_kind,
              author_name, body, attributes, created_at, updated_at, added_revision, revision,
              removed)
            WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            SELECT printf('IM%032d', i), ?, i, 'bot', 'agent', 'Bot', 'said ' || i, '{}',
              i, i, i, i, FALSE
            FROM n
            """, first, first + AT_ONCE - 1, conversation));
      }
    }
  }

  private Started migrate() throws Exception {
    Path password = Files.writeString(out.resolve("password"), server.password().orElseThrow());
    return new Started(
        out,
        "migrate",
        "--from",
        "sqlite:" + installation.folder(),
        "--to",
        server.toString(),
        "--set",
        "database.password-file=" + password);
  }

  private long arrived() {
    String tableExists = Postgres.asOperator(
        server.database(), "SELECT to_regclass('parlour_conversations.message') IS NOT NULL");
    return tableExists.equals("t")
        ? Long.parseLong(Postgres.asOperator(
            server.database(), "SELECT count(*) FROM parlour_conversations.message"))
        : 0;
  }

  private void assertSame(Schema schema, String... tables) {
    try (Database file = Databases.in(installation.folder()).open(schema, MigrationMode.VERIFY)) {
      for (String table : tables) {
        long rows = file.read(
                sql -> sql.first("SELECT count(*) AS rows FROM " + table, row -> row.getLong(1)))
            .orElseThrow();
        assertThat(rows).as(table).isPositive();
        assertThat(Postgres.asOperator(
                server.database(),
                "SELECT count(*) FROM parlour_" + schema.role().replace('-', '_') + "." + table))
            .as(table)
            .isEqualTo(String.valueOf(rows));
      }
    }
  }
}
