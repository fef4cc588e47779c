package parlour.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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
import parlour.store.SqlInstallation;

/**
 * The stores of the roles in this process. It opens them together, so that it finds a lost store
 * before anybody uses the others, and checks that they accept writes.
 *
 * <p>Each store holds the id of its installation, and the time when a process last recorded that it
 * was in use. The id is also in the data folder and beside the master key, and the folder holds an
 * address file for each role that ever ran over it.
 */
public final class Stores implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Stores.class);

  /** The migrations of each role that has a store, in the order in which they are opened. */
  public static final Map<Role, List<String>> MIGRATIONS =
      Collections.unmodifiableMap(new EnumMap<>(Map.of(
          Role.SCOPED_AUTH, SqlSessions.MIGRATIONS,
          Role.ORCHESTRATOR, SqlAccounts.MIGRATIONS,
          Role.CONVERSATIONS, SqlConversationStore.MIGRATIONS)));

  /** Whether to start if a store is missing, or belongs to another installation. */
  public enum Unexpected {
    REFUSE,
    /** The operator insists: a missing store is created, and all stores become one installation. */
    ACCEPT
  }

  private final Config config;
  private final DataFolder folder;
  private final ClockWatch clock;
  private final SecureRandom random;
  private final Map<Role, Database> raw = new EnumMap<>(Role.class);
  private final Map<Role, Database> databases = new EnumMap<>(Role.class);
  private final Map<Role, Long> written = new EnumMap<>(Role.class); // only readiness uses it
  private final OutageLog outage = new OutageLog(log, "not ready");

  private Optional<String> installation = Optional.empty();

  private record Said(Role role, SqlInstallation.Said what) {
    boolean isNew() {
      return what.isNew();
    }

    boolean isYoung() {
      return what.isYoung();
    }

    Optional<String> known() {
      return what.id();
    }

    Optional<Instant> alive() {
      return what.alive();
    }

    String store() {
      return role.word() + " store";
    }
  }

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
    Stores stores = new Stores(config, folder, clock, random);
    try {
      MIGRATIONS.forEach((role, migrations) -> {
        if (config.runs(role)) {
          stores.open(role, migrations, decorators);
        }
      });
      stores.identify(unexpected);
      return stores;
    } catch (RuntimeException e) {
      stores.close();
      throw e;
    }
  }

  private Stores(Config config, DataFolder folder, ClockWatch clock, SecureRandom random) {
    this.config = config;
    this.folder = folder;
    this.clock = clock;
    this.random = random;
  }

  private void open(Role role, List<String> migrations, ServiceDecorators decorators) {
    Database database = config.databases().open(role.word(), migrations, MigrationMode.APPLY);
    raw.put(role, database);
    databases.put(role, decorators.database(role, database));
  }

  Database of(Role role) {
    return Optional.ofNullable(databases.get(role)).orElseThrow();
  }

  List<Database> all() {
    return List.copyOf(databases.values());
  }

  // ---- the installation of the stores

  /** The installation that the stores belong to; empty in a process without stores. */
  Optional<String> installation() {
    return installation;
  }

  private void identify(Unexpected unexpected) {
    List<Said> all = raw.entrySet().stream()
        .map(entry -> new Said(entry.getKey(), SqlInstallation.of(entry.getValue(), Instant.now())))
        .toList();
    if (all.isEmpty()) {
      return;
    }
    if (unexpected == Unexpected.REFUSE) {
      demandNoneLost(all);
      demandOneInstallation(all);
    }
    warnOfOlderBackup(all);
    all.forEach(said -> said.alive().ifPresent(at -> clock.compareWith(said.store(), at)));

    String id = DataFolder.secretOrNew(
        idFile(),
        () -> all.stream()
            .flatMap(said -> said.known().stream())
            .findFirst()
            .orElseGet(this::randomId));
    for (Said said : all) {
      // If several nodes start at once over one server, the first one's id counts.
      Database database = Optional.ofNullable(raw.get(said.role())).orElseThrow();
      id = SqlInstallation.join(database, id, unexpected == Unexpected.ACCEPT, clock.instant());
    }
    installation = Optional.of(id);
    DataFolder.write(idFile(), id);
    if (config.runs(Role.SCOPED_AUTH) && Files.isWritable(parent(idFileOfKey()))) {
      DataFolder.write(idFileOfKey(), id);
    }
  }

  private void demandNoneLost(List<Said> all) {
    boolean anyRanHere = MIGRATIONS.keySet().stream().anyMatch(this::ranHere);
    for (Said said : all) {
      if (!said.isNew()) {
        continue;
      }
      String known = null;
      if (ranHere(said.role())) {
        known = "%s has run over the data folder %s before"
            .formatted(said.role().word(), config.data().toAbsolutePath());
      } else if (said.role() == Role.SCOPED_AUTH && Files.exists(idFileOfKey())) {
        known = "the master key %s was used with another one".formatted(config.masterKeyFile());
      } else if (!anyRanHere
          && all.stream().anyMatch(other -> other.known().isPresent() && !other.isYoung())) {
        known = "other stores of this installation exist";
      }
      if (known != null) {
        throw new StartupError(lost(said, known));
      }
    }
  }

  private boolean ranHere(Role role) {
    return folder.address(role).isPresent();
  }

  private String lost(Said said, String known) {
    return """
        the %s is empty (%s), but %s: probably a volume is not mounted, a file was deleted, or
        the setting data or database.url names another place. With an empty store %s.
        Restore the store (docs/operating.md, "A lost store"), and start again; only if it is
        empty on purpose, start once with --new.""".formatted(
            said.store(),
            where(said.role()),
            known,
            switch (said.role()) {
              case SCOPED_AUTH -> "every guest would be refused";
              case ORCHESTRATOR -> "no page could start a chat, and no agent could sign in";
              default -> "every conversation would be gone";
            })
        .replaceAll("\\s*\n", " ");
  }

  private String where(Role role) {
    return config
        .database()
        .map(server -> server + ", schema parlour_" + role.word().replace('-', '_'))
        .orElseGet(() -> config.data().resolve(role.word() + ".db").toString());
  }

  private void demandOneInstallation(List<Said> all) {
    Optional<String> known = DataFolder.secret(idFile())
        .filter(text -> !text.isEmpty())
        .or(() -> all.stream()
            .filter(said -> !said.isYoung())
            .flatMap(said -> said.known().stream())
            .findFirst());
    for (Said said : all) {
      if (known.isPresent()
          && said.known().isPresent()
          && !said.isYoung()
          && !said.known().equals(known)) {
        throw new StartupError(
            ("the %s (%s) belongs to the installation %s, and the others, or the data folder %s, to"
                    + " %s: probably data or database.url names another installation's. Start with"
                    + " stores that belong together; only if you combine them on purpose, start"
                    + " once with --new")
                .formatted(
                    said.store(),
                    where(said.role()),
                    said.known().get(),
                    config.data().toAbsolutePath(),
                    known.get()));
      }
    }
  }

  /** One process updates all of them, so an older one was restored. */
  private static void warnOfOlderBackup(List<Said> all) {
    Optional<Instant> latest =
        all.stream().flatMap(said -> said.alive().stream()).max(Comparator.naturalOrder());
    for (Said said : all) {
      if (latest.isPresent()
          && said.alive().isPresent()
          && said.alive().get().isBefore(latest.get().minus(Limits.STORE_ALIVE_SPREAD))) {
        log.warn(
            "the {} was last in use at {}, and another one at {}: if an older backup of it was put"
                + " back alone, put back the others of the same time"
                + " (docs/operating.md, \"Backup and restore\")",
            said.store(),
            said.alive().get(),
            latest.get());
      }
    }
  }

  private Path idFile() {
    return config.data().resolve("installation-id");
  }

  private Path idFileOfKey() {
    Path key = config.masterKeyFile().toAbsolutePath();
    return key.resolveSibling(key.getFileName() + ".installation-id");
  }

  private static Path parent(Path file) {
    return Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
  }

  private String randomId() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  // ---- readiness

  /** Records in each store that it is in use; a later start compares its clock with this time. */
  void noteInUse() {
    databases.values().forEach(this::write);
  }

  /**
   * Writes to a store. It does not record a time that may be wrong: a later start would compare its
   * clock with it, trust a clock that this process doubts, and delete by it.
   */
  private void write(Database database) {
    SqlInstallation.noteInUse(
        database, clock.maySweep() ? Optional.of(clock.instant()) : Optional.empty());
  }

  /**
   * The reason why this process should get no calls now; empty if it should get them. Reads from
   * each store, and writes to it if the last write failed or is not recent. For one caller at a
   * time.
   */
  Optional<String> notReady() {
    Role role = null;
    String what = "does not answer";
    try {
      for (Map.Entry<Role, Database> store : databases.entrySet()) {
        role = store.getKey();
        what = "does not answer";
        SqlInstallation.demandAnswer(store.getValue());
        what = "accepts no writes";
        Long last = written.get(role);
        if (last == null || System.nanoTime() - last >= Limits.STORE_HEARTBEAT.toNanos()) {
          written.remove(role); // until a write succeeds, each check tries one
          write(store.getValue());
          written.put(role, System.nanoTime());
        }
      }
      outage.worked();
      return Optional.empty();
    } catch (Unavailable e) {
      outage.failed(e);
      return Optional.of("a store " + what);
    }
  }

  @Override
  public void close() {
    List<Database> all = new ArrayList<>(databases.values());
    // A store that failed to open is not among the databases; it must be closed, too.
    Stream.concat(
            all.reversed().stream(),
            raw.entrySet().stream()
                .filter(entry -> !databases.containsKey(entry.getKey()))
                .map(Map.Entry::getValue))
        .forEach(database -> {
          try {
            database.close();
          } catch (RuntimeException e) {
            log.warn("could not close a store: {}", e.getMessage());
          }
        });
  }
}
