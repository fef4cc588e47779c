package parlour.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.spec.ProgramFiles;

/** The command line in a process of its own, which can be sent signals. */
final class Started implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofMinutes(4); // on a busy machine

  private final Process process;
  private final Path out;
  private final Path err;

  /**
   * @param folder for its output
   */
  Started(Path folder, String... arguments) {
    this(folder, List.of(), arguments);
  }

  /**
   * @param jvm more options for the JVM
   */
  Started(Path folder, List<String> jvm, String... arguments) {
    this(folder, ProgramFiles.java(jvm), "parlour.cli.Main", List.of(arguments));
  }

  private Started(Path folder, List<String> java, String main, List<String> arguments) {
    List<String> command = new ArrayList<>(java);
    command.add(main);
    command.addAll(arguments);
    try {
      out = Files.createTempFile(folder, "out", ".txt");
      err = Files.createTempFile(folder, "err", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("PARLOUR_"));
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Several command lines, one after the other. */
  static Started commands(Path folder, List<List<String>> lines) {
    List<String> arguments = new ArrayList<>();
    for (List<String> line : lines) {
      arguments.addAll(line);
      arguments.add(Commands.END);
    }
    return new Started(
        folder, ProgramFiles.javaWithTests(List.of()), Commands.class.getName(), arguments);
  }

  /** All roles, on free loopback ports. */
  static Started up(Path folder, String... more) {
    return up(folder, 0, more);
  }

  static Started up(Path folder, int port, String... more) {
    return up(folder, List.of(), port, more);
  }

  static Started up(Path folder, List<String> jvm, int port, String... more) {
    return start(folder, ProgramFiles.java(jvm), port, more);
  }

  private static Started start(Path folder, List<String> java, int port, String... more) {
    List<String> arguments = new ArrayList<>(List.of(
        "up",
        "--host",
        "127.0.0.1",
        "--port",
        String.valueOf(port),
        "--internal-port",
        "0",
        "--data",
        folder.resolve("data").toString()));
    arguments.addAll(List.of(more));
    return new Started(folder, java, "parlour.cli.Main", arguments);
  }

  /**
   * Starts Parlour over a volume of its own: a file system in memory, which only this process sees.
   */
  static Started upOverVolume(Path folder, Path place, String size) {
    return start(folder, overVolume(place, size, ProgramFiles.java(List.of())), 0);
  }

  /** A command that sees such a volume. It becomes that command, so it gets the signals. */
  static List<String> overVolume(Path place, String size, List<String> command) {
    List<String> all = new ArrayList<>(List.of(
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        "mount -t tmpfs -o mode=0700,size=" + size + " none \"$0\" && exec \"$@\"",
        place.toString()));
    all.addAll(command);
    return all;
  }

  long pid() {
    return process.pid();
  }

  /** Waits for output that matches a pattern; returns the pattern's group. */
  String awaits(String pattern) {
    Pattern sought = Pattern.compile(pattern);
    long giveUp = System.nanoTime() + TIMEOUT.toNanos();
    while (true) {
      boolean alive = process.isAlive();
      Matcher found = sought.matcher(out());
      if (found.find()) {
        return found.group(1);
      }
      if (!alive || System.nanoTime() > giveUp) {
        throw new IllegalStateException("no %s in:\n%s\n%s".formatted(pattern, out(), err()));
      }
      pause();
    }
  }

  URI edge() {
    return URI.create(awaits("browsers +(\\S+)\\R"));
  }

  URI internal() {
    return URI.create(awaits("internal +(\\S+)\\R"));
  }

  String deploymentKey() {
    return awaits("(CV[0-9a-f]{32})");
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGTERM. */
  Started terminate() {
    process.destroy();
    return this;
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    exit();
  }

  int exit() {
    try {
      if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("still runs: " + out() + err());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  String out() {
    return contents(out);
  }

  String err() {
    return contents(err);
  }

  private static String contents(Path file) {
    try {
      return Files.readString(file, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    exit();
  }
}
