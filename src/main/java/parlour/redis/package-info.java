/** Redis or Valkey: what crosses nodes at once, and is lost without harm. */
@NullMarked
package parlour.redis;

import org.jspecify.annotations.NullMarked;
