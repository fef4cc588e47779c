package parlour.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.config.Config;
import parlour.config.Config.Setting;
import parlour.config.Role;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;

/**
 * A Parlour on free ports of this machine only, in a folder of its own that is gone afterwards;
 * nothing of the operator's settings counts for it.
 */
final class DemoInstance implements AutoCloseable {
  /** Whom others ask starts first; each that is asked has the setting that tells where it is. */
  private static final List<Role> CALLEES_FIRST = List.of(
      Role.SCOPED_AUTH, Role.CONVERSATIONS, Role.FEDERATED_AUTH, Role.ORCHESTRATOR, Role.STARSHIP);

  private static final Map<Role, Setting> ADDRESS = Map.of(
      Role.ORCHESTRATOR, Setting.ORCHESTRATOR_URL,
      Role.FEDERATED_AUTH, Setting.FEDERATED_AUTH_URL,
      Role.SCOPED_AUTH, Setting.SCOPED_AUTH_URL,
      Role.CONVERSATIONS, Setting.CONVERSATIONS_URL);

  private static final String ORIGIN = "http://localhost:3000";

  private final Terminal terminal;
  private final Path folder;
  private final Thread cleaner = new Thread(this::delete, "demo cleaner");
  private final Map<Setting, String> settings = new EnumMap<>(Setting.class);
  private final Deque<ParlourProcess> running = new ArrayDeque<>();
  private final String deploymentKey;

  /**
   * @param apart each role as a ParlourProcess of its own, which the others reach over HTTP
   */
  static DemoInstance start(Terminal terminal, ServiceDecorators decorators, boolean apart) {
    try {
      return new DemoInstance(
          terminal, Files.createTempDirectory("parlour-demo"), decorators, apart);
    } catch (IOException e) {
      throw new UserError("cannot make a folder for the demo: " + e);
    }
  }

  private DemoInstance(
      Terminal terminal, Path folder, ServiceDecorators decorators, boolean apart) {
    this.terminal = terminal;
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(cleaner); // Ctrl-C skips close()
    settings.put(Setting.DATA, folder.toString());
    settings.put(Setting.PUBLIC_HOST, "127.0.0.1");
    settings.put(Setting.PUBLIC_PORT, "0");
    settings.put(Setting.INTERNAL_PORT, "0");
    try {
      if (apart) {
        CALLEES_FIRST.forEach(role -> start(role, decorators));
      } else {
        running.push(ParlourProcess.start(config(), terminal.clock(), decorators));
      }
      deploymentKey = new Instance(config()).accounts(this::deploy).key().text();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  Path folder() {
    return folder;
  }

  URI edge() {
    return starship().publicAddress().orElseThrow();
  }

  String origin() {
    return ORIGIN;
  }

  String deploymentKey() {
    return deploymentKey;
  }

  /** The sequence diagram of a call, as the edge saw it. */
  String trace(String id) {
    return TraceCommand.ask(starship().internalAddress(), config(), terminal.clock(), id);
  }

  private void start(Role role, ServiceDecorators decorators) {
    settings.put(Setting.ROLES, role.word());
    ParlourProcess process = ParlourProcess.start(config(), terminal.clock(), decorators);
    running.push(process);
    Optional.ofNullable(ADDRESS.get(role))
        .ifPresent(setting -> settings.put(setting, process.internalAddress().toString()));
  }

  private Config config() {
    return Config.read(Optional.empty(), Map.of(), settings);
  }

  /** It starts last, in either shape. */
  private ParlourProcess starship() {
    return running.getFirst();
  }

  private Accounts.Deployment deploy(Accounts accounts) {
    Sid.Account account = AccountsCommand.create(accounts, "Demo", terminal).sid();
    Sid.Address address =
        AddressesCommand.create(accounts, account, "Front desk", terminal).sid();
    AllowedOrigins origins = new AllowedOrigins(List.of(ORIGIN));
    Accounts.Settings settings = DeploymentsCommand.defaults(Optional.of(address), origins);
    return DeploymentsCommand.create(accounts, account, "Demo", settings, terminal);
  }

  @Override
  public void close() {
    while (!running.isEmpty()) {
      running.pop().close();
    }
    delete();
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // The process is ending, and the cleaner at work.
    }
  }

  private void delete() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      if (Files.exists(folder)) {
        terminal.complain("could not delete the demo's folder " + folder + ": " + e);
      }
    }
  }
}
