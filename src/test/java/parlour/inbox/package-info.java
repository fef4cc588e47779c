@NullMarked
package parlour.inbox;

import org.jspecify.annotations.NullMarked;
