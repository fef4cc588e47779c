@NullMarked
package parlour.accounts;

import org.jspecify.annotations.NullMarked;
