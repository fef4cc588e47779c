package parlour.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.store.PostgresServer;

/** A PostgreSQL on this machine that makes durable what it says it did. */
record LocalPostgres(EmbeddedPostgres running, ProcessHandle process) implements AutoCloseable {

  static LocalPostgres start() throws IOException {
    Path data = Leftovers.folder();
    EmbeddedPostgres running = Leftovers.keep(EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .start());
    String first = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
    return new LocalPostgres(
        running, ProcessHandle.of(Long.parseLong(first.strip())).orElseThrow());
  }

  PostgresServer server() {
    return PostgresServer.parse(
        "postgres://postgres@localhost:" + running.getPort() + "/postgres", Optional.of("none"));
  }

  String jdbcUrl() {
    return running.getJdbcUrl("postgres", "postgres");
  }

  String version() throws SQLException {
    try (Connection connection = running.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW server_version")) {
      row.next();
      return row.getString(1);
    }
  }

  /** Of all its processes. */
  Duration processorTime() {
    return processes()
        .flatMap(each -> each.info().totalCpuDuration().stream())
        .reduce(Duration.ZERO, Duration::plus);
  }

  /** What its processes share counts once, in MiB. */
  double residentMebibytes() throws IOException {
    long kibibytes = 0;
    for (ProcessHandle each : processes().toList()) {
      Path memory = Path.of("/proc", String.valueOf(each.pid()), "smaps_rollup");
      for (String line : Files.readAllLines(memory, StandardCharsets.US_ASCII)) {
        if (line.startsWith("Pss:")) {
          kibibytes += Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    }
    return kibibytes / 1024.0;
  }

  private Stream<ProcessHandle> processes() {
    return Stream.concat(Stream.of(process), process.descendants());
  }

  @Override
  public void close() throws IOException {
    running.close();
  }
}
