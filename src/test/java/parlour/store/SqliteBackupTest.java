package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;

class SqliteBackupTest {
  /** Less than a writer of Parlour waits. */
  private static final Duration PATIENCE =
      Limits.STORE_LOCK_TIMEOUT.multipliedBy(4).dividedBy(5);

  @TempDir
  private Path folder;

  @Test
  void a_backup_that_waits_for_one_store_does_not_keep_the_writers_of_another_waiting()
      throws Exception {
    Map<Path, Path> copies = new LinkedHashMap<>();
    Path free = store("free");
    Path busy = store("busy");
    copies.put(free, folder.resolve("free-copy.db"));
    copies.put(busy, folder.resolve("busy-copy.db"));
    CompletableFuture<Void> backup;
    try (Connection holder = open(busy);
        Connection writer = open(free);
        Statement hold = holder.createStatement();
        Statement write = writer.createStatement()) {
      hold.execute("BEGIN IMMEDIATE");
      write.execute("PRAGMA busy_timeout=" + PATIENCE.toMillis());
      backup = CompletableFuture.runAsync(() -> SqliteBackup.copy(copies, bytes -> {}));
      long longer = System.nanoTime() + Limits.STORE_LOCK_TIMEOUT.toNanos() * 6 / 5;
      while (System.nanoTime() < longer) {
        assertThatCode(() -> write.executeUpdate("INSERT INTO entry VALUES ('one')"))
            .doesNotThrowAnyException();
      }
      hold.execute("COMMIT");
    }
    backup.get(60, TimeUnit.SECONDS);
    for (Path copy : copies.values()) {
      assertThat(SqliteBackup.fault(copy)).isEmpty();
    }
  }

  private Path store(String name) throws SQLException {
    Path file = folder.resolve(name + ".db");
    try (Connection connection = open(file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode=WAL");
      statement.execute("CREATE TABLE entry (text TEXT)");
    }
    return file;
  }

  private static Connection open(Path file) throws SQLException {
    SqliteDatabase.load();
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }
}
