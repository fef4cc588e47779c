/** Tests of the command line. */
@NullMarked
package parlour.cli;

import org.jspecify.annotations.NullMarked;
