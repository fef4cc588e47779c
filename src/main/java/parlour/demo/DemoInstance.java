package parlour.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;

/**
 * A temporary installation on free ports of the loopback interface, in a folder of its own that is
 * deleted afterwards. The operator's settings do not apply to it.
 */
final class DemoInstance implements AutoCloseable {
  /** Callees first, because a caller's settings contain the addresses of its callees. */
  private static final List<Role> START_ORDER = List.of(
      Role.SCOPED_AUTH, Role.CONVERSATIONS, Role.FEDERATED_AUTH, Role.ORCHESTRATOR, Role.STARSHIP);

  private static final Map<Role, Setting> URL_SETTINGS = Map.of(
      Role.ORCHESTRATOR, Setting.ORCHESTRATOR_URL,
      Role.FEDERATED_AUTH, Setting.FEDERATED_AUTH_URL,
      Role.SCOPED_AUTH, Setting.SCOPED_AUTH_URL,
      Role.CONVERSATIONS, Setting.CONVERSATIONS_URL);

  private static final String ORIGIN = "http://localhost:3000";

  private final Operator operator;
  private final InstantSource clock;
  private final Path folder;
  private final Thread cleaner = new Thread(this::delete, "demo: delete the folder");
  private final Map<Setting, String> settings = new EnumMap<>(Setting.class);
  private final Deque<ParlourProcess> running = new ArrayDeque<>();
  private final String deploymentKey;

  /**
   * @param apart whether each role runs as a process of its own, which the others call over HTTP
   */
  static DemoInstance start(
      Operator operator, InstantSource clock, ServiceDecorators decorators, boolean apart) {
    try {
      return new DemoInstance(
          operator, clock, Files.createTempDirectory("parlour-demo"), decorators, apart);
    } catch (IOException e) {
      throw new StartupError("cannot create a temporary folder for the demo: " + e, e);
    }
  }

  private DemoInstance(
      Operator operator,
      InstantSource clock,
      Path folder,
      ServiceDecorators decorators,
      boolean apart) {
    this.operator = operator;
    this.clock = clock;
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(cleaner); // Ctrl-C skips close()
    settings.put(Setting.DATA, folder.toString());
    settings.put(Setting.PUBLIC_HOST, "127.0.0.1");
    settings.put(Setting.PUBLIC_PORT, "0");
    settings.put(Setting.INTERNAL_PORT, "0");
    try {
      if (apart) {
        START_ORDER.forEach(role -> start(role, decorators));
      } else {
        running.push(ParlourProcess.start(config(), clock, decorators));
      }
      deploymentKey = operator.deploy(config(), ORIGIN);
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

  /** The sequence diagram of a request, as the edge recorded it. */
  String trace(String id) {
    return operator.trace(starship().internalAddress(), config(), id);
  }

  private void start(Role role, ServiceDecorators decorators) {
    settings.put(Setting.ROLES, role.word());
    ParlourProcess process = ParlourProcess.start(config(), clock, decorators);
    running.push(process);
    Optional.ofNullable(URL_SETTINGS.get(role))
        .ifPresent(setting -> settings.put(setting, process.internalAddress().toString()));
  }

  private Config config() {
    return Config.read(Optional.empty(), Map.of(), settings);
  }

  /** Starts last, in either shape. */
  private ParlourProcess starship() {
    return running.getFirst();
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
      // The process is ending, and the hook is running.
    }
  }

  private void delete() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      if (Files.exists(folder)) {
        operator.complain("could not delete the demo's folder " + folder + ": " + e);
      }
    }
  }
}
