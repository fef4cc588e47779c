package parlour.spec;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import parlour.spec.Installation.Shape;

/** The check must not run all classes in one shape. */
class InBothShapesTest {
  @Test
  void about_half_of_the_classes_run_in_each_shape() throws IOException {
    Map<Shape, Long> classes;
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      classes = files
          .filter(file -> file.toString().endsWith("Test.java"))
          .filter(InBothShapesTest::isInBothShapes)
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .collect(groupingBy(name -> InBothShapes.Shapes.ofCheck(name, Shape.BOTH), counting()));
    }
    long fewest = classes.values().stream().mapToLong(Long::longValue).sum() / 3;
    assertThat(classes).containsOnlyKeys(Shape.BOTH);
    assertThat(classes.values()).allMatch(count -> count >= fewest);
  }

  @Test
  void a_class_keeps_its_shape() {
    List<Shape> shapes = Shape.BOTH;
    assertThat(InBothShapes.Shapes.ofCheck("InboxTest", shapes))
        .isEqualTo(Shape.ROLES_OVER_POSTGRES);
    assertThat(InBothShapes.Shapes.ofCheck("RealtimeTest", shapes)).isEqualTo(Shape.ONE_PROCESS);
  }

  private static boolean isInBothShapes(Path file) {
    try {
      return Files.readString(file).contains("@InBothShapes");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
