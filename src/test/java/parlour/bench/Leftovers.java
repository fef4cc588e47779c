package parlour.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;

/**
 * What a bench would leave behind when it is interrupted: the processes that it started, the folders
 * that it made. They end with this process, the newest first.
 */
public final class Leftovers {
  private static final Deque<AutoCloseable> kept = new ConcurrentLinkedDeque<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::clear));
  }

  private Leftovers() {}

  /** Closes it at the end, which must do no harm to what was closed before. */
  static <T extends AutoCloseable> T keep(T one) {
    kept.push(one);
    return one;
  }

  /** A new folder for temporary files, until the end. */
  public static Path folder() throws IOException {
    Path folder = Files.createTempDirectory("parlour-bench");
    keep(() -> delete(folder));
    return folder;
  }

  /** One after the other: who is interrupted may be about to delete it anyway. */
  static synchronized void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static void clear() {
    for (AutoCloseable one : kept) {
      try {
        one.close();
      } catch (Exception e) {
        System.err.println("left behind: " + e);
      }
    }
  }
}
