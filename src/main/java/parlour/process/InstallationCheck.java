package parlour.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.RandomHex;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.store.Database;
import parlour.store.SqlInstallation;

/**
 * Checks that no store of a process is lost and that all belong to one installation.
 *
 * <p>Each store holds the id of its installation, and the time when a process last recorded that it
 * was in use. The id is also in the data folder and beside the master key, and the folder holds an
 * address file for each role that ever ran over it.
 */
final class InstallationCheck {
  private static final Logger log = LoggerFactory.getLogger(InstallationCheck.class);

  private final Config config;
  private final DataFolder folder;
  private final ClockWatch clock;
  private final SecureRandom random;

  InstallationCheck(Config config, DataFolder folder, ClockWatch clock, SecureRandom random) {
    this.config = config;
    this.folder = folder;
    this.clock = clock;
    this.random = random;
  }

  /** A store, and the record that it holds about itself. */
  private record Store(Role role, Database database, SqlInstallation.StoreRecord record) {
    static Store read(Role role, Database database) {
      return new Store(role, database, SqlInstallation.of(database, Instant.now()));
    }

    Optional<String> installation() {
      return record.id();
    }

    Optional<Instant> lastUse() {
      return record.alive();
    }

    /** Whether it belonged to an installation before this start. */
    boolean isEstablished() {
      return installation().isPresent() && !record.isYoung();
    }

    String name() {
      return role.word() + " store";
    }
  }

  /**
   * Checks the stores, and records the same installation in all of them. If no store and no file
   * has an id, it makes one.
   *
   * @return the id of the installation; empty if there are no stores
   * @throws StartupError if a store is missing that existed before, or belongs to another
   *     installation, unless that is accepted
   */
  Optional<String> join(Map<Role, Database> databases, Stores.Unexpected unexpected) {
    List<Store> stores = databases.entrySet().stream()
        .map(entry -> Store.read(entry.getKey(), entry.getValue()))
        .toList();
    if (stores.isEmpty()) {
      return Optional.empty();
    }
    if (unexpected == Stores.Unexpected.REFUSE) {
      demandNoneLost(stores);
      demandOneInstallation(stores);
    }
    warnOfOlderBackup(stores);
    stores.forEach(store -> store.lastUse().ifPresent(at -> clock.compareWith(store.name(), at)));
    String id =
        DataFolder.secretOrNew(idFile(), () -> firstInstallation(stores).orElseGet(this::randomId));
    for (Store store : stores) {
      // If several nodes start at the same time over one server, they all get the id of the first.
      boolean insist = unexpected == Stores.Unexpected.ACCEPT;
      id = SqlInstallation.join(store.database(), id, insist, clock.instant());
    }
    DataFolder.write(idFile(), id);
    if (config.runs(Role.SCOPED_AUTH) && Files.isWritable(parent(idFileOfKey()))) {
      DataFolder.write(idFileOfKey(), id);
    }
    return Optional.of(id);
  }

  private static Optional<String> firstInstallation(List<Store> stores) {
    return stores.stream().flatMap(store -> store.installation().stream()).findFirst();
  }

  private void demandNoneLost(List<Store> stores) {
    for (Store store : stores) {
      String evidence = store.record().isNew() ? evidenceOfLoss(store, stores) : null;
      if (evidence != null) {
        throw new StartupError(lost(store, evidence));
      }
    }
  }

  /** Returns the reason to believe that a new store is not the first one of its role, or null. */
  private @Nullable String evidenceOfLoss(Store store, List<Store> stores) {
    if (ranHere(store.role())) {
      return "%s has run over the data folder %s before"
          .formatted(store.role().word(), config.data().toAbsolutePath());
    }
    if (store.role() == Role.SCOPED_AUTH && Files.exists(idFileOfKey())) {
      return "the master key %s was used with another one".formatted(config.masterKeyFile());
    }
    boolean anyRanHere = Stores.SCHEMAS.keySet().stream().anyMatch(this::ranHere);
    return !anyRanHere && stores.stream().anyMatch(Store::isEstablished)
        ? "other stores of this installation exist"
        : null;
  }

  private boolean ranHere(Role role) {
    return folder.address(role).isPresent();
  }

  private String lost(Store store, String evidence) {
    return """
        the %s is empty (%s), but %s: probably a volume is not mounted, a file was deleted, or
        the setting data or database.url names another place. With an empty store %s.
        Restore the store (docs/operating.md, "A lost store"), and start again; only if it is
        empty on purpose, start once with --new.\
        """.formatted(
            store.name(),
            place(store.role()),
            evidence,
            switch (store.role()) {
              case SCOPED_AUTH -> "every guest would be refused";
              case ORCHESTRATOR -> "no page could start a chat, and no agent could sign in";
              default -> "every conversation would be gone";
            })
        .replaceAll("\\s*\n", " ");
  }

  private String place(Role role) {
    return config
        .database()
        .map(server -> server + ", schema parlour_" + role.word().replace('-', '_'))
        .orElseGet(() -> config.data().resolve(role.word() + ".db").toString());
  }

  private void demandOneInstallation(List<Store> stores) {
    List<Store> established = stores.stream().filter(Store::isEstablished).toList();
    Optional<String> expected = DataFolder.secret(idFile())
        .filter(text -> !text.isEmpty())
        .or(() -> firstInstallation(established));
    for (Store store : established) {
      if (!store.installation().equals(expected)) {
        throw new StartupError(
            ("the %s (%s) belongs to the installation %s, and the others, or the data folder %s, to"
                    + " %s: probably data or database.url names another installation's. Start with"
                    + " stores that belong together; only if you combine them on purpose, start"
                    + " once with --new")
                .formatted(
                    store.name(),
                    place(store.role()),
                    store.installation().orElseThrow(),
                    config.data().toAbsolutePath(),
                    expected.orElseThrow()));
      }
    }
  }

  /**
   * Every process records the use of all its stores, so a store with an old record was restored.
   */
  private static void warnOfOlderBackup(List<Store> stores) {
    Optional<Instant> latest =
        stores.stream().flatMap(store -> store.lastUse().stream()).max(Comparator.naturalOrder());
    for (Store store : stores) {
      Optional<Instant> lastUse = store.lastUse();
      if (lastUse.isPresent()
          && lastUse.get().isBefore(latest.orElseThrow().minus(Limits.STORE_ALIVE_SPREAD))) {
        log.warn(
            "the {} was last in use at {}, and another one at {}: if an older backup of it was put"
                + " back alone, put back the others of the same time"
                + " (docs/operating.md, \"Back up and restore\")",
            store.name(),
            lastUse.get(),
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
    return RandomHex.next(random, 16);
  }
}
