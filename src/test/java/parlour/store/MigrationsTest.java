package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Migrations.Migration;

@Timeout(60)
final class MigrationsTest {
  private static final String ONE = "CREATE TABLE a (id TEXT PRIMARY KEY);\n";
  private static final String TWO = """
      ALTER TABLE a ADD COLUMN note TEXT; -- needs 001
      CREATE TABLE log (note TEXT);
      CREATE TRIGGER a_log AFTER INSERT ON a BEGIN
        INSERT INTO log VALUES (CASE WHEN NEW.id = ';' THEN 'semicolon' ELSE NEW.id END);
        INSERT INTO log VALUES ('two; it''s "one" string');
      END;
      INSERT INTO a (id) VALUES ('x');
      """;

  @TempDir
  Path folder;

  @Test
  void migrations_are_applied_once_and_in_order() {
    open(ONE).close();
    open(ONE, TWO).close();
    open(ONE, TWO).close();

    try (Database database = open(ONE, TWO)) {
      assertThat(strings(database, "SELECT note FROM log ORDER BY rowid"))
          .containsExactly("x", "two; it's \"one\" string");
      assertThat(strings(database, "SELECT name FROM schema_migration ORDER BY version"))
          .containsExactly("001-m.sql", "002-m.sql");
    }
  }

  @Test
  void migrations_are_read_from_the_class_path() {
    Path file = folder.resolve("deep/er/storetest.db");
    try (Database database = SqliteDatabase.open(file, Schema.of("storetest", "001-things.sql"))) {
      assertThat(strings(database, "SELECT id FROM thing")).isEmpty();
    }
    assertThatThrownBy(() -> Migrations.of(Schema.of("storetest", "001-nowhere.sql")))
        .hasMessageContaining("/parlour/storetest/001-nowhere.sql");
    assertThatThrownBy(() -> Migration.of("1-b.sql", "")).hasMessageContaining("NNN-name.sql");
    assertThatThrownBy(() -> migrations(new Migration(2, "002-b.sql", "", "")))
        .hasMessageContaining("002-b.sql is not number 1");
  }

  @Test
  void a_failing_migration_leaves_only_the_ones_before_it() {
    String broken = "CREATE TABLE half (id TEXT);\nINSERT INTO nowhere VALUES (1);";
    assertThatThrownBy(() -> open(ONE, broken))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessageContaining("m/002-m.sql")
        .hasMessageContaining("INSERT INTO nowhere")
        .hasMessageContaining("no such table");

    try (Database database = open(ONE)) {
      assertThat(strings(database, "SELECT name FROM schema_migration")).hasSize(1);
      assertThat(strings(database, "SELECT name FROM sqlite_schema WHERE name = 'half'"))
          .isEmpty();
    }
  }

  @Test
  void a_statement_for_the_other_database_is_left_out() {
    String both = """
        CREATE TABLE half (id TEXT);
        -- only PostgreSQL:
        CREATE INDEX half_by_id ON half USING gin (id);
        -- only SQLite:
        INSERT INTO half VALUES ('SQLite');
        INSERT INTO half VALUES ('both');
        """;
    try (Database database = open(both)) {
      assertThat(strings(database, "SELECT id FROM half ORDER BY id"))
          .containsExactly("SQLite", "both");
    }
  }

  @Test
  void a_migration_cannot_end_its_transaction() {
    assertThatThrownBy(() -> open("CREATE TABLE half (id TEXT); COMMIT; SELECT 1;"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("001-m.sql");
    try (Database database = open(ONE)) {
      assertThat(strings(database, "SELECT name FROM sqlite_schema WHERE name = 'half'"))
          .isEmpty();
    }
  }

  @Test
  void a_rebuilt_table_keeps_its_children_and_rows_without_a_parent_are_refused() {
    String tables = """
        CREATE TABLE parent (id TEXT PRIMARY KEY);
        CREATE TABLE child (parent TEXT REFERENCES parent (id) ON DELETE CASCADE);
        INSERT INTO parent VALUES ('p');
        INSERT INTO child VALUES ('p');
        """;
    String rebuilt = """
        CREATE TABLE parent2 (id TEXT PRIMARY KEY, note TEXT);
        INSERT INTO parent2 SELECT id, NULL FROM parent;
        DROP TABLE parent;
        ALTER TABLE parent2 RENAME TO parent;
        """;
    open(tables, rebuilt).close();
    assertThatThrownBy(() -> open(tables, rebuilt, "DELETE FROM parent;"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("m/003-m.sql")
        .hasMessageContaining("violate");
    try (Database database = open(tables, rebuilt)) {
      assertThat(strings(database, "SELECT parent FROM child")).containsExactly("p");
      assertThat(strings(database, "SELECT id FROM parent")).containsExactly("p");
    }
  }

  @Test
  void a_changed_file_is_refused_by_name() {
    open(ONE, TWO).close();
    assertThatThrownBy(() -> open(ONE + "-- just a remark", TWO))
        .isInstanceOf(SchemaMismatch.class)
        .hasMessageContaining("m.db")
        .hasMessageContaining("001-m.sql")
        .hasMessageContaining("new migration");
  }

  @Test
  void other_line_ends_do_not_change_a_checksum() {
    open(ONE, TWO).close();
    open(ONE, TWO.replace("\n", "\r\n")).close();
  }

  @Test
  void a_newer_database_is_refused() {
    open(ONE, TWO).close();
    for (MigrationMode migrate : MigrationMode.values()) {
      assertThatThrownBy(() -> open(migrate, ONE))
          .isInstanceOf(SchemaMismatch.class)
          .hasMessageContaining("newer")
          .hasMessageContaining("002-m.sql");
    }
  }

  @Test
  void a_program_that_only_verifies_refuses_an_older_database_and_does_not_change_it() {
    assertThatThrownBy(() -> open(MigrationMode.VERIFY, ONE))
        .isInstanceOf(SchemaMismatch.class)
        .hasMessageContaining("no such file");
    assertThat(file()).doesNotExist();

    open(ONE).close();
    assertThatThrownBy(() -> open(MigrationMode.VERIFY, ONE, TWO))
        .isInstanceOf(SchemaMismatch.class)
        .hasMessageContaining("version 1 of 002-m.sql")
        .hasMessageContaining("Start the server");
    open(MigrationMode.VERIFY, ONE).close();
  }

  @Test
  void processes_that_start_at_once_apply_each_migration_once() throws Exception {
    for (int round = 0; round < 10; round++) {
      Path file = folder.resolve("race" + round + ".db");
      List<List<String>> seen = DatabaseContract.inParallel(8, i -> {
        try (Database database = SqliteDatabase.open(
            file, scripts(ONE, TWO), MigrationMode.APPLY, StoreLimits.DEFAULT)) {
          return strings(database, "SELECT id FROM a");
        }
      });
      assertThat(seen).hasSize(8).containsOnly(List.of("x"));
    }
  }

  @Test
  void a_start_waits_for_a_process_that_migrates() throws Exception {
    open(ONE).close();
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      var waiting = DatabaseContract.start(() -> {
        open(ONE, TWO).close();
        return 1;
      });
      open(ONE).close(); // An ordinary start does not wait.
      assertThat(waiting.isDone()).isFalse();
      statement.execute("COMMIT");
      assertThat(waiting.get()).isEqualTo(1);
    }
  }

  @Test
  void scripts_are_split_where_statements_end() {
    assertThat(SqlStatement.split("""
        -- one; still
        SELECT ';' AS "a;b" /* ; */ ;; /* two; */ select 'it''s;'
        ;
        CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END;
        CREATE TABLE trigger (id);
        VALUES (1)
        -- the end;
        """))
        .extracting(SqlStatement::verb)
        .containsExactly("SELECT", "SELECT", "CREATE", "CREATE", "VALUES");
    assertThat(SqlStatement.split(" ; -- nothing\n;")).isEmpty();
    assertThat(SqlStatement.split("SELECT 'open; ")).hasSize(1);
    assertThatThrownBy(
            () -> SqlStatement.split("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private SqliteDatabase open(String... scripts) {
    return open(MigrationMode.APPLY, scripts);
  }

  private SqliteDatabase open(MigrationMode migrate, String... scripts) {
    return SqliteDatabase.open(file(), scripts(scripts), migrate, StoreLimits.DEFAULT);
  }

  private Path file() {
    return folder.resolve("m.db");
  }

  private static Migrations scripts(String... scripts) {
    List<Migration> migrations = new ArrayList<>();
    for (String script : scripts) {
      migrations.add(
          Migration.of(String.format(Locale.ROOT, "%03d-m.sql", migrations.size() + 1), script));
    }
    return new Migrations("m", migrations);
  }

  private static Migrations migrations(Migration migration) {
    return new Migrations("m", List.of(migration));
  }

  private static List<String> strings(Database database, String query) {
    return database.read(sql -> sql.list(query, row -> row.getString(1)));
  }
}
