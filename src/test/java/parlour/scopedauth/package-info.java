/** ScopedAuthService alone: its stores, its keys, its tokens, its rule. */
@NullMarked
package parlour.scopedauth;

import org.jspecify.annotations.NullMarked;
