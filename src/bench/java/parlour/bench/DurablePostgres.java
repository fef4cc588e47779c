package parlour.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.store.Databases;
import parlour.store.PostgresServer;

/** A PostgreSQL on this machine that loses nothing which it has acknowledged. */
record DurablePostgres(EmbeddedPostgres server, ProcessHandle process) implements AutoCloseable {
  /** The user's, the password, and that of a database that is there. */
  static final String NAME = "postgres";

  static DurablePostgres start() throws IOException {
    Path data = Leftovers.folder();
    EmbeddedPostgres server = Leftovers.keep(EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .start());
    String pid = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
    return new DurablePostgres(
        server, ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow());
  }

  void create(String database) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl());
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

  /** The settings with which a process of Parlour uses it. */
  Map<String, String> settings(String database) {
    return Map.of("PARLOUR_DATABASE_URL", url(database), "PARLOUR_DATABASE_PASSWORD", NAME);
  }

  private String url(String database) {
    return "postgres://" + NAME + "@localhost:" + server.getPort() + "/" + database;
  }

  String jdbcUrl() {
    return server.getJdbcUrl(NAME, NAME);
  }

  String version() throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW server_version")) {
      row.next();
      return row.getString(1);
    }
  }

  /** The time of all its processes, also of those that have ended: each connection has its own. */
  Duration processorTime() {
    return processes()
        .flatMap(each -> each.info().totalCpuDuration().stream())
        .reduce(ofEndedProcesses(), Duration::plus);
  }

  /** Reads cutime and cstime of proc(5), in ticks of 10 ms; the name before them may have spaces. */
  private Duration ofEndedProcesses() {
    try {
      String all = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
      String[] fields = all.substring(all.lastIndexOf(')') + 2).split(" ", -1);
      return Duration.ofMillis(10 * (Long.parseLong(fields[13]) + Long.parseLong(fields[14])));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The memory of its processes in MiB; memory that they share counts once. */
  double residentMebibytes() throws IOException {
    long kibibytes = 0;
    for (ProcessHandle each : processes().toList()) {
      Path memory = Path.of("/proc", String.valueOf(each.pid()), "smaps_rollup");
      for (String line : lines(each, memory)) {
        if (line.startsWith("Pss:")) {
          kibibytes += Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    }
    return kibibytes / 1024.0;
  }

  /** The lines of a file; none if the process has ended meanwhile, as one does with a connection. */
  private static List<String> lines(ProcessHandle process, Path file) throws IOException {
    try {
      return Files.readAllLines(file, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      if (process.isAlive()) {
        throw e;
      }
      return List.of();
    }
  }

  private Stream<ProcessHandle> processes() {
    return Stream.concat(Stream.of(process), process.descendants());
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
