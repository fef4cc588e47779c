/**
 * Many nodes of every role over real engines, while a seeded schedule kills, pauses and restarts
 * them: {@code ./dev chaos}, and a short form among the tests.
 */
@NullMarked
package parlour.chaos;

import org.jspecify.annotations.NullMarked;
