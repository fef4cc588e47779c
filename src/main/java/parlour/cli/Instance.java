package parlour.cli;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import parlour.Unavailable;
import parlour.accounts.Accounts;
import parlour.accounts.ApiKeys;
import parlour.accounts.SqlAccounts;
import parlour.accounts.SqlApiKeys;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.events.BusEvent;
import parlour.inbox.AgentLogins;
import parlour.inbox.Agents;
import parlour.inbox.DeskMembers;
import parlour.inbox.SecondFactors;
import parlour.inbox.SqlAgentLogins;
import parlour.inbox.SqlAgents;
import parlour.inbox.SqlDeskMembers;
import parlour.inbox.SqlSecondFactors;
import parlour.ledger.LedgerEntry;
import parlour.ledger.LedgerNote;
import parlour.ledger.SqlLedger;
import parlour.process.RunningLedger;
import parlour.redis.Redis;
import parlour.scopedauth.Keys;
import parlour.scopedauth.MasterKey;
import parlour.scopedauth.Sessions;
import parlour.scopedauth.SignalVotes;
import parlour.scopedauth.SqlKeys;
import parlour.scopedauth.SqlPushKey;
import parlour.scopedauth.SqlSessions;
import parlour.scopedauth.SqlSignalVotes;
import parlour.scopedauth.StoredPushKeys;
import parlour.scopedauth.TokenKeys;
import parlour.store.Database;
import parlour.store.MigrationMode;
import parlour.store.Schema;
import parlour.store.SchemaMismatch;
import parlour.webhooks.GivenUpEvents;
import parlour.webhooks.SqlGivenUpEvents;
import parlour.webhooks.SqlWebhookStore;
import parlour.webhooks.WebhookStore;

/**
 * An instance's stores. A command opens them while processes run over the same folder or server;
 * these notice a change within a second.
 */
final class Instance {
  private final Config config;

  Instance(Config config) {
    this.config = config;
    if (config.database().isEmpty()) {
      DataFolder.existing(config.data());
    } else {
      Logs.write(
          config.logFormat(), config.logLevel()); // the pool logs, which must not go to stdout
    }
  }

  <T> T accounts(Function<Accounts, T> work) {
    try (Database database = open(SqlAccounts.SCHEMA)) {
      Accounts accounts = new SqlAccounts(database);
      long before = accounts.version();
      T done = work.apply(accounts);
      if (accounts.version() != before) {
        publish(new BusEvent.DirectoryChanged());
      }
      return done;
    }
  }

  <T> T webhooks(BiFunction<Accounts, WebhookStore, T> work) {
    return over(
        SqlAccounts.SCHEMA,
        database -> work.apply(new SqlAccounts(database), new SqlWebhookStore(database)));
  }

  /** Work with the events of webhooks. */
  interface WebhookWork<T> {
    T apply(Accounts accounts, WebhookStore webhooks, GivenUpEvents givenUp);
  }

  <T> T givenUp(WebhookWork<T> work) {
    return over(
        SqlAccounts.SCHEMA,
        database -> work.apply(
            new SqlAccounts(database),
            new SqlWebhookStore(database),
            new SqlGivenUpEvents(database)));
  }

  <T> T agents(BiFunction<Accounts, Agents, T> work) {
    return over(
        SqlAccounts.SCHEMA,
        database -> work.apply(new SqlAccounts(database), new SqlAgents(database)));
  }

  <T> T secondFactors(BiFunction<Agents, SecondFactors, T> work) {
    return over(
        SqlAccounts.SCHEMA,
        database -> work.apply(new SqlAgents(database), new SqlSecondFactors(database)));
  }

  <T> T logins(BiFunction<Agents, AgentLogins, T> work) {
    return over(
        SqlAccounts.SCHEMA,
        database -> work.apply(new SqlAgents(database), new SqlAgentLogins(database)));
  }

  <T> T apiKeys(BiFunction<Accounts, ApiKeys, T> work) {
    return over(
        SqlAccounts.SCHEMA,
        database -> work.apply(new SqlAccounts(database), new SqlApiKeys(database)));
  }

  <T> T desks(BiFunction<Accounts, DeskMembers, T> work) {
    return over(
        SqlAccounts.SCHEMA,
        database -> work.apply(new SqlAccounts(database), new SqlDeskMembers(database)));
  }

  <T> T sessions(Function<Sessions, T> work) {
    return over(SqlSessions.SCHEMA, database -> work.apply(new SqlSessions(database)));
  }

  <T> T signalVotes(Function<SignalVotes, T> work) {
    return over(SqlSessions.SCHEMA, database -> work.apply(new SqlSignalVotes(database)));
  }

  <T> T ledger(Function<SqlLedger, T> work) {
    return over(SqlSessions.SCHEMA, database -> work.apply(new SqlLedger(database)));
  }

  /**
   * Notes a command in the ledger. If its store is elsewhere, calls the running process that leads to
   * it, unless a running orchestrator notes the change by itself. If noting fails, the command still succeeds, because its
   * change is made. A new secret is shown before this call, because it cannot be shown later.
   *
   * @param command its words
   * @param object the sid or the name of its object
   */
  void note(Terminal terminal, String command, String object) {
    try {
      store(entry(terminal, command, object));
    } catch (SchemaMismatch notHere) {
      if (!isNotedByOrchestrator(command)) {
        noteElsewhere(terminal, command, object, notHere);
      }
    } catch (Unavailable e) {
      terminal.complain("this command is not in the ledger: " + e.getMessage());
    }
  }

  /** A running orchestrator notes that a command changed accounts, addresses or deployments. */
  private static boolean isNotedByOrchestrator(String command) {
    return Stream.of("accounts ", "addresses ", "deployments ").anyMatch(command::startsWith);
  }

  private void noteElsewhere(
      Terminal terminal, String command, String object, SchemaMismatch notHere) {
    if (config.runs(Role.SCOPED_AUTH)) {
      terminal.complain(
          "this command is not in the ledger, which is not here: use the settings of the orchestrator"
              + " (--config FILE). " + notHere.getMessage());
      return;
    }
    try {
      RunningLedger.store(
          config,
          TraceCommand.secret(config),
          terminal.clock(),
          List.of(entry(terminal, command, object)));
    } catch (Unavailable | UserError e) {
      terminal.complain("this command is not in the ledger: " + e.getMessage());
    }
  }

  /**
   * Notes a command that must not do anything unnoted, before it does. If the store of the ledger is
   * elsewhere, calls the running process that leads to it.
   *
   * @param command its words
   * @param object the sid or the name of its object
   */
  void noteFirst(Terminal terminal, String command, String object) {
    LedgerEntry entry = entry(terminal, command, object);
    try {
      store(entry);
    } catch (SchemaMismatch notHere) {
      if (config.runs(Role.SCOPED_AUTH)) {
        throw new UserError(
            "%s did nothing, because it must be in the ledger first, which is not here: use the settings"
                    .formatted(command)
                + " of the orchestrator (--config FILE). " + notHere.getMessage());
      }
      storeElsewhere(terminal, command, entry);
    } catch (Unavailable e) {
      throw unnoted(command, e);
    }
  }

  private void storeElsewhere(Terminal terminal, String command, LedgerEntry entry) {
    try {
      RunningLedger.store(config, TraceCommand.secret(config), terminal.clock(), List.of(entry));
    } catch (Unavailable e) {
      throw unnoted(command, e);
    }
  }

  private static UserError unnoted(String command, Unavailable outage) {
    return new UserError(
        "%s did nothing, because it must be in the ledger first, which cannot be written: %s"
            .formatted(command, outage.getMessage()));
  }

  private static LedgerEntry entry(Terminal terminal, String command, String object) {
    LedgerNote note = LedgerNote.of(LedgerNote.COMMAND, command).by("command-line", object);
    return new LedgerEntry(terminal.now(), terminal.random().nextLong(), "", note, 0);
  }

  private void store(LedgerEntry entry) {
    ledger(ledger -> {
      ledger.store(List.of(entry));
      return entry;
    });
  }

  /** Whether the sessions are here: scoped-auth may run over another folder. */
  boolean hasSessions() {
    return has(SqlSessions.SCHEMA);
  }

  /** Whether the accounts are here: the orchestrator may run over another folder. */
  boolean hasAccounts() {
    return has(SqlAccounts.SCHEMA);
  }

  private boolean has(Schema schema) {
    try (Database _ = open(schema)) {
      return true;
    } catch (SchemaMismatch notHere) {
      return false;
    }
  }

  /** Notifies the running processes of a change, if they have a Redis. */
  void publish(BusEvent event) {
    config.redis().ifPresent(address -> Redis.publishOnce(address, event));
  }

  /** The keys as they are stored: each sealed under the master key. */
  <T> T keys(Function<Keys, T> work) {
    return over(SqlSessions.SCHEMA, database -> work.apply(new SqlKeys(database)));
  }

  void rotateKeys(InstantSource clock, SecureRandom random) {
    MasterKey masterKey = masterKey();
    try (Database database = open(SqlSessions.SCHEMA)) {
      new TokenKeys(new SqlKeys(database), masterKey, clock, random).rotate();
    }
  }

  /**
   * Seals the token keys, and the key for push services, under the newest master key.
   *
   * @return how many were under another one
   */
  int resealKeys(InstantSource clock, SecureRandom random) {
    MasterKey masterKey = masterKey();
    try (Database database = open(SqlSessions.SCHEMA)) {
      int resealed = new TokenKeys(new SqlKeys(database), masterKey, clock, random).reseal();
      if (StoredPushKeys.reseal(new SqlPushKey(database), masterKey)) {
        resealed++;
      }
      boolean _ = database.scrub(); // else the next process that scrubs does it
      return resealed;
    }
  }

  /**
   * Makes a new master key in the file, seals the token keys under it, and then removes the others
   * from the file. If it is interrupted, the file has both, and everything works on; the next call
   * then finishes the change, and makes no other key.
   */
  int replaceMasterKey(InstantSource clock, SecureRandom random) {
    if (config.masterKey().isPresent()) {
      throw new UserError("the master key comes from the setting master-key, which a command cannot"
          + " change: write the new key, a comma and the old one there, restart each node, and run"
          + " \"parlour keys reseal\" (docs/operating.md, \"Rotate the master key\")");
    }
    if (config.database().isPresent()) {
      throw new UserError("the data is in PostgreSQL (database.url), and other nodes may have the"
          + " master key in files of their own: write the new key into each file, as in"
          + " docs/operating.md, \"Rotate the master key\", and run \"parlour keys reseal\"");
    }
    Path file = config.masterKeyFile();
    AtomicInteger resealed = new AtomicInteger();
    DataFolder.alone(file, () -> {
      List<String> keys = MasterKey.split(masterKeyText());
      resealed.set(resealKeys(clock, random));
      if (keys.size() > 1) {
        DataFolder.replaceSecret(file, keys.getFirst());
      }
      if (resealed.get() == 0) { // no change was interrupted
        String made = MasterKey.random(random);
        DataFolder.replaceSecret(file, made + "\n" + keys.getFirst());
        resealed.set(resealKeys(clock, random));
        DataFolder.replaceSecret(file, made);
      }
    });
    return resealed.get();
  }

  private String masterKeyText() {
    return config
        .masterKey()
        .or(() -> DataFolder.secret(config.masterKeyFile()))
        .orElseThrow(() -> new UserError(
            "there is no master key: %s is missing, and the setting master-key is not set"
                .formatted(config.masterKeyFile())));
  }

  private MasterKey masterKey() {
    String text = masterKeyText();
    try {
      return MasterKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage() + " (master-key, " + config.masterKeyFile() + ")");
    }
  }

  private <T> T over(Schema schema, Function<Database, T> work) {
    try (Database database = open(schema)) {
      return work.apply(database);
    }
  }

  private Database open(Schema schema) {
    return config.databases().open(schema, MigrationMode.VERIFY);
  }
}
