/** What an operator types, and what comes of it. */
@NullMarked
package parlour.cli;

import org.jspecify.annotations.NullMarked;
