package parlour.chaos;

import static parlour.Eventually.until;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A process of a cluster, with its children, to which faults can happen, and which restarts on its port. */
abstract sealed class Part permits Node, PostgresServer, RedisServer {
  private static final Duration PATIENCE = Duration.ofSeconds(90); // a JVM starts on a busy machine
  private static final Duration END = Duration.ofSeconds(60); // what an operator gives it to stop

  private final String name;
  private final Path log;
  private final Object starting = new Object();
  private volatile @Nullable Process process;
  private boolean over;

  /**
   * @param logs the folder of its log
   */
  Part(String name, Path logs) {
    this.name = name;
    this.log = logs.resolve(name + ".log");
  }

  /** The program to start. */
  abstract ProcessBuilder program();

  /** Whether it accepts calls. */
  abstract boolean isReady() throws InterruptedException;

  /** The signal that asks it to stop. */
  String stopSignal() {
    return "TERM";
  }

  final String name() {
    return name;
  }

  /** Returns at once; see {@link #awaitReady}. */
  final void start() throws IOException {
    synchronized (starting) {
      if (over) {
        throw new IllegalStateException(name + " cannot be started after its end");
      }
      process = program()
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
    }
  }

  /** Sends SIGKILL to it and its children. */
  final void kill() throws InterruptedException {
    List<ProcessHandle> all = all();
    all.forEach(ProcessHandle::destroyForcibly);
    awaitEnd(all);
  }

  /** Stops it as an operator does. Returns when it has ended. */
  final void stop() throws IOException, InterruptedException {
    List<ProcessHandle> all = all();
    signal(stopSignal(), all.subList(0, 1));
    awaitEnd(all);
  }

  /** Sends SIGSTOP to it and its children. Returns when they have stopped. */
  final void pause() throws IOException, InterruptedException {
    List<ProcessHandle> all = all();
    signal("STOP", all);
    until(name + " has stopped", () -> all.stream().allMatch(Part::isStopped));
  }

  /** Whether a process has stopped, or has ended. */
  private static boolean isStopped(ProcessHandle one) {
    try {
      String stat = Files.readString(Path.of("/proc/" + one.pid() + "/stat"));
      return "TZ".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0; // behind the program's name
    } catch (IOException e) {
      return true; // it has ended, or the system has no such file
    }
  }

  /** Sends SIGCONT to it and its children. */
  final void resume() throws IOException, InterruptedException {
    signal("CONT", all());
  }

  /**
   * Waits until it accepts calls, and restarts it whenever it ends, as a service manager does: a node
   * that cannot reach its store ends with a message.
   */
  final void awaitReady() throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (!isReady()) {
      if (System.nanoTime() > giveUp) {
        throw new IllegalStateException(name + " does not become ready; its log is " + log);
      }
      Thread.sleep(Duration.ofMillis(50));
      if (!isAlive()) {
        Thread.sleep(Duration.ofMillis(500));
        start();
      }
    }
  }

  final boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Kills it in whatever state it is. It cannot be started again. */
  final void end() {
    synchronized (starting) {
      over = true;
    }
    if (process != null) {
      List<ProcessHandle> all = all();
      all.forEach(ProcessHandle::destroyForcibly); // also what is paused
      all.forEach(
          one -> one.onExit().completeOnTimeout(one, 5, TimeUnit.SECONDS).join());
    }
  }

  private List<ProcessHandle> all() {
    return Stream.concat(Stream.of(running().toHandle()), running().descendants())
        .toList();
  }

  private void awaitEnd(List<ProcessHandle> all) throws InterruptedException {
    long giveUp = System.nanoTime() + END.toNanos();
    if (!running().waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException(name + " does not stop");
    }
    for (ProcessHandle one : all) { // or its port, and its memory, would still be taken
      while (one.isAlive()) {
        if (System.nanoTime() > giveUp) {
          throw new IllegalStateException(name + " left a child process");
        }
        Thread.sleep(Duration.ofMillis(10));
      }
    }
  }

  private Process running() {
    return Objects.requireNonNull(process, () -> name + " was not started");
  }

  private static void signal(String signal, List<ProcessHandle> processes)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    processes.forEach(one -> command.add(String.valueOf(one.pid())));
    Process sent = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    // Its status is ignored: a child that has ended meanwhile cannot be found.
    if (!sent.waitFor(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("kill does not return");
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
