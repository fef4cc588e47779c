package parlour.store;

import static java.nio.file.attribute.PosixFilePermissions.asFileAttribute;
import static java.nio.file.attribute.PosixFilePermissions.fromString;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteJDBCLoader;
import parlour.store.ReaderPool.Reading;
import parlour.store.SqliteConnection.Use;

/**
 * A database in one SQLite file with a write-ahead log: one writer thread, several readers.
 *
 * <p>Other processes may open the file with this class at the same time. It must not be replaced
 * while it is in use, and this process must not open it in another way: closing any handle of a
 * file releases the process's locks on it (POSIX).
 */
public final class SqliteDatabase implements Database {
  private final GroupCommitWriter writer;
  private final ReaderPool readers;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Path file;
  private final String who;
  private final StoreLimits limits;
  // True at first, because the log may still contain content that was deleted right before a crash.
  private final AtomicBoolean holdsDeleted = new AtomicBoolean(true);

  /** Opens a role's file, and applies its migrations. */
  public static SqliteDatabase open(Path file, Schema schema) {
    return open(file, Migrations.of(schema), MigrationMode.APPLY, StoreLimits.DEFAULT);
  }

  /**
   * Opens the file, and creates it, readable only by its owner, if {@code migrate} allows that.
   *
   * @throws SchemaMismatch if the schema does not fit this program and cannot be migrated
   * @throws StoreUnavailable if the file cannot be used
   * @throws IllegalStateException if a migration is wrong; nothing of it is kept
   */
  public static SqliteDatabase open(
      Path file, Migrations migrations, MigrationMode migrate, StoreLimits limits) {
    String who = migrations.role() + " store";
    if (file.toString().contains("?")) {
      throw new StoreUnavailable(
          who,
          "its file name has a question mark, and SQLite's driver would end the name there:"
              + " choose another data folder than " + file.getParent(),
          new IllegalArgumentException("?"));
    }
    if (migrate == MigrationMode.APPLY) {
      create(file, who);
    } else if (!Files.exists(file)) {
      throw new SchemaMismatch(file.toString(), "there is no such file", "Start the server once");
    }
    Use use = migrate == MigrationMode.APPLY ? Use.MIGRATION : Use.WRITE;
    try (SqliteConnection connection = SqliteConnection.open(file, use, limits)) {
      switch (migrate) {
        case APPLY ->
          migrations.migrate(
              connection.connection(), file.toString(), use.begin, "PRAGMA foreign_key_check");
        case VERIFY -> migrations.check(connection.connection(), file.toString());
      }
    } catch (SQLException failure) {
      throw SqliteConnection.explain(who, file, failure);
    }
    return new SqliteDatabase(file, who, limits);
  }

  /**
   * Unpacks and loads SQLite's library before it is needed.
   *
   * @throws StoreUnavailable if that cannot be done
   */
  public static void load() {
    try {
      SQLiteJDBCLoader.initialize();
    } catch (Exception unusable) {
      throw new StoreUnavailable(
          "SQLite",
          "its library cannot be unpacked and loaded in %s: that folder must be writable and not"
                  .formatted(
                      System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir")))
              + " mounted noexec; name another one, such as"
              + " PARLOUR_JAVA_OPTS=-Dorg.sqlite.tmpdir=/var/tmp",
          unusable);
    }
  }

  private SqliteDatabase(Path file, String who, StoreLimits limits) {
    this.file = file;
    this.who = who;
    this.limits = limits;
    writer = new GroupCommitWriter(file, who, limits);
    readers = new ReaderPool(file, who, limits);
    writer.start();
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    checkNotInChange();
    return readers.read(work, Reading.SEVERAL);
  }

  @Override
  public <T extends @Nullable Object> T readOne(Work<T> work) {
    checkNotInChange();
    return readers.read(work, Reading.ONE);
  }

  private void checkNotInChange() {
    if (writer.isThisThread()) {
      throw new IllegalStateException("a read inside a change would not see it: use its Sql");
    }
  }

  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    return writer.write(work);
  }

  @Override
  public void scrubSoon() {
    holdsDeleted.set(true);
  }

  /**
   * SQLite overwrites deleted content in place (secure_delete); older copies of those pages are in
   * the log until it is emptied.
   */
  @Override
  public boolean scrub() {
    if (closed.get() || !holdsDeleted.compareAndSet(true, false)) {
      return true;
    }
    boolean done = false;
    try (SqliteConnection connection = SqliteConnection.open(file, Use.WRITE, limits)) {
      done = connection.scrub();
    } catch (SQLException failure) {
      throw SqliteConnection.explain(who, file, failure);
    } finally {
      if (!done) {
        holdsDeleted.set(true);
      }
    }
    return done;
  }

  /**
   * Transactions committed since it was opened: fewer than changes, if changes shared a commit.
   */
  public long commits() {
    return writer.commits();
  }

  /** Changes that wait for the writer now. */
  public int waiting() {
    return writer.waiting();
  }

  @Override
  public StoreActivity activity() {
    return writer.activity().withReads(readers.running(), readers.waiting());
  }

  /**
   * Returns after the last change is durable and the log was moved into the file.
   *
   * @throws StoreUnavailable if the disk is too slow; acknowledged changes are safe
   */
  @Override
  public void close() {
    if (writer.isThisThread()) {
      throw new IllegalStateException("closing inside a change would wait for itself");
    }
    if (closed.compareAndSet(false, true)) {
      readers.close();
      writer.close();
    }
  }

  /** SQLite gives the log and its index the file's own mode. */
  private static void create(Path file, String who) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null && !Files.exists(folder)) {
        Files.createDirectories(folder, mode(file, "rwx------"));
      }
      if (!Files.exists(file)) {
        Files.createFile(file, mode(file, "rw-------"));
      }
    } catch (FileAlreadyExistsException otherProcess) {
      // Another process created it at the same time.
    } catch (IOException failure) {
      throw new StoreUnavailable(who, file + " cannot be created: " + failure, failure);
    }
    // SQLite would open a read-only file, and fail at the first change.
    if (!Files.isWritable(file)) {
      throw new StoreUnavailable(who, file + " is not writable for this user", null);
    }
  }

  private static FileAttribute<?>[] mode(Path file, String permissions) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {asFileAttribute(fromString(permissions))}
        : new FileAttribute<?>[0];
  }
}
