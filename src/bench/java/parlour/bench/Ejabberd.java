package parlour.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * ejabberd of Debian's package, with anonymous users over WebSocket and its message archive in SQL.
 * It is a single node without distribution, so it starts no port mapper.
 */
record Ejabberd(Subject subject, Optional<DurablePostgres> postgres, String archive) {
  /** The domain of the anonymous users. */
  static final String DOMAIN = "chat.example";

  private static final Path SCHEMAS = Path.of("/usr/share/ejabberd/sql");
  private static final Path ERLANG = Path.of("/usr/bin/erl");

  /**
   * The settings that change its speed.
   *
   * @param connections to its database
   * @param writeAheadLog whether its SQLite has one, which is a property of the file
   * @param archive further options of mod_mam
   * @param erlang options of the Erlang machine
   */
  record Settings(
      String inWords,
      int connections,
      boolean writeAheadLog,
      List<String> archive,
      List<String> erlang) {}

  /** Starts ejabberd on a file of SQLite. */
  static Ejabberd onSqlite(Settings settings) throws Exception {
    Path folder = Leftovers.folder();
    String file = folder.resolve("chat.sqlite").toString();
    String url = "jdbc:sqlite:" + file;
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      if (settings.writeAheadLog()) {
        statement.execute("PRAGMA journal_mode = WAL");
      }
    }
    create(url, "lite.sql");
    return start(
        folder,
        settings,
        Optional.empty(),
        url,
        List.of("sql_type: sqlite", "sql_database: \"" + file + "\""));
  }

  /** Starts ejabberd on a database of this server. */
  static Ejabberd onPostgres(DurablePostgres postgres, Settings settings) throws Exception {
    String url = postgres.jdbcUrl();
    create(url, "pg.sql");
    return start(
        Leftovers.folder(),
        settings,
        Optional.of(postgres),
        url,
        List.of(
            "sql_type: pgsql",
            "sql_server: 127.0.0.1",
            "sql_port: " + postgres.server().getPort(),
            "sql_database: " + DurablePostgres.NAME,
            "sql_username: " + DurablePostgres.NAME,
            "sql_password: " + DurablePostgres.NAME));
  }

  private static Ejabberd start(
      Path folder,
      Settings settings,
      Optional<DurablePostgres> postgres,
      String archive,
      List<String> database)
      throws IOException, InterruptedException {
    int port = Subject.freePort();
    Path config = folder.resolve("ejabberd.yml");
    Files.writeString(config, config(port, settings, database));
    List<String> command = new ArrayList<>(List.of(ERLANG.toString(), "-noinput"));
    command.addAll(List.of("+K", "true", "+P", "250000"));
    command.addAll(settings.erlang());
    command.addAll(
        List.of("-mnesia", "dir", "\"" + folder.resolve("mnesia") + "\"", "-s", "ejabberd"));
    Map<String, String> environment = Map.of(
        "HOME", folder.toString(),
        "ERL_LIBS", String.valueOf(library("ejabberd").getParent()),
        "ERL_CRASH_DUMP", folder.resolve("crash").toString(),
        "EJABBERD_CONFIG_PATH", config.toString(),
        "EJABBERD_LOG_PATH", folder.resolve("ejabberd-itself.log").toString());
    Subject subject =
        Subject.run("ejabberd", folder, port, environment, command).awaitPort();
    return new Ejabberd(subject, postgres, archive);
  }

  /** A configuration with only the modules that the bench needs, and without limits of rates. */
  private static String config(int port, Settings settings, List<String> database) {
    return """
        hosts: [%s]
        loglevel: warning
        auth_method: [anonymous]
        anonymous_protocol: sasl_anon
        default_db: sql
        %s
        sql_pool_size: %d
        listen:
          - port: %d
            ip: "127.0.0.1"
            module: ejabberd_http
            request_handlers:
              /ws: ejabberd_http_ws
        modules:
          mod_mam:
            db_type: sql
            default: always
            assume_mam_usage: true
        %s
        """.formatted(
            DOMAIN,
            String.join("\n", database),
            settings.connections(),
            port,
            settings.archive().stream()
                .map(option -> "    " + option)
                .collect(Collectors.joining("\n")));
  }

  /** Creates the tables with the package's own statements. */
  private static void create(String url, String schema) throws IOException, SQLException {
    String statements = Files.readAllLines(SCHEMAS.resolve(schema)).stream()
        .filter(line -> !line.startsWith("--"))
        .collect(Collectors.joining("\n"));
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (String each : statements.split(";", -1)) {
        if (!each.isBlank()) {
          statement.execute(each);
        }
      }
    }
  }

  /** The versions of the package and of Erlang. */
  static String version() throws IOException, InterruptedException {
    Process asked = new ProcessBuilder(
            ERLANG.toString(),
            "-noinput",
            "-eval",
            "io:put_chars(erlang:system_info(otp_release)), halt().")
        .start();
    String release =
        new String(asked.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    asked.waitFor();
    return "%s, Erlang/OTP %s".formatted(library("ejabberd").getFileName(), release);
  }

  /** The folder of an Erlang library, whose name ends with its version. */
  private static Path library(String name) throws IOException {
    try (DirectoryStream<Path> systems =
        Files.newDirectoryStream(Path.of("/usr/lib"), "*-linux-*")) {
      for (Path system : systems) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(system, name + "-[0-9]*")) {
          for (Path folder : found) {
            return folder;
          }
        }
      }
    }
    throw new IOException("no " + name + ": install ejabberd with bench/build.sh ejabberd");
  }
}
