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

/** What a failure of the server, or of the way to it, means: by its SQLSTATE. */
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

  /** Connections, resources, operators, system errors, internal errors. */
  private static final Set<String> OUTAGES = Set.of("08", "53", "57", "58", "F0", "XX");

  private PostgresFaults() {}

  /** Whether the connection is gone, or the server goes away. */
  static boolean isLoss(SQLException failure) {
    String state = state(failure);
    return state.startsWith("08") || (state.startsWith("57P") && !state.equals("57P04"));
  }

  /** Whether other transactions were in the way, in a manner that passes. */
  static boolean isContention(SQLException failure) {
    String state = state(failure);
    return state.equals(DEADLOCK) || state.equals(SERIALIZATION);
  }

  /**
   * Whether a constraint was violated. Between two statements of a change, those of another may
   * come: made again, it sees them.
   */
  static boolean isConstraint(SQLException failure) {
    return state(failure).startsWith("23");
  }

  /** Whether a commit that failed surely changed nothing: the server looked, and refused. */
  static boolean isUndone(SQLException failure) {
    return isContention(failure) || isConstraint(failure);
  }

  /**
   * Tells an outage ({@link StoreUnavailable}) from a mistake ({@link IllegalStateException}).
   *
   * @param who the store, for the operator
   */
  static RuntimeException explain(String who, PostgresServer server, SQLException failure) {
    String state = state(failure);
    if (failure instanceof Sql.Failed && state.isEmpty() && !isTimeout(failure)) {
      return programmingError(cause(failure).getMessage(), failure); // our own finding
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
    return switch (state) {
      case LOCK_TIMEOUT, DEADLOCK, SERIALIZATION ->
        unavailable(who, "waiting for a lock that another session holds", state, failure);
      case IDLE_TRANSACTION ->
        unavailable(who, "its transaction was idle too long", state, failure);
      case READ_ONLY ->
        unavailable(who, server + " takes no changes: is it a standby?", state, failure);
      case NO_PRIVILEGE ->
        unavailable(
            who,
            "the user \"%s\" may not do that in the database \"%s\": make the database its own (%s)"
                .formatted(
                    server.user(),
                    server.database(),
                    "ALTER DATABASE … OWNER TO …, docs/operating.md"),
            state,
            failure);
      case NO_DATABASE ->
        unavailable(
            who,
            server
                + " has no such database: CREATE DATABASE \"%s\" OWNER \"%s\""
                    .formatted(server.database(), server.user()),
            state,
            failure);
      case DISK_FULL -> unavailable(who, "the server's disk is full", state, failure);
      case TOO_MANY_CONNECTIONS ->
        unavailable(
            who,
            server + " takes no more connections: raise its max_connections, or lower"
                + " database.connections",
            state,
            failure);
      default -> {
        if (state.startsWith("28")) {
          yield unavailable(
              who,
              server + " does not let us in: check the user in database.url, database.password or"
                  + " database.password-file, and the server's pg_hba.conf",
              state,
              failure);
        }
        if (state.equals(CONNECTION_REJECTED)
            && message(failure) == null
            && server.password().isEmpty()) {
          yield unavailable(
              who, server + " wants a password: set database.password-file", state, failure);
        }
        if (isAboutTls(state, failure)) {
          yield unavailable(
              who,
              server
                  + " cannot be reached by TLS, as its sslmode demands (database.url): the server"
                  + " needs ssl = on, and a certificate for this name by the authority in"
                  + " sslrootcert; sslmode=disable is for a network of your own",
              state,
              failure);
        }
        if (state.isEmpty() || OUTAGES.contains(state.substring(0, 2))) {
          yield unavailable(
              who, server + " cannot be reached, or went away (database.url)", state, failure);
        }
        yield programmingError(serverMessage(state, failure), failure);
      }
    };
  }

  private static StoreUnavailable unavailable(
      String who, String why, String state, SQLException failure) {
    return new StoreUnavailable(
        who, state.isEmpty() ? why : why + " (SQLSTATE " + state + ")", failure);
  }

  /** Keeps the statement and the place, and drops the cause, which may quote arguments. */
  private static IllegalStateException programmingError(
      @Nullable String what, SQLException failure) {
    var error = new IllegalStateException(
        failure instanceof Sql.Failed ? what + " in: " + failure.getMessage() : what);
    error.setStackTrace(failure.getStackTrace());
    return error;
  }

  /** Never the detail, which quotes rows, and of a statement with arguments only names. */
  private static String serverMessage(String state, SQLException failure) {
    ServerErrorMessage said = message(failure);
    boolean quotes = failure instanceof Sql.Failed failed && failed.withArguments;
    String what = said == null ? null : quotes ? said.getConstraint() : said.getMessage();
    return "SQLSTATE " + state + (what == null ? "" : ", " + what);
  }

  /** The driver says so in words only, which are in the user's language: this is what is left. */
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

  /** The pool reports the last failure to connect, if there was one. */
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

  /** Ours and the pool's wrap the driver's. */
  private static SQLException cause(SQLException failure) {
    return failure.getCause() instanceof SQLException inner ? cause(inner) : failure;
  }
}
