@NullMarked
package parlour.console;

import org.jspecify.annotations.NullMarked;
