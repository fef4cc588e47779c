package parlour.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.spec.Installation.Shape;

/**
 * Runs tests in the two shapes that together have everything: no call between processes and SQLite,
 * then each call between roles over HTTP and PostgreSQL.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@EnumSource(
    value = Shape.class,
    names = {"ONE_PROCESS", "ROLES_OVER_POSTGRES"})
public @interface InBothShapes {}
