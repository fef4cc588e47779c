package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The engines of the browsers that guests use. */
enum Engine {
  CHROMIUM,
  FIREFOX,
  WEBKIT;

  /** A browser of this machine, with a dark colour scheme. */
  interface Running extends AutoCloseable {
    /**
     * A window whose storage nobody else has, and which ends with it. In WebKit, which has one such
     * storage for each session of its driver, this closes all windows of before.
     */
    BrowserWindow privateWindow();

    @Override
    void close();
  }

  /** The browsers of a test class: one for each engine, started when it is needed. */
  static final class Started implements AutoCloseable {
    private final Map<Engine, Running> browsers = new EnumMap<>(Engine.class);

    Running of(Engine engine) {
      return browsers.computeIfAbsent(engine, Engine::start);
    }

    @Override
    public void close() {
      browsers.values().forEach(Running::close);
    }
  }

  private Running start() {
    return switch (this) {
      case CHROMIUM -> new WholeChromium(new Chromium());
      case FIREFOX ->
        new Firefox(installed(Chromium.onPath(List.of("firefox-esr", "firefox")), "firefox-esr"));
      case WEBKIT -> {
        installed(Chromium.onPath(List.of("WebKitWebDriver")), "webkit2gtk-driver");
        installed(Chromium.onPath(List.of("xvfb-run")), "xvfb xauth");
        yield new WebKit(installed(miniBrowser(), "webkit2gtk-driver"));
      }
    };
  }

  private record WholeChromium(Chromium chromium) implements Running {
    @Override
    public BrowserWindow privateWindow() {
      return PlaywrightWindow.in(
          chromium.browser().newContext(new NewContextOptions().setColorScheme(ColorScheme.DARK)));
    }

    @Override
    public void close() {
      chromium.close();
    }
  }

  private static Optional<Path> miniBrowser() {
    try (Stream<Path> files = Files.find(
        Path.of("/usr/lib"), 3, (file, _) -> file.endsWith("webkit2gtk-4.1/MiniBrowser"))) {
      return files.findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code ./dev} installs missing engines if it can. A missing one fails the test in CI only. */
  private static Path installed(Optional<Path> found, String packages) {
    boolean mustBe = System.getenv("CI") != null;
    assertThat(found.isPresent() || !mustBe)
        .as("CI must have every engine: apt-get install %s", packages)
        .isTrue();
    Assumptions.assumeTrue(
        found.isPresent(), "Skipped, because it is not installed: apt-get install " + packages);
    return found.orElseThrow();
  }
}
