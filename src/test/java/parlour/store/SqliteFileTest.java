package parlour.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SqliteFileTest {
  @TempDir
  Path folder;

  @Test
  void a_change_survives_a_restart() {
    try (Database database = open()) {
      add(database, "a");
    }
    try (Database database = open()) {
      assertThat(ids(database)).containsExactly("a");
    }
  }

  @Test
  void every_acknowledged_change_survives_a_kill() throws Exception {
    for (int round = 0; round < 3; round++) {
      Process child = startWriting("round" + round);
      Set<String> acknowledged = new HashSet<>();
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
        readUntil(lines, acknowledged, 500);
        child.toHandle().destroyForcibly(); // kill -9, while it writes
        // Its last line of output may be incomplete, and then does not count.
        lines.lines().filter(line -> line.endsWith(".")).forEach(acknowledged::add);
      } finally {
        child.toHandle().destroyForcibly();
        child.waitFor();
      }
      try (Database database = open()) {
        assertThat(ids(database)).containsAll(acknowledged);
        assertThat(database.<List<String>>read(
                sql -> sql.list("SELECT * FROM pragma_integrity_check", row -> row.getString(1))))
            .containsExactly("ok");
      }
    }
  }

  @Test
  void a_full_disk_is_an_outage_and_loses_no_acknowledged_change() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit stands in for the disk");
    open().close();
    Process child = startWriting("full");
    Set<String> acknowledged = new HashSet<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
      readUntil(lines, acknowledged, 200);
      limitFiles(child, "100000:");
      int unavailable = 0;
      while (unavailable < 20) {
        String line = nextLine(lines);
        if (line.startsWith("unavailable")) {
          unavailable++;
        } else {
          acknowledged.add(line);
        }
      }
      limitFiles(child, "unlimited:");
      readUntil(lines, acknowledged, acknowledged.size() + 200);
    } finally {
      child.toHandle().destroyForcibly();
      child.waitFor();
    }
    acknowledged.removeIf(line -> line.startsWith("unavailable"));
    try (Database database = open()) {
      assertThat(ids(database)).containsAll(acknowledged);
    }
  }

  private static void readUntil(BufferedReader lines, Set<String> acknowledged, int size)
      throws IOException {
    while (acknowledged.size() < size) {
      acknowledged.add(nextLine(lines));
    }
  }

  private static String nextLine(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    if (line == null) {
      throw new AssertionError("the other program ended");
    }
    return line;
  }

  private static void limitFiles(Process process, String bytes) throws Exception {
    int exit = new ProcessBuilder("/usr/bin/prlimit", "--pid=" + process.pid(), "--fsize=" + bytes)
        .inheritIO()
        .start()
        .waitFor();
    assertThat(exit).isZero();
  }

  private Process startWriting(String prefix) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            AcknowledgingWriter.class.getName(),
            file().toString(),
            prefix)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Adds things from several threads until it is killed, and prints each acknowledged one. */
  static final class AcknowledgingWriter {
    private AcknowledgingWriter() {}

    public static void main(String[] arguments) throws Exception {
      // It also ends by itself, so that a failed test leaves no process.
      Thread.ofPlatform().daemon().start(AcknowledgingWriter::haltAfterAWhile);
      Database database = SqliteFileTest.open(Path.of(arguments[0]));
      DatabaseContract.inParallel(8, thread -> {
        for (int i = 0; i < 1_000_000; i++) {
          String id = arguments[1] + "-" + thread + "-" + i + ".";
          String answer = id;
          try {
            add(database, id);
          } catch (StoreUnavailable unavailable) {
            answer = "unavailable " + unavailable.getMessage() + i;
          }
          synchronized (System.out) {
            System.out.print(answer + "\n");
            System.out.flush();
          }
        }
        return thread;
      });
    }

    private static void haltAfterAWhile() {
      LockSupport.parkNanos(Duration.ofSeconds(20).toNanos());
      Runtime.getRuntime().halt(1);
    }
  }

  @Test
  void only_the_owner_can_read_the_files_and_their_new_folder() throws Exception {
    Path made = folder.resolve("data/deeper");
    try (Database database = open(made.resolve("storetest.db"))) {
      add(database, "a");
      assertThat(permissions(made)).isEqualTo("rwx------");
      assertThat(permissions(folder.resolve("data"))).isEqualTo("rwx------");
      for (String name : List.of("storetest.db", "storetest.db-wal", "storetest.db-shm")) {
        assertThat(permissions(made.resolve(name))).as(name).isEqualTo("rw-------");
      }
    }
  }

  @Test
  void a_file_that_is_not_a_database_is_an_outage_that_names_it() throws Exception {
    Files.writeString(file(), "This is not a database. ".repeat(1000));
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining("damaged");
  }

  @Test
  void a_damaged_page_is_an_outage_for_reads_that_need_it() throws Exception {
    try (Database database = open()) {
      for (int i = 0; i < 200; i++) {
        add(database, "a" + i + "x".repeat(100));
      }
    }
    byte[] bytes = Files.readAllBytes(file());
    java.util.Arrays.fill(bytes, 3 * 4096, bytes.length, (byte) 0x5a);
    Files.write(file(), bytes);
    try (Database database = open()) {
      assertThatThrownBy(() -> ids(database))
          .isInstanceOf(StoreUnavailable.class)
          .hasMessageContaining("damaged");
      assertThatThrownBy(() -> add(database, "b")).isInstanceOf(StoreUnavailable.class);
    }
  }

  @Test
  void a_folder_that_cannot_be_created_is_an_outage() throws Exception {
    Path obstacle = Files.writeString(folder.resolve("in-the-way"), "");
    assertThatThrownBy(() -> open(obstacle.resolve("storetest.db")))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("in-the-way");
    assertThatThrownBy(() -> open(obstacle.resolve("deeper/storetest.db")))
        .isInstanceOf(StoreUnavailable.class);
  }

  @Test
  void every_connection_has_the_settings_that_durability_needs() throws Exception {
    open().close();
    for (SqliteConnection.Use use : SqliteConnection.Use.values()) {
      try (SqliteConnection connection = SqliteConnection.open(file(), use, StoreLimits.DEFAULT)) {
        boolean migrates = use == SqliteConnection.Use.MIGRATION;
        assertThat(setting(connection, "journal_mode")).isEqualTo("wal");
        assertThat(setting(connection, "synchronous")).isEqualTo("2"); // FULL
        assertThat(setting(connection, "fullfsync")).isEqualTo("1");
        assertThat(setting(connection, "foreign_keys")).isEqualTo(migrates ? "0" : "1");
        assertThat(setting(connection, "busy_timeout"))
            .isEqualTo(String.valueOf(
                (migrates ? StoreLimits.DEFAULT.migration() : StoreLimits.DEFAULT.busy())
                    .toMillis()));
        assertThat(setting(connection, "trusted_schema")).isEqualTo("0");
        assertThat(setting(connection, "temp_store")).isEqualTo("2"); // MEMORY
        assertThat(setting(connection, "auto_vacuum")).isEqualTo("2"); // INCREMENTAL
        assertThat(setting(connection, "secure_delete"))
            .isEqualTo(use == SqliteConnection.Use.READ ? "0" : "1");
        assertThat(setting(connection, "query_only"))
            .isEqualTo(use == SqliteConnection.Use.READ ? "1" : "0");
      }
    }
  }

  private static String setting(SqliteConnection connection, String name) throws SQLException {
    try (var statement = connection.connection().createStatement();
        var answer = statement.executeQuery("PRAGMA " + name)) {
      return answer.getString(1);
    }
  }

  @Test
  void a_missing_file_is_an_outage_and_no_new_database() {
    for (String name : List.of("vanished.db", "vanished/storetest.db")) {
      Path vanished = folder.resolve(name);
      assertThatThrownBy(
              () -> SqliteConnection.open(vanished, SqliteConnection.Use.READ, StoreLimits.DEFAULT))
          .isInstanceOfSatisfying(
              SQLException.class,
              failure -> assertThat(SqliteConnection.explain("store", vanished, failure))
                  .isInstanceOf(StoreUnavailable.class));
      assertThat(vanished).doesNotExist();
    }
  }

  @Test
  void a_folder_without_write_permission_is_an_outage() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-x------"));
    // Root can write everywhere except where the kernel creates the files.
    Path unwritable = Files.isWritable(folder) ? Path.of("/proc") : folder;
    try {
      assertThatThrownBy(() -> open(unwritable.resolve("storetest.db")))
          .isInstanceOf(StoreUnavailable.class);
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void an_unusual_file_name_is_kept() {
    Path strange = folder.resolve("a b#c%20ü&d.db");
    open(strange).close();
    assertThat(strange).exists();
    assertThatThrownBy(() -> open(folder.resolve("a?b.db")))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("question mark");
  }

  private Database open() {
    return open(file());
  }

  private static Database open(Path file) {
    return SqliteDatabase.open(
        file, DatabaseContract.THINGS, MigrationMode.APPLY, StoreLimits.DEFAULT);
  }

  private Path file() {
    return folder.resolve("storetest.db");
  }

  private static void add(Database database, String id) {
    database.write(sql -> sql.update("INSERT INTO thing (id, number) VALUES (?, 1)", id));
  }

  private static List<String> ids(Database database) {
    return database.read(sql -> sql.list("SELECT id FROM thing", row -> row.getString("id")));
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
