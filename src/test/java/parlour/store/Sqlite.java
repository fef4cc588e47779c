package parlour.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Stores in files, for the parts of Parlour that use them. */
public final class Sqlite {
  /** Migrated templates: tests use only copies of them. */
  private static final Map<Schema, Path> MIGRATED = new ConcurrentHashMap<>();

  private Sqlite() {}

  /** A role's store, whose callers wait for longer than a loaded machine makes them. */
  public static SqliteDatabase open(Path file, Schema schema) {
    if (!Files.exists(file)) {
      create(file, schema);
    }
    return migrated(file, schema);
  }

  /**
   * Creates a role's file with its tables: a copy, because the migrations take longer than most
   * tests.
   */
  public static void create(Path file, Schema schema) {
    try {
      Files.copy(MIGRATED.computeIfAbsent(schema, Sqlite::original), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path original(Schema schema) {
    try {
      Path folder = Files.createTempDirectory("parlour-migrated");
      folder.toFile().deleteOnExit();
      Path file = folder.resolve("empty.db");
      file.toFile().deleteOnExit();
      migrated(file, schema).close();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SqliteDatabase migrated(Path file, Schema schema) {
    return SqliteDatabase.open(
        file, Migrations.of(schema), MigrationMode.APPLY, patient(StoreLimits.DEFAULT));
  }

  /** The same limits with a longer wait. */
  static StoreLimits patient(StoreLimits usual) {
    return new StoreLimits(
        usual.queue(),
        usual.group(),
        usual.readers(),
        usual.statements(),
        usual.timeout().multipliedBy(20),
        usual.busy(),
        usual.migration());
  }
}
