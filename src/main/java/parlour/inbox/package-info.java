/** The inbox of agents: their store, sign-in, API and stream. */
@NullMarked
package parlour.inbox;

import org.jspecify.annotations.NullMarked;
