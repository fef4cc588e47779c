package parlour.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The resources of a process, from /proc of Linux and from the JVM. */
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

  /** Platform threads, also the carriers of virtual threads. */
  long threads() throws IOException {
    try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
      return tasks.count();
    }
  }

  /** Open file descriptors, and how many of them are sockets. */
  record Open(long files, long sockets) {}

  Open open() throws IOException {
    List<String> targets;
    try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
      targets = open.map(ResourceUsage::target).toList();
    }
    return new Open(
        targets.size(), targets.stream().filter(it -> it.startsWith("socket:")).count());
  }

  /** A descriptor may be closed between the listing and this read. */
  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * The live heap in MiB: the old generation right after a full collection, which moves all live
   * objects there. Later allocations are in the young generation.
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
