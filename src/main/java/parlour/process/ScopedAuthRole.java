package parlour.process;

import java.time.Instant;
import java.util.List;
import parlour.Limits;
import parlour.Scheduler;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.http.client.InternalClient;
import parlour.ledger.LedgerEntry;
import parlour.ledger.LedgerHttp;
import parlour.ledger.LedgerQuery;
import parlour.ledger.LedgerStore;
import parlour.ledger.SqlLedger;
import parlour.samples.Plot;
import parlour.samples.SamplesHttp;
import parlour.samples.SqlSamples;
import parlour.scopedauth.GuestSessions;
import parlour.scopedauth.GuestSessionsHttp;
import parlour.scopedauth.KeyRing;
import parlour.scopedauth.KeyRingHttp;
import parlour.scopedauth.Keys;
import parlour.scopedauth.MasterKey;
import parlour.scopedauth.PushKeys;
import parlour.scopedauth.PushKeysHttp;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.ScopedAuthHttp;
import parlour.scopedauth.ScopedAuthService;
import parlour.scopedauth.SealedSecrets;
import parlour.scopedauth.SealedSecretsHttp;
import parlour.scopedauth.Sessions;
import parlour.scopedauth.SignalBudget;
import parlour.scopedauth.SignalRules;
import parlour.scopedauth.SignalRulesHttp;
import parlour.scopedauth.SignalVotes;
import parlour.scopedauth.SqlKeys;
import parlour.scopedauth.SqlPushKey;
import parlour.scopedauth.SqlSessionPages;
import parlour.scopedauth.SqlSessions;
import parlour.scopedauth.SqlSignalVotes;
import parlour.scopedauth.StoredGuestSessions;
import parlour.scopedauth.StoredKeyRing;
import parlour.scopedauth.StoredKeySecrets;
import parlour.scopedauth.StoredPushKeys;
import parlour.scopedauth.StoredSignalRules;
import parlour.scopedauth.TokenKeys;
import parlour.store.Database;

/** ScopedAuthService: sessions, and the keys of their tokens. */
final class ScopedAuthRole {
  private ScopedAuthRole() {}

  static void local(SharedParts parts, Services services) {
    Database database = parts.stores.of(Role.SCOPED_AUTH);
    Sessions sessions = new SqlSessions(database);
    SqlKeys keyStore = new SqlKeys(database);
    makeMasterKeyIfNew(parts, keyStore);
    TokenKeys keys =
        new TokenKeys(keyStore, () -> masterKey(parts.config), parts.clock, parts.random);
    SignalVotes votes = new SqlSignalVotes(database);
    SignalBudget budget = new SignalBudget(votes, parts.ledger, parts.clock);
    ScopedAuthService service = new ScopedAuthService(
        sessions,
        keys,
        parts.rateLimiter(),
        parts.rateLimiterIfEnabled(),
        parts.events,
        parts.nonces(),
        budget,
        parts.ledger,
        parts.clock,
        parts.random);
    parts.metrics.counters(
        "parlour_refusals_total", "Tokens that were refused.", "cause", service::refusals);
    parts.metrics.counters(
        "parlour_honest_signs_total",
        "Refusals and differences that an honest guest causes more often than a thief.",
        "sign",
        service::likelyHonest);
    parts.sampler.add(Plot.REFUSALS, service::refusals);
    parts.sampler.add(Plot.HONEST, service::likelyHonest);
    parts.metrics.gauge(
        "parlour_deployments_with_observing_signal",
        "Deployments in which a signal only observes, because it differed too often.",
        budget::deploymentsObserving);
    ScopedAuth scopedAuth = parts.decorators.scopedAuth(service);
    ScopedAuthHttp.serve(scopedAuth, parts.internalRoutes);
    parts.scheduler.every(Limits.KEY_RING_AGE, "reload the key ring", keys::reload);
    parts.everyMinute("rotate keys by age", () -> {
      keys.rotateIfOlderThan(parts.config.keyRotation());
      keys.retire();
    });
    parts.scheduler.every(
        Limits.SIGNAL_UPDATE, "count how often fingerprints differ", budget::update);
    parts.everyMinute("delete old sessions", () -> sweep(parts, sessions));
    parts.everyMinute(
        "delete old votes on signals",
        () -> votes.sweep(parts.clock.instant().minus(Limits.SIGNAL_WINDOW), Limits.SWEEP_BATCH));
    services.add(scopedAuth);
    PushKeys pushKeys = new StoredPushKeys(
        new SqlPushKey(database),
        keyStore,
        () -> masterKey(parts.config),
        parts.clock,
        parts.random);
    PushKeysHttp.serve(pushKeys, parts.internalRoutes);
    services.add(pushKeys);
    GuestSessions guestSessions = new StoredGuestSessions(
        sessions, new SqlSessionPages(database), scopedAuth, parts.events, parts.clock);
    GuestSessionsHttp.serve(guestSessions, parts.internalRoutes);
    services.add(guestSessions);
    SealedSecrets secrets = new StoredKeySecrets(keys);
    SealedSecretsHttp.serve(secrets, parts.internalRoutes);
    services.add(secrets);
    KeyRing ring = new StoredKeyRing(keyStore, keys, parts.clock);
    KeyRingHttp.serve(ring, parts.internalRoutes);
    services.add(ring);
    serveSignalRules(votes, parts, services);
    keepLedger(database, parts, services);
    keepSamples(database, parts, services);
  }

  private static void serveSignalRules(SignalVotes votes, SharedParts parts, Services services) {
    SignalRules rules = new StoredSignalRules(votes, parts.clock);
    SignalRulesHttp.serve(rules, parts.internalRoutes);
    services.add(rules);
  }

  /** Stores the samples of this process and of those that call this role. */
  private static void keepSamples(Database database, SharedParts parts, Services services) {
    SqlSamples samples = new SqlSamples(database);
    SamplesHttp.serve(samples, parts.internalRoutes);
    parts.samplesScheduler.every(
        Limits.SAMPLE_COMBINE, "combine and delete old samples", parts.clock.sweeping(() -> {
          samples.combine(parts.clock.instant());
          samples.prune(parts.clock.instant(), Limits.SWEEP_BATCH);
        }));
    services.add(samples);
  }

  /**
   * Stores the entries of this process and of those that call this role, as long as is set. While
   * the disk is nearly full, those that strangers cause are only counted.
   */
  private static void keepLedger(Database database, SharedParts parts, Services services) {
    SqlLedger ledger = new SqlLedger(database);
    LedgerStore kept = sparingTheDisk(ledger, parts);
    LedgerHttp.serve(kept, parts.internalRoutes);
    parts.everyMinute("delete old entries of the ledger", () -> {
      Instant before = parts.clock.instant().minus(parts.config.ledgerAge());
      Scheduler.inBatches(() -> ledger.prune(before, Limits.LEDGER_ENTRIES, Limits.SWEEP_BATCH));
    });
    services.add(kept);
  }

  private static LedgerStore sparingTheDisk(SqlLedger ledger, SharedParts parts) {
    return new LedgerStore() {
      @Override
      public void store(List<LedgerEntry> entries) {
        if (parts.disk.isScarce()) {
          parts.ledger.storeWithoutStrangers(entries, ledger);
        } else {
          ledger.store(entries);
        }
      }

      @Override
      public List<LedgerEntry> newest(LedgerQuery query) {
        return ledger.newest(query);
      }

      @Override
      public List<LedgerEntry> ofTrace(String digits) {
        return ledger.ofTrace(digits);
      }
    };
  }

  static void remote(SharedParts parts, Services services) {
    InternalClient client =
        parts.client(Role.SCOPED_AUTH, "ScopedAuthService", Limits.SCOPED_AUTH_DEADLINE);
    services.add(new ScopedAuthHttp(client));
    services.add(new PushKeysHttp(client));
    services.add(new GuestSessionsHttp(client));
    services.add(new SealedSecretsHttp(client));
    services.add(new KeyRingHttp(client));
    services.add(new SignalRulesHttp(client));
    services.add(new LedgerHttp(client));
    services.add(new SamplesHttp(client));
  }

  /**
   * Reads the master key, also while the process runs, because an operator can replace it.
   *
   * @throws StartupError with the remedy, if it is missing or has another form
   */
  private static MasterKey masterKey(Config config) {
    String text = config
        .masterKey()
        .or(() -> DataFolder.secret(config.masterKeyFile()))
        .orElseThrow(() -> new StartupError(
            "%s is missing, and the token keys in the store were made with it: put it back, or set"
                    .formatted(config.masterKeyFile())
                + " master-key (docs/operating.md, \"A lost master key\")"));
    try {
      return MasterKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw new StartupError(e.getMessage() + " (master-key, " + config.masterKeyFile() + ")", e);
    }
  }

  /** Makes a master key only if the store has no token keys, which it could not open. */
  private static void makeMasterKeyIfNew(SharedParts parts, Keys keys) {
    Config config = parts.config;
    if (config.masterKey().isEmpty() && keys.all().isEmpty()) {
      String _ =
          DataFolder.secretOrNew(config.masterKeyFile(), () -> MasterKey.random(parts.random));
    }
  }

  private static void sweep(SharedParts parts, Sessions sessions) {
    Instant before = parts.clock.instant().minus(Limits.SESSION_RETENTION);
    Scheduler.inBatches(() -> sessions.sweep(before, Limits.SWEEP_BATCH));
  }
}
