/** ScopedAuthService alone: its stores, keys, tokens and rules. */
@NullMarked
package parlour.scopedauth;

import org.jspecify.annotations.NullMarked;
