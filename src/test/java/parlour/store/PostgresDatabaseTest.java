package parlour.store;

import parlour.Limits;

final class PostgresDatabaseTest extends DatabaseContract {
  @Override
  Database open() {
    return PostgresDatabase.open(
        Postgres.fresh(),
        THINGS,
        MigrationMode.APPLY,
        StoreLimits.ofServer(Limits.STORE_CONNECTIONS));
  }
}
