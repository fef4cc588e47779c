/** People with real browsers: Debian's Chromium, a shop with the chat on it, and the inbox. */
@NullMarked
package parlour.spec.chromium;

import org.jspecify.annotations.NullMarked;
