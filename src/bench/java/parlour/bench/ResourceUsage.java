package parlour.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What Linux tells of a process in /proc, and the JVM of its heap. */
final class ResourceUsage {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern TENURED = Pattern.compile("(?i)tenured.*?total \\d+K, used (\\d+)K");

  private final Subject subject;
  private final Path proc;

  ResourceUsage(Subject subject) {
    this.subject = subject;
    this.proc = Path.of("/proc", String.valueOf(subject.process().pid()));
    if (!Files.isDirectory(proc)) {
      throw new IllegalStateException("this bench reads /proc, which only Linux has");
    }
  }

  double residentMebibytes() throws IOException {
    return first(RESIDENT, Files.readString(proc.resolve("status"))) / 1024;
  }

  /** Threads of the system, on which the virtual ones run. */
  long threads() throws IOException {
    try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
      return tasks.count();
    }
  }

  /** What is open: all, and how many of it are connections and listeners. */
  record Open(long files, long sockets) {}

  Open open() throws IOException {
    List<String> targets;
    try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
      targets = open.map(ResourceUsage::target).toList();
    }
    return new Open(
        targets.size(), targets.stream().filter(it -> it.startsWith("socket:")).count());
  }

  /** One may be closed between the listing and the look. */
  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * What is in use, in MiB: the old generation right after a collection of everything, which moves
   * there all that lives. What is allocated meanwhile is in the young one.
   */
  double liveHeapMebibytes() throws IOException, InterruptedException {
    var _ = jcmd("GC.run");
    return first(TENURED, jcmd("GC.heap_info")) / 1024;
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    Process jcmd = new ProcessBuilder(
            System.getProperty("java.home") + "/bin/jcmd",
            String.valueOf(subject.process().pid()),
            command)
        .redirectErrorStream(true)
        .start();
    String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IllegalStateException("jcmd " + command + ": " + said);
    }
    return said;
  }

  private static double first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + pattern + " in " + text);
    }
    return Double.parseDouble(matcher.group(1));
  }
}
