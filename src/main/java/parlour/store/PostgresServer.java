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
 * Where a PostgreSQL is, and as whom we come. Prints without the password.
 *
 * @param hosts one, or the several of a cluster, of which the one that takes changes is used
 * @param parameters of the connection's TLS; on the way to another machine the certificate is
 *     checked, unless they say otherwise
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

  /** Numbers only: 127.db.example.org is somebody else's. */
  private static final Pattern LOOPBACK = Pattern.compile("127(?:\\.[0-9]{1,3}){3}");

  private static final Set<String> PARAMETERS =
      Set.of("sslmode", "sslrootcert", "sslcert", "sslkey");

  private static final Set<String> TLS_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

  /** In which the server's certificate is looked at. */
  private static final Set<String> CHECKING_MODES = Set.of("verify-ca", "verify-full");

  /** Whom the JDK trusts; PostgreSQL's own word for it. */
  private static final String OF_THE_SYSTEM = "system";

  /** One machine of it. */
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
   * @throws IllegalArgumentException that says what is wrong, and never quotes the text: it may hold
   *     a password, which has a setting of its own
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
      throw new IllegalArgumentException("must not hold the password: set database.password-file");
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
      parameters.putIfAbsent("sslmode", "verify-full"); // Never less unless somebody says so.
    }
    demandChecked(parameters);
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
            "has an sslmode that is none of disable, allow, prefer, require, verify-ca, verify-full");
      }
      parameters.put(name, value);
    }
    return parameters;
  }

  /** An authority that is named is there to be asked: the driver would pass it over in silence. */
  private static void demandChecked(Map<String, String> parameters) {
    String root = parameters.getOrDefault("sslrootcert", OF_THE_SYSTEM);
    if (parameters.containsKey("sslrootcert")
        && !CHECKING_MODES.contains(parameters.getOrDefault("sslmode", ""))) {
      throw new IllegalArgumentException(
          "has an sslrootcert, which is looked at with sslmode=verify-full (or verify-ca) only");
    }
    if (parameters.getOrDefault("sslmode", "").equals("verify-ca") && root.equals(OF_THE_SYSTEM)) {
      throw new IllegalArgumentException(
          "has sslmode=verify-ca, by which anybody's certificate would do that some authority"
              + " signed: name yours as sslrootcert, or use verify-full");
    }
    if (parameters.containsKey("sslcert") && root.equals(OF_THE_SYSTEM)) {
      throw new IllegalArgumentException("has an sslcert, which needs an sslrootcert beside it");
    }
  }

  /**
   * Connections that see one schema. Their settings are made after connecting, because a pgbouncer
   * in between accepts no schema and no options in the startup packet.
   *
   * @param application what the server's list of connections shows
   * @param statement how long the server works on one statement
   * @param lock how long it waits for another transaction
   * @param answer how long we wait for its bytes, where nothing else is said; zero is for ever, and
   *     lets its transactions idle too
   */
  DataSource connections(
      String schema, String application, Duration statement, Duration lock, Duration answer) {
    var source = new Connections("""
        SELECT set_config('search_path', '%s', false),
          set_config('statement_timeout', '%d', false),
          set_config('lock_timeout', '%d', false),
          set_config('idle_in_transaction_session_timeout', '%d', false)""".formatted(
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

  /** Sets up each connection that it opens. */
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

  /** The driver knows no shorter ones. */
  private static int seconds(Duration duration) {
    return Math.toIntExact(duration.plusMillis(999).toSeconds());
  }

  @Override
  public String toString() {
    return "postgres://" + user + "@"
        + String.join(",", hosts.stream().map(Host::toString).toList()) + "/" + database;
  }
}
