package parlour.process;

import java.security.SecureRandom;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.OutageLog;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.accounts.SqlAccounts;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.conversations.SqlConversationStore;
import parlour.scopedauth.SqlSessions;
import parlour.store.Database;
import parlour.store.MigrationMode;
import parlour.store.Schema;
import parlour.store.SqlInstallation;
import parlour.store.StoreActivity;

/**
 * The stores of the roles in this process. They are opened together, so that a lost store is found
 * before any of the others is used ({@link InstallationCheck}).
 */
public final class Stores implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Stores.class);

  /** The schema of each role that has a store, in the order in which they are opened. */
  public static final Map<Role, Schema> SCHEMAS = Collections.unmodifiableMap(new EnumMap<>(Map.of(
      Role.SCOPED_AUTH, SqlSessions.SCHEMA,
      Role.ORCHESTRATOR, SqlAccounts.SCHEMA,
      Role.CONVERSATIONS, SqlConversationStore.SCHEMA)));

  /** Whether to start if a store is missing, or belongs to another installation. */
  public enum Unexpected {
    REFUSE,
    /** The operator insists: a missing store is created, and all stores become one installation. */
    ACCEPT
  }

  private final ClockWatch clock;
  private final Map<Role, Database> databases = new EnumMap<>(Role.class);
  private final Map<Role, Long> written = new EnumMap<>(Role.class); // nanoTime, for notReady only
  private final OutageLog outage = new OutageLog(log, "not ready");

  private Optional<String> installation = Optional.empty();

  /**
   * @throws StartupError if a store is missing that existed before, or belongs to another
   *     installation, unless that is accepted
   */
  static Stores open(
      Config config,
      DataFolder folder,
      ServiceDecorators decorators,
      ClockWatch clock,
      SecureRandom random,
      Unexpected unexpected) {
    Stores stores = new Stores(clock);
    try {
      SCHEMAS.forEach((role, schema) -> {
        if (config.runs(role)) {
          Database database = config.databases().open(schema, MigrationMode.APPLY);
          stores.databases.put(role, database);
        }
      });
      stores.installation =
          new InstallationCheck(config, folder, clock, random).join(stores.databases, unexpected);
      stores.databases.replaceAll(decorators::database);
      return stores;
    } catch (RuntimeException e) {
      stores.close();
      throw e;
    }
  }

  private Stores(ClockWatch clock) {
    this.clock = clock;
  }

  Database of(Role role) {
    return Optional.ofNullable(databases.get(role)).orElseThrow();
  }

  /** Gives the work of each store. */
  void activities(BiConsumer<Role, StoreActivity> each) {
    databases.forEach((role, database) -> each.accept(role, database.activity()));
  }

  List<Database> all() {
    return List.copyOf(databases.values());
  }

  /** The installation that the stores belong to; empty in a process without stores. */
  Optional<String> installation() {
    return installation;
  }

  /** Records in each store that it is in use; a later start compares its clock with this time. */
  void noteInUse() {
    databases.values().forEach(this::write);
  }

  /**
   * Writes that the store is in use, without a time while the clock is in doubt. Otherwise the next
   * start would trust this clock and delete data by it.
   */
  private void write(Database database) {
    SqlInstallation.noteInUse(
        database, clock.maySweep() ? Optional.of(clock.instant()) : Optional.empty());
  }

  /**
   * Reads from each store, and writes to it if the last write failed or is not recent. Callers must
   * not overlap.
   *
   * @return the reason why this process should get no calls now; empty if it should get them
   */
  Optional<String> notReady() {
    String reason = "a store does not answer";
    try {
      for (Map.Entry<Role, Database> store : databases.entrySet()) {
        reason = "a store does not answer";
        SqlInstallation.checkAnswer(store.getValue());
        reason = "a store accepts no writes";
        Long last = written.get(store.getKey());
        if (last == null || System.nanoTime() - last >= Limits.STORE_HEARTBEAT.toNanos()) {
          written.remove(store.getKey()); // until a write succeeds, each check tries one
          write(store.getValue());
          written.put(store.getKey(), System.nanoTime());
        }
      }
      outage.worked();
      return Optional.empty();
    } catch (Unavailable e) {
      outage.failed(e);
      return Optional.of(reason);
    }
  }

  @Override
  public void close() {
    for (Database database : all().reversed()) {
      try {
        database.close();
      } catch (RuntimeException e) {
        log.warn("could not close a store: {}", e.getMessage());
      }
    }
  }
}
