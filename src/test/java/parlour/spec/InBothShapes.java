package parlour.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;
import parlour.spec.Installation.Shape;

/**
 * Runs tests in the two shapes that together have everything: no call between processes and SQLite,
 * then each call between roles over HTTP and PostgreSQL. {@code ./dev check} runs a class in one of
 * the two, half of the classes in each.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ArgumentsSource(InBothShapes.Shapes.class)
public @interface InBothShapes {
  /** The shapes, for tests that do not run in each. */
  Shape[] of() default {Shape.ONE_PROCESS, Shape.ROLES_OVER_POSTGRES};

  /** Whether the check runs these tests in both shapes, too, because they compare the shapes. */
  boolean always() default false;

  /** The shapes of a class. */
  final class Shapes implements ArgumentsProvider, AnnotationConsumer<InBothShapes> {
    private static final boolean IS_CHECK = Boolean.getBoolean("tests.check");

    private List<Shape> shapes = Shape.BOTH;
    private boolean inAll = !IS_CHECK;

    @Override
    public void accept(InBothShapes annotation) {
      shapes = List.of(annotation.of());
      inAll = !IS_CHECK || annotation.always();
    }

    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      return (inAll
              ? shapes
              : List.of(ofCheck(context.getRequiredTestClass().getSimpleName(), shapes)))
          .stream().map(Arguments::of);
    }

    /** The shape in which the check runs a class: always the same one, by the name of the class. */
    static Shape ofCheck(String name, List<Shape> shapes) {
      return shapes.get(Integer.bitCount(name.hashCode()) % shapes.size());
    }
  }
}
