package parlour.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ssl.DefaultJavaSSLFactory;
import parlour.Limits;

/**
 * The address of a PostgreSQL server, and the user to sign in as. Prints without the password.
 *
 * @param hosts one, or those of a cluster, of which the one that accepts changes is used
 * @param parameters of the connection's TLS; unless they say otherwise, the certificate of another
 *     machine is checked
 */
public record PostgresServer(
    List<Host> hosts,
    String database,
    String user,
    Optional<String> password,
    Map<String, String> parameters) {
  private static final String FORM =
      "must look like postgres://user@10.0.0.7:5432/parlour?sslmode=verify-full";

  private static final Pattern URL = Pattern.compile(
      "postgres(?:ql)?://(?<authority>[^/?#]+)/(?<database>[^/?#]+)(?:[?](?<query>[^#]*))?");

  private static final int PORT = 5432;

  /** Numbers only: 127.db.example.org is another machine. */
  private static final Pattern LOOPBACK = Pattern.compile("127(?:\\.[0-9]{1,3}){3}");

  private static final Set<String> PARAMETERS =
      Set.of("sslmode", "sslrootcert", "sslcert", "sslkey");

  private static final Set<String> TLS_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

  /** Modes in which the server's certificate is checked. */
  private static final Set<String> CHECKING_MODES = Set.of("verify-ca", "verify-full");

  /** PostgreSQL's word for the authorities that the JDK trusts. */
  private static final String OF_THE_SYSTEM = "system";

  /** One machine of the server. */
  public record Host(String name, int port) {
    private boolean isThisMachine() {
      return name.equals("localhost")
          || name.equals("::1")
          || LOOPBACK.matcher(name).matches();
    }

    @Override
    public String toString() {
      return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
    }
  }

  /**
   * Reads {@code postgres://user@host:port/name?sslmode=…}; several hosts are separated by commas.
   *
   * @throws IllegalArgumentException that says what is wrong without quoting the text, which may
   *     contain a password
   */
  public static PostgresServer parse(String text, Optional<String> password) {
    Matcher url = URL.matcher(text);
    if (!url.matches()) {
      throw new IllegalArgumentException(FORM);
    }
    String authority = url.group("authority");
    int at = authority.lastIndexOf('@');
    String user = authority.substring(0, Math.max(at, 0));
    if (user.contains(":")) {
      throw new IllegalArgumentException(
          "must not contain the password: set database.password-file");
    }
    if (user.isEmpty()) {
      throw new IllegalArgumentException(FORM);
    }
    List<Host> hosts = new ArrayList<>();
    for (String host : authority.substring(at + 1).split(",", -1)) {
      hosts.add(host(host));
    }
    Map<String, String> parameters = parameters(url.group("query"));
    if (!hosts.stream().allMatch(Host::isThisMachine)) {
      parameters.putIfAbsent("sslmode", "verify-full"); // A weaker mode must be named explicitly.
    }
    checkTls(parameters);
    return new PostgresServer(
        List.copyOf(hosts), url.group("database"), user, password, Map.copyOf(parameters));
  }

  private static Host host(String text) {
    int colon = text.lastIndexOf(':');
    boolean hasPort = colon > text.lastIndexOf(']') && colon >= 0;
    String name = (hasPort ? text.substring(0, colon) : text).replaceAll("^\\[|]$", "");
    String port = hasPort ? text.substring(colon + 1) : String.valueOf(PORT);
    if (name.isEmpty() || !port.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException(FORM);
    }
    return new Host(name, Integer.parseInt(port));
  }

  private static Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (query == null || query.isEmpty()) {
      return parameters;
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = pair.substring(0, Math.max(equals, 0)).toLowerCase(Locale.ROOT);
      String value = pair.substring(equals + 1);
      if (!PARAMETERS.contains(name)) {
        throw new IllegalArgumentException(
            "may have the parameters sslmode, sslrootcert, sslcert and sslkey");
      }
      if (name.equals("sslmode") && !TLS_MODES.contains(value)) {
        throw new IllegalArgumentException(
            "must have an sslmode of disable, allow, prefer, require, verify-ca or verify-full");
      }
      parameters.put(name, value);
    }
    return parameters;
  }

  /** Refuses settings of an authority that the driver would silently ignore. */
  private static void checkTls(Map<String, String> parameters) {
    String root = parameters.getOrDefault("sslrootcert", OF_THE_SYSTEM);
    if (parameters.containsKey("sslrootcert")
        && !CHECKING_MODES.contains(parameters.getOrDefault("sslmode", ""))) {
      throw new IllegalArgumentException(
          "has an sslrootcert, which is used only with sslmode=verify-full (or verify-ca)");
    }
    if (parameters.getOrDefault("sslmode", "").equals("verify-ca") && root.equals(OF_THE_SYSTEM)) {
      throw new IllegalArgumentException(
          "has sslmode=verify-ca, which accepts every certificate that a public authority issued:"
              + " name your authority as sslrootcert, or use verify-full");
    }
    if (parameters.containsKey("sslcert") && root.equals(OF_THE_SYSTEM)) {
      throw new IllegalArgumentException("has an sslcert, which also needs an sslrootcert");
    }
  }

  /**
   * Connections that use one schema. They are configured after connecting, because pgbouncer does
   * not accept a schema or options in the startup packet.
   *
   * @param application the name in the server's list of connections
   * @param statement how long the server may run one statement
   * @param lock how long it may wait for another transaction
   * @param answer how long we wait for its answer; zero is for ever, and lets its transactions be
   *     idle for ever, too
   */
  DataSource connections(
      String schema, String application, Duration statement, Duration lock, Duration answer) {
    var source = new Connections("""
        SELECT set_config('search_path', '%s', false),
          set_config('statement_timeout', '%d', false),
          set_config('lock_timeout', '%d', false),
          set_config('idle_in_transaction_session_timeout', '%d', false)\
        """.formatted(
            schema,
            statement.toMillis(),
            lock.toMillis(),
            answer.isZero() ? 0 : Limits.POSTGRES_IDLE_TRANSACTION.toMillis()));
    source.setServerNames(hosts.stream().map(Host::name).toArray(String[]::new));
    source.setPortNumbers(hosts.stream().mapToInt(Host::port).toArray());
    source.setDatabaseName(database);
    source.setUser(user);
    password.ifPresent(source::setPassword);
    source.setApplicationName(application);
    source.setTargetServerType("primary");
    source.setConnectTimeout(seconds(Limits.CONNECT_TIMEOUT));
    source.setSocketTimeout(seconds(answer));
    source.setTcpKeepAlive(true);
    source.setLogServerErrorDetail(false); // It quotes rows.
    encrypt(source);
    return source;
  }

  private void encrypt(PGSimpleDataSource source) {
    parameters.forEach((name, value) -> {
      switch (name) {
        case "sslmode" -> source.setSslMode(value);
        case "sslcert" -> source.setSslCert(value);
        case "sslkey" -> source.setSslKey(value);
        default -> source.setSslRootCert(value);
      }
    });
    if (CHECKING_MODES.contains(parameters.getOrDefault("sslmode", ""))
        && parameters.getOrDefault("sslrootcert", OF_THE_SYSTEM).equals(OF_THE_SYSTEM)) {
      source.setSslfactory(DefaultJavaSSLFactory.class.getName());
    }
  }

  /** Configures each connection that it opens. */
  private static final class Connections extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;

    private final String settings;

    Connections(String settings) {
      this.settings = settings;
    }

    @Override
    public Connection getConnection(@Nullable String user, @Nullable String password)
        throws SQLException {
      Connection connection = super.getConnection(user, password);
      try (Statement set = connection.createStatement()) {
        set.execute(settings);
        return connection;
      } catch (SQLException failure) {
        try (connection) {
          throw failure;
        }
      }
    }
  }

  /** Rounded up, because the driver counts in whole seconds. */
  private static int seconds(Duration duration) {
    return Math.toIntExact(duration.plusMillis(999).toSeconds());
  }

  @Override
  public String toString() {
    return "postgres://" + user + "@"
        + String.join(",", hosts.stream().map(Host::toString).toList()) + "/" + database;
  }
}
