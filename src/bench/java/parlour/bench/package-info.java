/** Measurements: {@code ./dev bench}. Nothing here is a test; no test measures time. */
@NullMarked
package parlour.bench;

import org.jspecify.annotations.NullMarked;
