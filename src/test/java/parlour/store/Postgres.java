package parlour.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import parlour.Limits;
import parlour.spec.Ports;

/** A real PostgreSQL for the tests of this JVM, started when the first of them needs it. */
public final class Postgres {
  private static final AtomicInteger NEXT = new AtomicInteger();

  /** Migrated templates: tests use only copies of them. */
  private static final Map<List<Schema>, PostgresServer> MIGRATED = new ConcurrentHashMap<>();

  private Postgres() {}

  /** Ends with the JVM. */
  private static final class Running {
    static final EmbeddedPostgres SERVER = start();
  }

  /** The binaries trust every user of this machine; this lets only the operator sign in. */
  private static EmbeddedPostgres start() {
    try {
      EmbeddedPostgres server = EmbeddedPostgres.builder()
          .setPort(Ports.free()) // the library's own choice can be that of another test process
          .setServerConfig("scram_iterations", "1") // tests sign in thousands of times
          .start();
      try (Connection connection = server.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        try (ResultSet row = statement.executeQuery("SHOW hba_file")) {
          row.next();
          Files.writeString(Path.of(row.getString(1)), """
              local all all trust
              host all postgres all trust
              host all all all scram-sha-256
              """);
        }
        statement.execute("SELECT pg_reload_conf()");
      }
      return server;
    } catch (IOException | SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An empty database with an owner of its own. */
  public static PostgresServer fresh() {
    return created("", "template1");
  }

  /**
   * A database with the tables of these roles, and an owner of its own: a copy, because the migrations
   * take longer than most tests.
   */
  public static PostgresServer with(Schema... schemas) {
    PostgresServer original = MIGRATED.computeIfAbsent(List.of(schemas), Postgres::migrated);
    return created("IN ROLE " + original.user(), original.database());
  }

  private static PostgresServer migrated(List<Schema> schemas) {
    PostgresServer server = fresh();
    schemas.forEach(schema -> open(server, schema).close());
    return server;
  }

  private static PostgresServer created(String memberOf, String template) {
    String name = "test" + NEXT.incrementAndGet();
    asOperator("CREATE ROLE %s LOGIN PASSWORD 'of %1$s' %s".formatted(name, memberOf));
    asOperator("CREATE DATABASE %s OWNER %1$s TEMPLATE %s".formatted(name, template));
    return PostgresServer.parse(url(name), Optional.of("of " + name));
  }

  /**
   * A role's schema with its migrations. Its callers wait for longer than a loaded machine makes
   * them.
   */
  public static Database open(PostgresServer server, Schema schema) {
    return open(server, Migrations.of(schema), MigrationMode.APPLY, Limits.STORE_CONNECTIONS);
  }

  static Database open(
      PostgresServer server, Migrations migrations, MigrationMode migrate, int connections) {
    return PostgresDatabase.open(
        server, migrations, migrate, Sqlite.patient(StoreLimits.ofServer(connections)));
  }

  /** All rows of Parlour's tables in a database, by SCHEMA.TABLE. */
  public static Map<String, String> contents(String database) {
    String tables = asOperator(
        database,
        "SELECT string_agg(schemaname || '.' || tablename, ' ') FROM pg_tables"
            + " WHERE schemaname LIKE 'parlour%'");
    Map<String, String> contents = new HashMap<>();
    for (String table : tables.split(" ", -1)) {
      contents.put(
          table,
          asOperator(database, "SELECT string_agg(row::text, ' ') FROM " + table + " AS row"));
    }
    return contents;
  }

  /** The URL of a database. */
  public static String url(String name) {
    return "postgres://%s@localhost:%d/%s".formatted(name, Running.SERVER.getPort(), name);
  }

  /** A connection of the server's administrator. */
  public static Connection operator(String database) {
    try {
      return Running.SERVER.getDatabase("postgres", database).getConnection();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a statement as the server's administrator. */
  public static void asOperator(String statement) {
    asOperator("postgres", statement);
  }

  public static String asOperator(String database, String statement) {
    try (Connection connection = operator(database);
        Statement asked = connection.createStatement()) {
      if (!asked.execute(statement)) {
        return "";
      }
      try (ResultSet row = asked.getResultSet()) {
        return row.next() ? String.valueOf(row.getString(1)) : "";
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
