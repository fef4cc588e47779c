package parlour.store;

import parlour.Limits;

final class PostgresDatabaseTest extends DatabaseContract {
  @Override
  Database open() {
    return Postgres.open(Postgres.fresh(), THINGS, MigrationMode.APPLY, Limits.STORE_CONNECTIONS);
  }
}
