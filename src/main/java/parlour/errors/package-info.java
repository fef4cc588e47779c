/** The product's error codes and the one error body. */
@NullMarked
package parlour.errors;

import org.jspecify.annotations.NullMarked;
