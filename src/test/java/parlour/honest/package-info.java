/**
 * Honest guests on a simulated clock, as browsers really live, in front of the real services: how
 * often is one of them refused, and why? docs/honest-guests.md has the numbers.
 */
@NullMarked
package parlour.honest;

import org.jspecify.annotations.NullMarked;
