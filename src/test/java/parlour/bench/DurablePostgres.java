package parlour.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import parlour.store.Databases;
import parlour.store.PostgresServer;

/** A PostgreSQL on this machine that loses nothing which it has acknowledged. */
record DurablePostgres(EmbeddedPostgres server) implements AutoCloseable {
  private static final String NAME = "postgres"; // the user's, and the password

  static DurablePostgres start() throws IOException {
    return Leftovers.keep(new DurablePostgres(EmbeddedPostgres.builder()
        .setDataDirectory(Leftovers.folder())
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .start()));
  }

  void create(String database) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.getJdbcUrl(NAME, NAME));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + database);
    }
  }

  /** Where ScopedAuthService keeps its sessions. */
  String sessions(String database) {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/" + database
        + "?user=postgres&password=postgres&currentSchema=parlour_scoped_auth";
  }

  PostgresServer address(String database) {
    return PostgresServer.parse(url(database), Optional.of(NAME));
  }

  Databases databases(String database) {
    return Databases.on(address(database), 2);
  }

  /** What a process of Parlour must know to use it. */
  Map<String, String> settings(String database) {
    return Map.of("PARLOUR_DATABASE_URL", url(database), "PARLOUR_DATABASE_PASSWORD", NAME);
  }

  private String url(String database) {
    return "postgres://" + NAME + "@localhost:" + server.getPort() + "/" + database;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
