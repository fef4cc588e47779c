/**
 * Proofs that a browser holds the key of its session: the agreement on the key, the form of a proof
 * in HTTP and on sockets, and the memory of nonces.
 */
@NullMarked
package parlour.proof;

import org.jspecify.annotations.NullMarked;
