/**
 * Shared by the APIs of guests, agents and servers: the fields of their calls, answers, frames, and
 * the loop that follows a conversation.
 */
@NullMarked
package parlour.api;

import org.jspecify.annotations.NullMarked;
