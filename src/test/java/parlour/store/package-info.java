@NullMarked
package parlour.store;

import org.jspecify.annotations.NullMarked;
