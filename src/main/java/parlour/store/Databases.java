package parlour.store;

import java.nio.file.Path;
import java.util.List;

/** The databases of an installation, one for each role that has a store. */
public interface Databases {
  /**
   * Opens a role's database.
   *
   * @param role the role's word, which is also the folder of its migrations
   * @throws SchemaMismatch if the schema does not fit this program and cannot be migrated
   * @throws StoreUnavailable if the database cannot be reached or used
   */
  Database open(String role, List<String> migrations, MigrationMode migrate);

  /** A file per role. */
  static Databases in(Path folder) {
    return (role, migrations, migrate) -> SqliteDatabase.open(
        folder.resolve(role + ".db"),
        Migrations.of(role, migrations),
        migrate,
        StoreLimits.DEFAULT);
  }

  /** A schema per role, in one database of a server. */
  static Databases on(PostgresServer server, int connections) {
    return (role, migrations, migrate) -> PostgresDatabase.open(
        server,
        Migrations.of(role, migrations),
        migrate,
        StoreLimits.ofServer(migrate == MigrationMode.APPLY ? connections : 1));
  }
}
