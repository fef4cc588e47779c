package parlour.spec;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Parlour as a jar with Java's cache of loaded classes, for tests that start it as a process. With
 * the cache a start costs half the processor time, and Java can cache only classes of jars.
 *
 * <p>The first test of a build that needs the files makes them; all test processes share them.
 */
public final class ProgramFiles {
  private static final Path FOLDER = Path.of(entry("classes")).resolveSibling("program");
  private static final Path JAR = FOLDER.resolve("parlour.jar");
  private static final Path CACHE = FOLDER.resolve("parlour.aot");
  private static final Path LOG = FOLDER.resolve("cache.log");

  /** A test process ends before more would have repaid itself. */
  private static final List<String> OPTIONS = List.of(
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow");

  private static boolean made;

  private ProgramFiles() {}

  /** Java with options, for Parlour as users have it: without the classes of tests. */
  public static List<String> java(List<String> options) {
    return command(options, "");
  }

  /** Java with options, for Parlour and the classes of tests. */
  public static List<String> javaWithTests(List<String> options) {
    return command(options, File.pathSeparator + entry("test-classes"));
  }

  private static List<String> command(List<String> options, String more) {
    make();
    List<String> command = new ArrayList<>(javaFromJar());
    command.add(1, "-XX:AOTCache=" + CACHE);
    command.addAll(1, options);
    command.set(command.size() - 1, command.getLast() + more);
    return command;
  }

  private static List<String> javaFromJar() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    String libraries = entries()
        .filter(entry -> entry.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
    command.addAll(List.of("-cp", JAR + File.pathSeparator + libraries));
    return command;
  }

  private static synchronized void make() {
    if (made) {
      return;
    }
    try {
      Files.createDirectories(FOLDER);
      try (FileChannel channel = FileChannel.open(
              FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        Path classes = Path.of(entry("classes"));
        if (!isNewerThan(classes)) {
          makeJar(classes);
          makeCache();
        }
      }
      made = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isNewerThan(Path classes) throws IOException {
    if (!Files.exists(CACHE)) {
      return false;
    }
    long made = Files.getLastModifiedTime(JAR).toMillis();
    try (Stream<Path> files = Files.walk(classes)) {
      return files.allMatch(file -> file.toFile().lastModified() < made);
    }
  }

  private static void makeJar(Path classes) throws IOException {
    Files.deleteIfExists(CACHE);
    ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
    int status = jar.run(
        System.out,
        System.err,
        "--create",
        "--file",
        JAR.toString(),
        "-C",
        classes.toString(),
        ".");
    if (status != 0) {
      throw new IllegalStateException("the jar was not made");
    }
  }

  /** Java writes the cache after a run of the demo, as for the launcher. */
  private static void makeCache() throws IOException {
    Path unfinished = FOLDER.resolve("unfinished.aot");
    List<String> command = new ArrayList<>(javaFromJar());
    command.add(1, "-XX:AOTCacheOutput=" + unfinished);
    command.addAll(List.of("parlour.cli.Main", "demo"));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(LOG.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOUR_"));
    Process demo = builder.start();
    try {
      if (!demo.waitFor(120, TimeUnit.SECONDS) || demo.exitValue() != 0) {
        throw new IllegalStateException("the cache was not made: see " + LOG);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      demo.destroyForcibly();
    }
    Files.move(unfinished, CACHE, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The folder of compiled classes with this name. */
  private static String entry(String folder) {
    return entries()
        .filter(entry -> Path.of(entry).endsWith(Path.of("target", folder)))
        .findFirst()
        .orElseThrow();
  }

  private static Stream<String> entries() {
    return Stream.of(
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                .split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString());
  }
}
