package parlour.spec.chromium;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The machine's own Chromium, without a window. It downloads nothing, and leaves no process. */
public final class Chromium implements AutoCloseable {
  /** The longest wait for any condition, on a busy machine. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  static final double PATIENCE_MILLIS = PATIENCE.toMillis();

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  static final List<String> ARGUMENTS = List.of(
      "--no-sandbox", // there is none for root
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync");

  static {
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
  }

  private final Playwright playwright;
  private final ProcessHandle driver;
  private final Browser browser;

  /** Ends with the JVM. */
  private static final class Running {
    static final Chromium SHARED = start();

    private static Chromium start() {
      Chromium chromium = new Chromium(shell());
      Runtime.getRuntime().addShutdownHook(new Thread(chromium::close));
      return chromium;
    }
  }

  /**
   * The one that all tests of this JVM share, started when the first of them needs it. What one test
   * leaves in its browser contexts, another does not see. It is Chromium's shell without windows, if
   * that is installed: the same engine, for half the processor time.
   */
  static Browser shared() {
    return Running.SHARED.browser;
  }

  /** The whole browser, as guests have it. */
  public Chromium() {
    this(executable());
  }

  private Chromium(Path executable) {
    Set<ProcessHandle> before = ProcessHandle.current().children().collect(Collectors.toSet());
    playwright = Playwright.create(new Playwright.CreateOptions().setEnv(driversEnvironment()));
    driver = ProcessHandle.current()
        .children()
        .filter(process -> !before.contains(process))
        .findFirst()
        .orElseThrow();
    browser = playwright
        .chromium()
        .launch(new BrowserType.LaunchOptions()
            .setExecutablePath(executable)
            .setTimeout(PATIENCE_MILLIS)
            .setArgs(ARGUMENTS));
  }

  public Browser browser() {
    return browser;
  }

  /** Makes Playwright's driver use the machine's Node, and download no browser. */
  static Map<String, String> driversEnvironment() {
    return Map.of(
        "PLAYWRIGHT_NODEJS_PATH",
        needed(onPath(List.of("node")), "Node 20 or newer", "nodejs"),
        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
        "1");
  }

  static Path executable() {
    @Nullable String chosen = System.getenv("CHROME");
    if (chosen == null || chosen.isEmpty()) {
      return Path.of(needed(onPath(NAMES), "Chromium (or CHROME=/path/to/one)", "chromium"));
    }
    if (!Files.isExecutable(Path.of(chosen))) {
      throw new IllegalStateException("CHROME=" + chosen + " cannot be started as a program.");
    }
    return Path.of(chosen);
  }

  private static Path shell() {
    @Nullable String chosen = System.getenv("CHROME");
    return chosen == null || chosen.isEmpty()
        ? onPath(List.of("chromium-headless-shell")).orElseGet(Chromium::executable)
        : executable();
  }

  private static String needed(Optional<Path> found, String what, String packageName) {
    return found
        .map(Path::toString)
        .orElseThrow(() -> new IllegalStateException(
            "The tests with a browser need %s, which was not found. Debian, Ubuntu: apt-get install %s"
                .formatted(what, packageName)));
  }

  static Optional<Path> onPath(List<String> names) {
    return names.stream()
        .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @Override
  public void close() {
    List<ProcessHandle> processes =
        Stream.concat(Stream.of(driver), driver.descendants()).toList();
    try {
      playwright.close();
    } finally {
      processes.forEach(Chromium::awaitExit);
    }
  }

  private static void awaitExit(ProcessHandle process) {
    try {
      process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      process.destroyForcibly();
      throw new IllegalStateException("a process of the browser did not end", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
