package parlour.store;

import java.nio.file.Path;

/** The databases of an installation, one for each role that has a store. */
public interface Databases {
  /**
   * Opens a role's database.
   *
   * @throws SchemaMismatch if the schema does not fit this program and cannot be migrated
   * @throws StoreUnavailable if the database cannot be reached or used
   */
  Database open(Schema schema, MigrationMode migrate);

  /** A file per role. */
  static Databases in(Path folder) {
    return (schema, migrate) -> SqliteDatabase.open(
        folder.resolve(schema.role() + ".db"), Migrations.of(schema), migrate, StoreLimits.DEFAULT);
  }

  /** A schema per role, in one database of a server. */
  static Databases on(PostgresServer server, int connections) {
    return (schema, migrate) -> PostgresDatabase.open(
        server,
        Migrations.of(schema),
        migrate,
        StoreLimits.ofServer(migrate == MigrationMode.APPLY ? connections : 1));
  }
}
