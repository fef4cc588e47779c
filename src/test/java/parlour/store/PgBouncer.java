package parlour.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real pgbouncer in front of the tests' PostgreSQL. */
public final class PgBouncer implements AutoCloseable {
  private final Process process;
  private final int port;

  /** The program, if it is installed. */
  public static Optional<Path> program() {
    return Stream.concat(
            Stream.of("/usr/sbin"),
            Stream.of(String.valueOf(System.getenv("PATH")).split(":")))
        .map(folder -> Path.of(folder, "pgbouncer"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * @param mode its pool_mode
   */
  public static PgBouncer start(Path folder, PostgresServer server, String mode)
      throws IOException, InterruptedException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Files.writeString(
        folder.resolve("users.txt"),
        "\"%s\" \"%s\"\n".formatted(server.user(), server.password().orElseThrow()));
    Path settings = Files.writeString(folder.resolve("pgbouncer.ini"), """
        [databases]
        * = host=127.0.0.1 port=%d
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = scram-sha-256
        auth_file = users.txt
        pool_mode = %s
        """.formatted(
            server.hosts().getFirst().port(), port, mode));
    List<String> command = new ArrayList<>(List.of(program().orElseThrow().toString(), "-q"));
    if ("root".equals(System.getProperty("user.name"))) { // pgbouncer refuses to run as root
      command.addAll(List.of("-u", "nobody"));
      for (Path file : List.of(folder, settings, folder.resolve("users.txt"))) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
    command.add(settings.toString());
    Process process = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("pgbouncer.log").toFile())
        .start();
    PgBouncer bouncer = new PgBouncer(process, port);
    bouncer.await(folder);
    return bouncer;
  }

  private PgBouncer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** The same server, through pgbouncer. */
  public PostgresServer before(PostgresServer server) {
    return PostgresServer.parse(
        "postgres://%s@127.0.0.1:%d/%s".formatted(server.user(), port, server.database()),
        server.password());
  }

  private void await(Path folder) throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException notYet) {
        if (!process.isAlive() || System.nanoTime() > giveUp) {
          throw new IOException(Files.readString(folder.resolve("pgbouncer.log")), notYet);
        }
        Thread.sleep(20);
      }
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
