/** Proofs that a browser holds the key of its session (RFC 9421), and the agreement on that key. */
@NullMarked
package parlour.proof;

import org.jspecify.annotations.NullMarked;
