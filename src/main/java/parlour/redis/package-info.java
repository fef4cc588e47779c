/** Redis or Valkey: events, rates and nonces that all nodes share, and that can be lost without harm. */
@NullMarked
package parlour.redis;

import org.jspecify.annotations.NullMarked;
