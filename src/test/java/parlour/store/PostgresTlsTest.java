package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.store.DatabaseContract.THINGS;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import parlour.http.TestAuthority;

/** TLS to PostgreSQL: the certificate is checked, and a required encryption is never omitted. */
@TestInstance(Lifecycle.PER_CLASS)
final class PostgresTlsTest {
  private final Path folder;
  private final Path authority;
  private final Path another;
  private final EmbeddedPostgres server;

  PostgresTlsTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    TestAuthority ours = new TestAuthority(Files.createDirectory(folder.resolve("ours")));
    TestAuthority.Pair pair = ours.signs("dns:localhost");
    Files.setPosixFilePermissions(pair.key(), PosixFilePermissions.fromString("rw-------"));
    authority = ours.certificate();
    another = new TestAuthority(Files.createDirectory(folder.resolve("another"))).certificate();
    server = EmbeddedPostgres.builder()
        .setServerConfig("ssl", "on")
        .setServerConfig("ssl_cert_file", pair.certificate().toString())
        .setServerConfig("ssl_key_file", pair.key().toString())
        .start();
  }

  @BeforeAll
  void no_connection_without_tls_is_made() throws Exception {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      try (var row = statement.executeQuery("SHOW hba_file")) {
        row.next();
        Files.writeString(Path.of(row.getString(1)), """
            hostssl all careful all scram-sha-256
            hostssl all all all trust
            """);
      }
      statement.execute("CREATE ROLE careful LOGIN PASSWORD 'hunter2'");
      statement.execute("SELECT pg_reload_conf()");
    }
  }

  @AfterAll
  void stop() throws IOException {
    server.close();
  }

  @Test
  void a_certificate_for_the_name_by_the_authority_is_accepted() {
    try (Database database = open("localhost", "sslmode=verify-full&sslrootcert=" + authority)) {
      assertThat(database.<Optional<Boolean>>read(sql -> sql.first(
              "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
              row -> row.getBoolean(1))))
          .contains(true);
    }
  }

  @Test
  void a_certificate_for_another_name_is_reported() {
    assertRefused("127.0.0.1", "sslmode=verify-full&sslrootcert=" + authority);
    open("127.0.0.1", "sslmode=verify-ca&sslrootcert=" + authority).close();
  }

  @Test
  void a_certificate_of_an_untrusted_authority_is_reported() {
    assertRefused("localhost", "sslmode=verify-full&sslrootcert=" + another);
    assertRefused("localhost", "sslmode=verify-full"); // The JDK's authorities do not know it.
    assertRefused("localhost", "sslmode=verify-full&sslrootcert=system");
    assertRefused("localhost", "sslmode=verify-full&sslrootcert=" + folder.resolve("nowhere.pem"));
  }

  @Test
  void a_server_without_TLS_gets_no_password_where_it_was_asked_for() {
    PostgresServer plain = Postgres.fresh();
    assertThatThrownBy(() -> open(PostgresServer.parse(
            plain + "?sslmode=verify-full&sslrootcert=" + authority, plain.password())))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("ssl = on");
  }

  @Test
  void a_missing_password_is_reported() {
    String url = "postgres://careful@localhost:%d/postgres?sslmode=verify-full&sslrootcert=%s"
        .formatted(server.getPort(), authority);
    assertThatThrownBy(() -> open(PostgresServer.parse(url, Optional.empty())))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("set database.password-file")
        .hasMessageNotContaining("sslmode");
  }

  private void assertRefused(String host, String parameters) {
    assertThatThrownBy(() -> open(host, parameters))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("sslrootcert");
  }

  private Database open(String host, String parameters) {
    return open(PostgresServer.parse(
        "postgres://postgres@%s:%d/postgres?%s".formatted(host, server.getPort(), parameters),
        Optional.empty()));
  }

  private static Database open(PostgresServer server) {
    return PostgresDatabase.open(server, THINGS, MigrationMode.APPLY, StoreLimits.ofServer(1));
  }
}
