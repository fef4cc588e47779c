/** The console: admins find out why guests were refused, and change what their account can change. */
@NullMarked
package parlour.console;

import org.jspecify.annotations.NullMarked;
