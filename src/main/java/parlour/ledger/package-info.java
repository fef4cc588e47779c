/** The ledger: what was refused or revoked, and what operators and agents did, kept for weeks. */
@NullMarked
package parlour.ledger;

import org.jspecify.annotations.NullMarked;
