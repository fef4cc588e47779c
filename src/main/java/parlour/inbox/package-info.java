/** The agents: their accounts, sign-in, API and stream. */
@NullMarked
package parlour.inbox;

import org.jspecify.annotations.NullMarked;
