/** Conversations: messages and participants, their store, and the waiters for their changes. */
@NullMarked
package parlour.conversations;

import org.jspecify.annotations.NullMarked;
