/** Files of conversations: their records, their bytes, and what may be stored and shown. */
@NullMarked
package parlour.media;

import org.jspecify.annotations.NullMarked;
