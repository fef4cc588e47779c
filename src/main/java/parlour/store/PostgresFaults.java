package parlour.store;

import java.io.FileNotFoundException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Explains failures of a PostgreSQL server, or of the connection to it, by their SQLSTATE. */
final class PostgresFaults {
  private static final String DEADLOCK = "40P01";
  private static final String SERIALIZATION = "40001";
  private static final String LOCK_TIMEOUT = "55P03";
  private static final String CANCELED = "57014";
  private static final String READ_ONLY = "25006";
  private static final String IDLE_TRANSACTION = "25P03";
  private static final String NO_PRIVILEGE = "42501";
  private static final String NO_DATABASE = "3D000";
  private static final String DISK_FULL = "53100";
  private static final String TOO_MANY_CONNECTIONS = "53300";
  private static final String CONNECTION_REJECTED = "08004";
  private static final String CONNECTION_FAILED = "08006";

  /** Class 28: invalid authorization specification. */
  private static final String AUTHORIZATION = "28";

  /** Classes: connection, resources, operator intervention, system, configuration, internal. */
  private static final Set<String> OUTAGES = Set.of("08", "53", "57", "58", "F0", "XX");

  private PostgresFaults() {}

  /** Whether the connection is lost, or the server shuts down. */
  static boolean isLoss(SQLException failure) {
    String state = state(failure);
    return state.startsWith("08") || (state.startsWith("57P") && !state.equals("57P04"));
  }

  /** Whether it conflicted with another transaction, so that a retry may succeed. */
  static boolean isContention(SQLException failure) {
    String state = state(failure);
    return state.equals(DEADLOCK) || state.equals(SERIALIZATION);
  }

  /** Whether it did not get a lock: it waited too long, or the session that has the lock waited for it. */
  static boolean isLocked(SQLException failure) {
    String state = state(failure);
    return state.equals(LOCK_TIMEOUT) || state.equals(DEADLOCK);
  }

  /**
   * Whether a constraint was violated. Another transaction may have committed between two
   * statements of a change: a retry sees what it changed.
   */
  static boolean isConstraint(SQLException failure) {
    return state(failure).startsWith("23");
  }

  /** Whether a commit that failed certainly changed nothing: the server itself refused it. */
  static boolean isUndone(SQLException failure) {
    return isContention(failure) || isConstraint(failure);
  }

  /**
   * Turns a failure into an outage ({@link StoreUnavailable}) or, if a statement is wrong, into an
   * {@link IllegalStateException}.
   *
   * @param who the store, for the operator
   */
  static RuntimeException explain(String who, PostgresServer server, SQLException failure) {
    String state = state(failure);
    if (failure instanceof Sql.Failed && state.isEmpty() && !isTimeout(failure)) {
      return Sql.programmingError(cause(failure).getMessage(), failure); // found by Sql itself
    }
    if (isTimeout(failure) || state.equals(CANCELED)) {
      return new StoreUnavailable(who, "out of time", failure);
    }
    if (isPoolExhausted(failure)) {
      return new StoreUnavailable(
          who,
          "all its connections are busy, as when a lock is held or the server is slow",
          failure);
    }
    String why = outage(state, server, failure);
    if (why == null) {
      return Sql.programmingError(serverMessage(state, failure), failure);
    }
    return new StoreUnavailable(
        who, state.isEmpty() ? why : why + " (SQLSTATE " + state + ")", failure);
  }

  /** The reason of an outage, with the remedy; null if the statement is wrong. */
  private static @Nullable String outage(
      String state, PostgresServer server, SQLException failure) {
    return switch (state) {
      case LOCK_TIMEOUT, DEADLOCK, SERIALIZATION -> "waiting for a lock that another session holds";
      case IDLE_TRANSACTION -> "its transaction was idle too long";
      case READ_ONLY -> server + " accepts no changes: is it a standby?";
      case NO_PRIVILEGE ->
        ("the user \"%s\" lacks a privilege in the database \"%s\": make the user its owner"
                + " (ALTER DATABASE … OWNER TO …, docs/operating.md)")
            .formatted(server.user(), server.database());
      case NO_DATABASE ->
        server
            + " has no such database: CREATE DATABASE \"%s\" OWNER \"%s\""
                .formatted(server.database(), server.user());
      case DISK_FULL -> "the server's disk is full";
      case TOO_MANY_CONNECTIONS ->
        server + " accepts no more connections: raise its max_connections, or lower"
            + " database.connections";
      default -> connectionFault(state, server, failure);
    };
  }

  private static @Nullable String connectionFault(
      String state, PostgresServer server, SQLException failure) {
    if (state.startsWith(AUTHORIZATION)) {
      return server + " refused the sign-in: check the user in database.url, database.password or"
          + " database.password-file, and the server's pg_hba.conf";
    }
    if (state.equals(CONNECTION_REJECTED)
        && message(failure) == null
        && server.password().isEmpty()) {
      return server + " requires a password: set database.password-file";
    }
    if (isAboutTls(state, failure)) {
      return server
          + " cannot be reached by TLS, as its sslmode requires (database.url): the server needs"
          + " ssl = on, and a certificate for this name, issued by the authority in sslrootcert;"
          + " use sslmode=disable only in a private network";
    }
    if (state.isEmpty() || OUTAGES.contains(state.substring(0, 2))) {
      return server + " cannot be reached, or closed the connection (database.url)";
    }
    return null;
  }

  /** Without the detail, which quotes rows. If there are arguments, only a constraint's name. */
  private static String serverMessage(String state, SQLException failure) {
    ServerErrorMessage sent = message(failure);
    boolean quotes = failure instanceof Sql.Failed failed && failed.withArguments;
    String what = sent == null ? null : quotes ? sent.getConstraint() : sent.getMessage();
    return "SQLSTATE " + state + (what == null ? "" : ", " + what);
  }

  /** By the cause: the driver has no code for this, and its message is in the user's language. */
  private static boolean isAboutTls(String state, SQLException failure) {
    Throwable why = cause(failure).getCause();
    return message(failure) == null
        && (state.equals(CONNECTION_REJECTED)
            || (state.equals(CONNECTION_FAILED)
                && (why == null
                    || why instanceof SSLHandshakeException
                    || why instanceof FileNotFoundException
                    || why instanceof GeneralSecurityException)));
  }

  /** Without a cause: after a failure to connect, the pool's exception has one. */
  private static boolean isPoolExhausted(SQLException failure) {
    return failure instanceof SQLTransientConnectionException && failure.getCause() == null;
  }

  private static boolean isTimeout(SQLException failure) {
    return cause(failure) instanceof SQLTimeoutException;
  }

  private static @Nullable ServerErrorMessage message(SQLException failure) {
    return cause(failure) instanceof PSQLException server ? server.getServerErrorMessage() : null;
  }

  private static String state(SQLException failure) {
    String state = cause(failure).getSQLState();
    return state == null ? "" : state;
  }

  /** The driver's exception, which Sql and the pool wrap. */
  private static SQLException cause(SQLException failure) {
    return failure.getCause() instanceof SQLException inner ? cause(inner) : failure;
  }
}
