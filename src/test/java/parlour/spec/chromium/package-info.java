/** Tests with real browsers: the chat on a customer's site, and the inbox. */
@NullMarked
package parlour.spec.chromium;

import org.jspecify.annotations.NullMarked;
