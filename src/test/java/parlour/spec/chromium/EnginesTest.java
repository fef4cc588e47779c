package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.spec.Installation.Shape;

/** The chat in engines other than Chromium. */
class EnginesTest {
  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @Test
  void a_chat_in_firefox_from_its_beginning_to_its_erasure() {
    Path executable = installed(Chromium.onPath(List.of("firefox-esr", "firefox")), "firefox-esr");
    try (var firefox = new Firefox(executable)) {
      new ChatWalkthrough(scene, "firefox", firefox.window()).run();
    }
  }

  @Test
  void a_chat_in_webkit_from_its_beginning_to_its_erasure() throws IOException {
    installed(Chromium.onPath(List.of("WebKitWebDriver")), "webkit2gtk-driver");
    installed(Chromium.onPath(List.of("xvfb-run")), "xvfb xauth");
    try (var webKit = new WebKit(installed(miniBrowser(), "webkit2gtk-driver"))) {
      new ChatWalkthrough(scene, "webkit", webKit.window()).run();
    }
  }

  private static Optional<Path> miniBrowser() throws IOException {
    try (Stream<Path> files = Files.find(
        Path.of("/usr/lib"), 3, (file, _) -> file.endsWith("webkit2gtk-4.1/MiniBrowser"))) {
      return files.findFirst();
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
