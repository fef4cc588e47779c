/** Events that processes publish to each other as hints that the store has changed. */
@NullMarked
package parlour.events;

import org.jspecify.annotations.NullMarked;
