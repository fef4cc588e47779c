/** The settings of a process, their file, its data folder, and the roles that it can run. */
@NullMarked
package parlour.config;

import org.jspecify.annotations.NullMarked;
