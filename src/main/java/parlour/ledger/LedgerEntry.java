package parlour.ledger;

import java.time.Instant;

/**
 * A note in the ledger, or the number of those that were left out.
 *
 * @param at to the millisecond
 * @param id a random number that distinguishes entries of one millisecond, chosen by the process
 *     that noted the event, so that an entry that is sent again is stored once
 * @param trace the id of the request's trace, 32 hex digits; empty if no request caused it
 * @param leftOut 0 for an event; otherwise how many events of this kind and cause were left out
 *     under load since the last such entry of the same process
 */
public record LedgerEntry(Instant at, long id, String trace, LedgerNote note, long leftOut) {}
