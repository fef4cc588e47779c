@NullMarked
package parlour.process;

import org.jspecify.annotations.NullMarked;
