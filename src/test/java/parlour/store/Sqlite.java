package parlour.store;

import java.nio.file.Path;

/** Stores in files, for the parts of Parlour that use them. */
public final class Sqlite {
  private Sqlite() {}

  /** A role's store, whose callers wait for longer than a loaded machine makes them. */
  public static SqliteDatabase open(Path file, Schema schema) {
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
