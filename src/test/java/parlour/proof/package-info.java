@NullMarked
package parlour.proof;

import org.jspecify.annotations.NullMarked;
