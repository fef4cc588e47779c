package parlour.chaos;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The PostgreSQL of a cluster, with fsync on. It restarts with its data. */
final class PostgresServer extends Part {
  private final String program;
  private final int port;
  private final Path data;

  /** The library unpacks and initializes it, but cannot start the same folder twice. */
  PostgresServer(int port, Path folder, Path logs) throws IOException {
    super("postgres", logs);
    this.port = port;
    this.data = folder.resolve("postgres");
    try (EmbeddedPostgres made = EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setPGStartupWait(Duration.ofSeconds(60))
        .setPort(port)
        .start()) {
      String process =
          Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip();
      program = ProcessHandle.of(Long.parseLong(process))
          .flatMap(running -> running.info().command())
          .orElseThrow(() -> new IOException(made + " does not show its program"));
    }
  }

  String url() {
    return "postgres://postgres@127.0.0.1:" + port + "/postgres";
  }

  @Override
  ProcessBuilder program() {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "-U")); // as the library does: it does not run as root
    }
    command.addAll(List.of(program, "-D", data.toString(), "-p", String.valueOf(port)));
    for (String setting : List.of(
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=on",
        "max_connections=200",
        "track_commit_timestamp=on")) {
      command.addAll(List.of("-c", setting));
    }
    return new ProcessBuilder(command);
  }

  /** A fast shutdown: cuts connections, and loses nothing committed. */
  @Override
  String stopSignal() {
    return "INT";
  }

  @Override
  boolean isReady() {
    try (Connection connection = connection();
        ResultSet row = connection.createStatement().executeQuery("SELECT 1")) {
      return row.next();
    } catch (SQLException notYet) {
      return false;
    }
  }

  /**
   * Revokes the session of a conversation, as any node can.
   *
   * @return when the server committed it; empty if that is unknown
   */
  Optional<Instant> revoke(String conversation) {
    try (Connection connection = connection();
        PreparedStatement revoke = connection.prepareStatement("""
            UPDATE parlour_scoped_auth.guest_session SET revoked_at = ?, revoked_why = 'chaos'
            WHERE conversation_sid = ? AND revoked_at IS NULL
            """)) {
      revoke.setLong(1, Instant.now().toEpochMilli());
      revoke.setString(2, conversation);
      revoke.executeUpdate();
    } catch (SQLException unknown) {
      // the row decides
    }
    return revoked(conversation);
  }

  /**
   * When the server committed the end of a conversation's session, by the clock of this machine.
   */
  Optional<Instant> revoked(String conversation) {
    try (Connection connection = connection();
        PreparedStatement asked = connection.prepareStatement("""
            SELECT pg_xact_commit_timestamp(xmin) FROM parlour_scoped_auth.guest_session
            WHERE conversation_sid = ? AND revoked_at IS NOT NULL
            """)) {
      asked.setString(1, conversation);
      try (ResultSet row = asked.executeQuery()) {
        return row.next() ? Optional.of(row.getTimestamp(1).toInstant()) : Optional.empty();
      }
    } catch (SQLException unknown) {
      return Optional.empty();
    }
  }

  private Connection connection() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres?connectTimeout=2&socketTimeout=10",
        "postgres",
        "");
  }
}
