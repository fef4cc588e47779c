/** Conversations: conversations and their participants. */
@NullMarked
package parlour.conversations;

import org.jspecify.annotations.NullMarked;
