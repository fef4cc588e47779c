package parlour.spec.chromium;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * Compares new screenshots with the published ones in docs/screenshots. {@code ./dev check} lists those
 * that differ, so that a person looks at them. It does not fail: another version of the browser, or
 * other fonts, draw the same page in other pixels.
 */
final class PublishedPictures {
  /** The names of screenshots of published states begin so. */
  static final String PREFIX = "docs-";

  /** Replaces random names and local addresses in the texts of a page with those of a real team. */
  static final String HIDE_TEST_VALUES = """
      () => {
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
          const text = texts.currentNode;
          const shown = text.data
            .replace(/\\bann\\d+/g, 'ann')
            .replace(/\\bMs\\. [0-9a-f]+/g, 'Ann')
            .replace(/http:\\/\\/(localhost|127\\.0\\.0\\.1):\\d+/g, 'https://shop.example');
          if (shown !== text.data) {
            text.data = shown;
          }
        }
      }
      """;

  /** Names and times differ in each run: up to 1.4 % of the pixels of a phone. */
  static final double TOLERANCE = 0.02;

  /** Two values of a color that no person can tell apart. */
  private static final int SAME = 24;

  private static final Path PUBLISHED = Path.of("docs", "screenshots");

  /** Random ids make the lines of its table longer or shorter. */
  private static final Path RANDOM = PUBLISHED.resolve("console-request.png");

  private PublishedPictures() {}

  /** Adds a line to changed.txt beside the screenshot if it differs from the published one. */
  static void compare(Path screenshot) {
    Path file = screenshot.getFileName();
    Path published = PUBLISHED.resolve(file.toString().substring(PREFIX.length()));
    if (published.equals(RANDOM) || !Files.exists(published)) {
      return;
    }
    try {
      Optional<String> difference =
          difference(ImageIO.read(published.toFile()), ImageIO.read(screenshot.toFile()));
      if (difference.isPresent()) {
        Files.writeString(
            screenshot.resolveSibling("changed.txt"),
            "%s: %s%n".formatted(published, difference.get()),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The difference in words; empty if a person would call both pictures the same. */
  static Optional<String> difference(BufferedImage before, BufferedImage after) {
    int width = before.getWidth();
    int height = before.getHeight();
    if (after.getWidth() != width || after.getHeight() != height) {
      return Optional.of("%d x %d pixels instead of %d x %d"
          .formatted(after.getWidth(), after.getHeight(), width, height));
    }
    long different = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        different += isSame(before.getRGB(x, y), after.getRGB(x, y)) ? 0 : 1;
      }
    }
    double part = (double) different / width / height;
    return part <= TOLERANCE
        ? Optional.empty()
        : Optional.of(String.format(Locale.ROOT, "%.1f %% of the pixels differ", 100 * part));
  }

  private static boolean isSame(int one, int other) {
    for (int shift = 0; shift < 24; shift += 8) {
      if (Math.abs((one >> shift & 0xff) - (other >> shift & 0xff)) > SAME) {
        return false;
      }
    }
    return true;
  }
}
