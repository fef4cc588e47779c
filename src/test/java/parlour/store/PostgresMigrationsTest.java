package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.conversations.SqlConversationStore;
import parlour.store.Migrations.Migration;

/** Migrations of a schema in PostgreSQL; {@link MigrationsTest} tests those of a file. */
@Timeout(60)
final class PostgresMigrationsTest {
  private static final String ONE = "CREATE TABLE a (id TEXT PRIMARY KEY);\n";
  private static final String TWO = """
      ALTER TABLE a ADD COLUMN body BLOB; -- needs 001
      INSERT INTO a (id) VALUES ('x');
      """;

  private final PostgresServer server = Postgres.fresh();

  @Test
  void ten_processes_that_start_at_once_apply_each_migration_once() throws Exception {
    for (int round = 0; round < 3; round++) {
      PostgresServer empty = Postgres.fresh();
      List<List<String>> seen = DatabaseContract.inParallel(10, i -> {
        try (Database database = open(empty, MigrationMode.APPLY, ONE, TWO)) {
          return strings(database, "SELECT id FROM a");
        }
      });
      assertThat(seen).hasSize(10).containsOnly(List.of("x"));
    }
  }

  @Test
  void a_migration_that_waits_for_a_backup_stops_no_call_of_a_running_process() throws Exception {
    String waiting = """
        SELECT 'yes' FROM pg_locks JOIN pg_database ON pg_database.oid = database
         WHERE datname = current_database() AND mode = 'AccessExclusiveLock' AND NOT granted""";
    try (Database running = open(MigrationMode.APPLY, ONE);
        Connection backup = Postgres.operator(server.database());
        Statement reading = backup.createStatement()) {
      backup.setAutoCommit(false);
      reading.execute("LOCK TABLE parlour_m.a IN ACCESS SHARE MODE"); // as pg_dump does
      FutureTask<List<String>> newer = new FutureTask<>(() -> {
        try (Database database = open(MigrationMode.APPLY, ONE, TWO)) {
          return strings(database, "SELECT id FROM a");
        }
      });
      Thread.ofVirtual().start(newer);
      for (int seen = 0; seen < 3; ) {
        if (!Postgres.asOperator(server.database(), waiting).isEmpty()) {
          seen++;
        }
        assertThat(strings(running, "SELECT id FROM a")).isEmpty();
      }
      backup.rollback();
      assertThat(newer.get()).containsExactly("x");
    }
  }

  @Test
  void a_migration_that_a_sender_deadlocks_is_tried_again() throws Exception {
    open(MigrationMode.APPLY, ONE).close();
    Postgres.asOperator(server.database(), """
        CREATE FUNCTION parlour_m.sender_waits() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
          WHILE NOT EXISTS (SELECT 1 FROM pg_locks WHERE relation = 'parlour_m.a'::regclass
              AND NOT granted) AND NOT EXISTS (SELECT 1 FROM parlour_m.a) LOOP
            PERFORM pg_sleep(0.01);
          END LOOP;
        END $$""");
    Postgres.asOperator(
        server.database(), "GRANT EXECUTE ON FUNCTION parlour_m.sender_waits() TO PUBLIC");
    String both = """
        CREATE INDEX b ON a (id);
        SELECT sender_waits();
        ALTER TABLE a ADD COLUMN body BLOB;
        """;
    try (Connection sender = Postgres.operator(server.database());
        Statement sending = sender.createStatement()) {
      sender.setAutoCommit(false);
      sending.execute("LOCK TABLE parlour_m.a IN ACCESS SHARE MODE"); // as a read does
      FutureTask<List<String>> newer = new FutureTask<>(() -> {
        try (Database database = open(MigrationMode.APPLY, ONE, both)) {
          return strings(database, "SELECT id FROM a WHERE body IS NULL");
        }
      });
      Thread.ofVirtual().start(newer);
      awaitLock("a", "ShareLock", true);
      sending.execute("INSERT INTO parlour_m.a (id) VALUES ('sent')");
      sender.commit();
      assertThat(newer.get()).containsExactly("sent");
    }
  }

  /** A transaction that had built the new index, and then wanted to drop the old one, refused this message. */
  @Test
  void a_message_is_sent_while_the_indexes_of_messages_are_exchanged() throws Exception {
    Schema all = SqlConversationStore.SCHEMA;
    List<String> before = all.migrations().subList(0, 19);
    Postgres.open(server, new Schema(all.role(), before)).close();
    try (Connection sender = Postgres.operator(server.database());
        Statement sending = sender.createStatement()) {
      sending.execute("SET search_path = parlour_conversations");
      sending.execute("""
          INSERT INTO conversation (sid, account_sid, address_sid, state, pre_engagement_data,
            created_at, last_activity_at) VALUES ('CH1', 'AC1', 'IG1', 'active', '{}', 1, 1)""");
      sender.setAutoCommit(false);
      sending.execute("LOCK TABLE message IN ACCESS SHARE MODE"); // as TAKE_NUMBERS does
      FutureTask<List<String>> newer = new FutureTask<>(() -> {
        try (Database database = Postgres.open(server, all)) {
          return strings(database, "SELECT sid FROM message");
        }
      });
      Thread.ofVirtual().start(newer);
      awaitLock("message", "AccessExclusiveLock", false);
      sending.execute("""
          INSERT INTO message (sid, conversation_sid, message_index, author, author_kind,
            author_name, body, attributes, created_at, updated_at, added_revision, revision,
            removed) VALUES ('IM1', 'CH1', 0, 'a', 'guest', 'A', 'Hi', '{}', 1, 1, 2, 2, FALSE)""");
      sender.commit();
      assertThat(newer.get()).containsExactly("IM1");
    }
    assertThat(Postgres.asOperator(server.database(), """
        SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes
        WHERE tablename = 'message' AND indexname IN ('message_changed', 'message_by_revision')""")).isEqualTo("message_changed");
  }

  /** Waits until a session has a lock on a table, or waits for it. */
  private void awaitLock(String table, String mode, boolean granted) {
    String found = """
        SELECT 'yes' FROM pg_locks JOIN pg_class ON pg_class.oid = relation
          JOIN pg_database ON pg_database.oid = database
        WHERE datname = current_database() AND relname = '%s' AND mode = '%s' AND granted = %s""".formatted(table, mode, granted);
    while (Postgres.asOperator(server.database(), found).isEmpty()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void each_role_has_its_own_schema() {
    try (Database m = open(MigrationMode.APPLY, ONE, TWO);
        Database things = Postgres.open(server, Schema.of("storetest", "001-things.sql"))) {
      assertThat(strings(m, "SELECT name FROM schema_migration ORDER BY version"))
          .containsExactly("001-m.sql", "002-m.sql");
      assertThat(strings(things, "SELECT name FROM schema_migration"))
          .containsExactly("001-things.sql");
      assertThatThrownBy(() -> strings(things, "SELECT id FROM a"))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void a_failing_migration_leaves_only_the_ones_before_it() {
    String broken = "CREATE TABLE half (id TEXT);\nINSERT INTO nowhere VALUES (1);";
    assertThatThrownBy(() -> open(MigrationMode.APPLY, ONE, broken))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessageContaining("m/002-m.sql")
        .hasMessageContaining("INSERT INTO nowhere")
        .hasMessageContaining("does not exist");
    try (Database database = open(MigrationMode.APPLY, ONE)) {
      assertThat(strings(database, "SELECT name FROM schema_migration")).hasSize(1);
      assertThatThrownBy(() -> strings(database, "SELECT id FROM half"))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void a_newer_or_changed_schema_is_refused_and_an_older_one_by_a_program_that_only_verifies() {
    assertThatThrownBy(() -> open(MigrationMode.VERIFY, ONE))
        .isInstanceOf(SchemaMismatch.class)
        .hasMessageContaining("parlour_m")
        .hasMessageContaining("Start the server");
    open(MigrationMode.APPLY, ONE).close();
    assertThatThrownBy(() -> open(MigrationMode.VERIFY, ONE, TWO))
        .isInstanceOf(SchemaMismatch.class)
        .hasMessageContaining("version 1 of 002-m.sql");
    open(MigrationMode.APPLY, ONE, TWO).close();
    assertThatThrownBy(() -> open(MigrationMode.APPLY, ONE))
        .isInstanceOf(SchemaMismatch.class)
        .hasMessageContaining("newer");
    assertThatThrownBy(() -> open(MigrationMode.APPLY, ONE + "-- a remark", TWO))
        .isInstanceOf(SchemaMismatch.class)
        .hasMessageContaining("001-m.sql");
    open(MigrationMode.VERIFY, ONE, TWO).close();
  }

  @Test
  void only_the_first_start_needs_the_right_to_create_a_schema_and_says_so() {
    open(MigrationMode.APPLY, ONE).close();
    String database = server.database();
    Postgres.asOperator("ALTER DATABASE " + database + " OWNER TO postgres");
    open(MigrationMode.APPLY, ONE).close();
    assertThatThrownBy(() -> Postgres.open(server, Schema.of("storetest", "001-things.sql")))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("ALTER DATABASE")
        .hasMessageContaining(database);
  }

  private Database open(MigrationMode migrate, String... scripts) {
    return open(server, migrate, scripts);
  }

  private static Database open(PostgresServer server, MigrationMode migrate, String... scripts) {
    List<Migration> migrations = new ArrayList<>();
    for (String script : scripts) {
      migrations.add(
          Migration.of(String.format(Locale.ROOT, "%03d-m.sql", migrations.size() + 1), script));
    }
    return Postgres.open(server, new Migrations("m", migrations), migrate, 1);
  }

  private static List<String> strings(Database database, String query) {
    return database.read(sql -> sql.list(query, row -> row.getString(1)));
  }
}
