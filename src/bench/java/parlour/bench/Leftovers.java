package parlour.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The processes and folders that a bench would leave behind when it is interrupted. They end with
 * this process, the newest first.
 */
public final class Leftovers {
  private static final int ATTEMPTS = 50;
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

  /** Patiently: who is interrupted may delete it, too, and a server that ends be writing there. */
  static synchronized void delete(Path folder) throws IOException {
    for (int attempt = 1; attempt <= ATTEMPTS && Files.exists(folder); attempt++) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      } catch (UncheckedIOException | NoSuchFileException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
      if (Files.exists(folder)) {
        LockSupport.parkNanos(100_000_000);
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
