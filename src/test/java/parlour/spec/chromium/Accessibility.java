package parlour.spec.chromium;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Checks the rules of WCAG that a program can check, with axe-core. */
final class Accessibility {
  private static final Path AXE = Path.of("browser", "node_modules", "axe-core", "axe.min.js");

  private Accessibility() {}

  static List<?> violations(Page page) {
    // Runs in the browser's debugger, to which the page's Content-Security-Policy does not apply.
    page.evaluate(script() + "; null");
    return (List<?>) page.evaluate("""
        async () => (await axe.run()).violations.map((one) =>
          `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html + ' ' + node.any.map(
            (check) => check.message)).join(' | ')}`)
        """);
  }

  private static String script() {
    try {
      return Files.readString(AXE);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the npm packages of the tests are missing: run npm ci in browser/, as ./dev does", e);
    }
  }
}
