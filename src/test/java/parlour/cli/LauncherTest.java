package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code parlour}, with a Java that only prints its arguments. */
class LauncherTest {
  /** The system commands that the script calls; no Maven, no Node, no Java. */
  private static final List<String> TOOLS = List.of(
      "sh",
      "cat",
      "cksum",
      "cut",
      "dirname",
      "find",
      "grep",
      "head",
      "id",
      "locale",
      "ls",
      "mktemp",
      "readlink",
      "rm",
      "sed",
      "touch",
      "uname");

  @TempDir
  private Path folder;

  private Path home;
  private Path bin;

  @BeforeEach
  void a_jar_a_java_and_a_system() throws Exception {
    home = Files.createDirectories(folder.resolve("home"));
    Files.copy(Path.of("parlour"), home.resolve("parlour"));
    Files.createDirectory(home.resolve("target"));
    Files.writeString(home.resolve("target/parlour.jar"), "");
    Path java = Files.createDirectories(folder.resolve("jdk/bin"));
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
    script(java.resolve("java"), "echo \"LC_ALL=${LC_ALL-} $*\"");
    bin = Files.createDirectory(folder.resolve("bin"));
    for (String tool : TOOLS) {
      for (String place : List.of("/usr/bin", "/bin")) {
        Path real = Path.of(place, tool);
        if (Files.exists(real) && Files.notExists(bin.resolve(tool))) {
          script(bin.resolve(tool), "exec %s \"$@\"".formatted(real));
        }
      }
    }
  }

  @Test
  void the_launcher_sets_collector_and_heap_unless_they_are_set() throws Exception {
    assertThat(run(Map.of()).out())
        .contains("-XX:+UseSerialGC", "-Xms64m", "-Xmn48m")
        .contains("parlour.jar version");
  }

  @ParameterizedTest
  @CsvSource({
    "PARLOUR_JAVA_OPTS, -XX:+UseZGC",
    "JAVA_TOOL_OPTIONS, -XX:+UseG1GC",
    "JDK_JAVA_OPTIONS, -Xmx1g -XX:+UseParallelGC",
    "_JAVA_OPTIONS, -XX:+UseShenandoahGC",
  })
  void the_launcher_sets_no_collector_beside_another(String variable, String options)
      throws Exception {
    assertThat(run(Map.of(variable, options)).out())
        .contains("parlour.jar version")
        .doesNotContain("UseSerialGC", "-Xms64m", "-Xmn48m", "SurvivorRatio");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Xmx48m",
        "-Xms16m -Xmx48m",
        "-Xmn8m",
        "-XX:MaxRAMPercentage=5",
        "-XX:MaxHeapSize=40m"
      })
  void the_launcher_sets_no_heap_beside_another(String options) throws Exception {
    assertThat(run(Map.of("PARLOUR_JAVA_OPTS", options)).out())
        .contains("-XX:+UseSerialGC", options)
        .doesNotContain("-Xms64m", "-Xmn48m", "SurvivorRatio");
  }

  @Test
  void arguments_arrive_as_utf8_whatever_the_locale() throws Exception {
    for (Map<String, String> locale :
        List.of(Map.of("LC_ALL", "C"), Map.of("LANG", "POSIX"), Map.<String, String>of())) {
      assertThat(run(locale).out()).startsWith("LC_ALL=C.UTF-8 ");
    }
    assertThat(run(Map.of("LC_ALL", "C.UTF-8")).out()).startsWith("LC_ALL=C.UTF-8 ");
  }

  @Test
  void all_missing_build_tools_are_listed_at_once_with_the_versions_found() throws Exception {
    Files.delete(home.resolve("target/parlour.jar"));
    Files.writeString(home.resolve("pom.xml"), "");
    script(bin.resolve("node"), "echo v18.19.0");
    script(bin.resolve("npm"), "echo 9");
    Typed refused = run(Map.of());
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err())
        .contains("Maven 3.8 or newer: no mvn", "found Node v18.19.0", "nvm install 22")
        .contains("Debian 13, Ubuntu 25.04 and newer: apt-get install nodejs npm");
    assertThat(refused.err().lines()).allMatch(line -> line.startsWith("parlour: "));
  }

  /** Maven would start those that run alone, without their libraries, if a run of ./dev left their classes. */
  @Test
  void a_build_starts_no_tests() throws Exception {
    Files.delete(home.resolve("target/parlour.jar"));
    Files.writeString(home.resolve("pom.xml"), "");
    script(folder.resolve("jdk/bin/javac"), "");
    script(bin.resolve("ln"), "exec /bin/ln \"$@\"");
    script(bin.resolve("node"), "echo v22.0.0");
    script(bin.resolve("npm"), "echo 10");
    script(bin.resolve("mvn"), "echo \"maven $*\"; exit 1");
    assertThat(run(Map.of()).err())
        .contains(" -Dmaven.test.skip=true -Dtests.alone.skip=true package");
  }

  private Typed run(Map<String, String> environment) throws Exception {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder launcher = new ProcessBuilder("/bin/sh", "parlour", "version")
        .directory(home.toFile())
        .redirectOutput(out.toFile())
        .redirectError(err.toFile());
    launcher.environment().clear();
    launcher.environment().putAll(new HashMap<>(environment));
    launcher.environment().put("PATH", bin.toString());
    launcher.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    Process process = launcher.start();
    assertThat(process.waitFor(Duration.ofSeconds(60))).isTrue();
    return new Typed(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static void script(Path file, String body) throws Exception {
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
