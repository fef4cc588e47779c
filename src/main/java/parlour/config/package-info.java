/** The settings of one process, the file they are read from, its data folder, and the roles it can run. */
@NullMarked
package parlour.config;

import org.jspecify.annotations.NullMarked;
