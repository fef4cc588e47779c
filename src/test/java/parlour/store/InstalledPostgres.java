package parlour.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import parlour.spec.Ports;

/**
 * A PostgreSQL of this machine's packages, with {@code pg_dump} and {@code pg_restore} of its version. The
 * binaries of {@link Postgres} have neither, and those of the machine refuse a newer server.
 */
public final class InstalledPostgres implements AutoCloseable {
  private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
  /** The oldest version that Parlour works with. */
  private static final int OLDEST = 15;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path programs;
  private final Path folder;
  private final int port = Ports.free();
  private final Process server;

  /** The programs of the newest version that Parlour supports; empty if there are none. */
  public static Optional<Path> programs() {
    if (!Files.isDirectory(VERSIONS)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(VERSIONS)) {
      return versions
          .filter(version -> version.getFileName().toString().matches("[0-9]+"))
          .filter(version -> version(version) >= OLDEST)
          .sorted(Comparator.comparingInt(InstalledPostgres::version).reversed())
          .map(version -> version.resolve("bin"))
          .filter(bin -> Stream.of("initdb", "postgres", "pg_dump", "pg_restore", "createdb")
              .allMatch(name -> Files.isExecutable(bin.resolve(name))))
          .findFirst();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int version(Path folder) {
    return Integer.parseInt(folder.getFileName().toString());
  }

  /**
   * @param folder an empty one, for its data
   */
  public InstalledPostgres(Path programs, Path folder) {
    this.programs = programs;
    this.folder = folder;
    try {
      Process made = program("initdb", "--username=postgres", "--auth=trust", "--no-sync");
      if (made.waitFor() != 0) {
        throw new IllegalStateException("initdb exited with " + made.exitValue());
      }
      server = program(
          "postgres",
          "-p",
          String.valueOf(port),
          "-c",
          "listen_addresses=127.0.0.1",
          "-c",
          "unix_socket_directories=",
          "-c",
          "fsync=off");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    awaitStart();
  }

  /** PostgreSQL does not run as root, so root starts it in a namespace without users. */
  private Process program(String name, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(List.of(programs.resolve(name).toString(), "-D", folder.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolveSibling(name + ".log").toFile())
        .start();
  }

  private void awaitStart() {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Connection _ = connect()) {
        return;
      } catch (SQLException notYet) {
        if (!server.isAlive() || System.nanoTime() > giveUp) {
          close();
          throw new IllegalStateException("PostgreSQL did not start", notYet);
        }
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(port));
  }

  /** Runs a statement as the server's administrator. */
  public void asOperator(String statement) {
    try (Connection connection = connect();
        Statement run = connection.createStatement()) {
      run.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    server.destroy();
    try {
      if (!server.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        server.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
