/** Redis or Valkey: events and rates that all nodes share, and that can be lost without harm. */
@NullMarked
package parlour.redis;

import org.jspecify.annotations.NullMarked;
