package parlour;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Marks a test that {@code ./dev} runs and {@code ./dev check} leaves out, so that the check stays
 * short. The check has another test that finds the same kind of fault.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("long")
public @interface LongForm {
  /** The test of the check that finds the same kind of fault, or why there need be none. */
  String instead();
}
