/** The command line: what an operator types. */
@NullMarked
package parlour.cli;

import org.jspecify.annotations.NullMarked;
