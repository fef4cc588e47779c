package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The message of the jar under a Java that is too old for it. */
class StartTest {
  private static final int JAVA_8 = 52;

  @Test
  void an_old_java_can_load_the_main_class() throws Exception {
    try (var start = new DataInputStream(StartTest.class.getResourceAsStream("Start.class"))) {
      assertThat(start.readInt()).isEqualTo(0xCAFEBABE);
      start.readUnsignedShort();
      assertThat(start.readUnsignedShort()).isEqualTo(JAVA_8);
    }
  }

  @ParameterizedTest
  @CsvSource({"1.8, 8", "11, 11", "17, 17", "24, 24"})
  void an_old_java_prints_its_version_its_place_and_the_remedy(String version, String feature)
      throws Exception {
    assertThat(refusal(version))
        .contains("Java 25 or newer is needed; this is Java " + feature + " (/opt/java)", "Temurin")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource({"25", "26"})
  void a_java_that_is_new_enough_prints_nothing(String version) throws Exception {
    assertThat(refusal(version)).isEmpty();
  }

  /** By reflection: the class has a source folder of its own, compiled for Java 8. */
  private static String refusal(String version) throws ReflectiveOperationException {
    return (String) Class.forName("parlour.cli.Start")
        .getDeclaredMethod("refusal", String.class, String.class)
        .invoke(null, version, "/opt/java");
  }
}
