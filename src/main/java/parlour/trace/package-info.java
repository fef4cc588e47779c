/** The arrows of a request as they were observed, which can be compared with docs/diagrams. */
@NullMarked
package parlour.trace;

import org.jspecify.annotations.NullMarked;
