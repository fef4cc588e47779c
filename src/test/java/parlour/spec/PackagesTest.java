package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.config.Config;
import parlour.config.Setting;

/** The sources of the packages, as far as they can be checked without making one. */
class PackagesTest {
  private static final Path PACKAGES = Path.of("deploy/packages");
  private static final String BUILD = PACKAGES.resolve("build.sh").toString();

  @TempDir
  private Path folder;

  private record Ended(int exit, String out, String err) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "build.sh",
        "image.sh",
        "test.sh",
        "launcher.sh",
        "command.sh",
        "authorities.sh",
        "debian/preinst",
        "debian/postinst",
        "debian/prerm",
        "debian/postrm"
      })
  void each_script_is_one_that_a_shell_reads_and_ends_at_the_first_error(String script)
      throws Exception {
    assertThat(Files.readString(PACKAGES.resolve(script))).containsPattern("(?m)^set -eu?$");
    assertThat(run(Map.of(), "sh", "-n", PACKAGES.resolve(script).toString()))
        .isEqualTo(new Ended(0, "", ""));
  }

  @Test
  void the_settings_of_the_service_are_right_and_name_the_folders_that_the_service_owns()
      throws Exception {
    Path file = PACKAGES.resolve("parlour.yaml");
    Config config = Config.read(Optional.of(file), Map.of(), Map.of());
    assertThat(config.data()).isEqualTo(Path.of("/var/lib/parlour/data"));
    assertThat(config.masterKeyFile()).isEqualTo(Path.of("/var/lib/parlour/keys/master.key"));
    assertThat(Example.text("parlour.service"))
        .contains("\nStateDirectory=parlour/data parlour/keys\n")
        .contains("\nEnvironment=PARLOUR_CONFIG=/etc/parlour/parlour.yaml\n");
    assertThat(Files.readString(PACKAGES.resolve("debian/conffiles")))
        .contains("/etc/parlour/parlour.yaml\n");
    List<String> settings = Arrays.stream(Setting.values()).map(Setting::key).toList();
    List<String> proposed = Pattern.compile("(?m)^# ([a-z.-]+):(?: |$)")
        .matcher(Files.readString(file))
        .results()
        .map(found -> found.group(1))
        .toList();
    assertThat(settings).containsAll(proposed);
    assertThat(proposed).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1.2.3, 0", "1.2.3~rc1+2, 0", "v1.2.3, 1", "1.2-3, 1", "1/2, 1", "1.2 3, 1"})
  void a_version_is_one_that_debian_accepts(String version, int exit) throws Exception {
    onLinux();
    Ended ended = run(Map.of("PARLOUR_PACKAGE_VERSION", version), "sh", BUILD, "version");
    assertThat(ended.exit()).as("%s", ended).isEqualTo(exit);
    assertThat(ended.out()).isEqualTo(exit == 0 ? version + "\n" : "");
  }

  @Test
  void a_snapshot_is_older_than_its_release_and_newer_than_the_snapshot_before() throws Exception {
    onLinux();
    assertThat(versionOf("1.2.3-SNAPSHOT")).matches("1\\.2\\.3~20261129[0-9]{6}\\.[0-9a-z.]+\\n");
    assertThat(versionOf("1.2.3")).isEqualTo("1.2.3\n");
  }

  private String versionOf(String pom) throws Exception {
    Files.writeString(folder.resolve("pom.xml"), "  <version>" + pom + "</version>\n");
    program("deploy/packages/build.sh", Files.readString(Path.of(BUILD)));
    String build = folder.resolve("deploy/packages/build.sh").toString();
    return run(Map.of("SOURCE_DATE_EPOCH", "1795960000"), "sh", build, "version")
        .out();
  }

  /** Packages are made on Linux only: the script uses GNU's date. */
  private static void onLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "public.port: 8443 # for the proxy\n",
        "internal:\n  port: 8081\npublic:\n  host: 127.0.0.1\n\n  # of the proxy\n  port: 8443\n",
        "public:\n    port: \"8443\"\ninternal:\n    port: 8081\n"
      })
  void the_installation_checks_the_port_of_the_settings_in_each_form(String settings)
      throws Exception {
    onLinux();
    Path file = Files.writeString(folder.resolve("parlour.yaml"), settings);
    String postinst = Files.readString(PACKAGES.resolve("debian/postinst"));
    int begin = postinst.indexOf("port_of() {");
    String function = postinst.substring(begin, postinst.indexOf("\n}\n", begin) + 3);
    String script = function.replace("/etc/parlour/parlour.yaml", file.toString())
        + "port_of public.port 8080; port_of public.metrics 9090";
    assertThat(run(Map.of(), "sh", "-eu", "-c", script))
        .isEqualTo(new Ended(0, "8443\n9090\n", ""));
  }

  /** With a Java that only prints its arguments. */
  @Test
  void the_packaged_launcher_starts_java_as_the_one_of_a_checkout_does() throws Exception {
    onLinux();
    Ended built = run(Map.of("PARLOUR_PACKAGE_VERSION", "1.2.3"), "sh", BUILD, "launcher");
    assertThat(built.exit()).as("%s", built).isEqualTo(0);
    Path launcher = program("home/bin/parlour", built.out());
    program("home/runtime/bin/java", "#!/bin/sh\necho \"LC_ALL=${LC_ALL-} $*\"\n");
    Path lib = Files.createDirectories(folder.resolve("home/lib"));
    Files.writeString(lib.resolve("parlour.jar"), "");
    Path link = Files.createSymbolicLink(folder.resolve("parlour"), launcher);
    Ended started = run(Map.of("LC_ALL", "C"), link.toString(), "version");
    assertThat(started.out())
        .startsWith("LC_ALL=C.UTF-8 ")
        .contains("-XX:+UseSerialGC", "-Xms64m", "-XX:+ExitOnOutOfMemoryError")
        .endsWith("-jar %s version\n".formatted(lib.toRealPath().resolve("parlour.jar")))
        .doesNotContain("AOTCache");
    Path cache = Files.writeString(lib.toRealPath().resolve("parlour-1.2.3.aot"), "");
    Map<String, String> heap = Map.of("PARLOUR_JAVA_OPTS", "-Xmx1g");
    Files.setLastModifiedTime(lib.resolve("parlour.jar"), FileTime.from(Instant.EPOCH));
    assertThat(run(heap, link.toString(), "version").out())
        .contains(" -Xmx1g ", "-XX:AOTCache=" + cache)
        // Java must not report on stdout that it cannot use the cache: a program may read JSON
        // there.
        .contains("-Xlog:disable -Xlog:all=warning:stderr")
        .doesNotContain("-Xms64m");
    Files.setLastModifiedTime(cache, FileTime.from(Instant.EPOCH.minusSeconds(1)));
    assertThat(run(heap, link.toString(), "version").out()).doesNotContain("AOTCache");
    Files.move(cache, lib.resolve("parlour-1.2.2.aot"));
    assertThat(run(heap, link.toString(), "version").out()).doesNotContain("AOTCache");
  }

  private Path program(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Ended run(Map<String, String> environment, String... command) throws Exception {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)))
        .redirectOutput(out.toFile())
        .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOUR_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(Duration.ofSeconds(60))).isTrue();
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
