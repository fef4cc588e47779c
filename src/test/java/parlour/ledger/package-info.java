@NullMarked
package parlour.ledger;

import org.jspecify.annotations.NullMarked;
