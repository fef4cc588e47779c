/** One process: which roles it runs, what they are made of, and the order of start and stop. */
@NullMarked
package parlour.process;

import org.jspecify.annotations.NullMarked;
