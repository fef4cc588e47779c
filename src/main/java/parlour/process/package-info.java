/** One process: the roles that it runs, their parts, and the order of start and stop. */
@NullMarked
package parlour.process;

import org.jspecify.annotations.NullMarked;
