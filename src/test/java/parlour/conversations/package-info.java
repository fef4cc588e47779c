/** Conversations alone: its store. */
@NullMarked
package parlour.conversations;

import org.jspecify.annotations.NullMarked;
