/** What really happened: the arrows of a request as they were seen, comparable with docs/diagrams. */
@NullMarked
package parlour.trace;

import org.jspecify.annotations.NullMarked;
