/** The executable diagram: what docs/diagrams draws, observed in a running system. */
@NullMarked
package parlour.spec;

import org.jspecify.annotations.NullMarked;
