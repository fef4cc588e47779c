package parlour.starship;

import java.util.Optional;
import parlour.errors.ErrorCode;
import parlour.http.server.AddressBlock;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerShare;
import parlour.trace.Lifeline;
import parlour.trace.Trace;

/**
 * Notes in the ledger some of the calls that are answered 503, so that the reference that a guest reads
 * out still leads to an answer after the traces in memory are gone.
 */
public record NotedOutages(Ledger ledger) {
  /** Keeps nothing. */
  public static final NotedOutages NONE = new NotedOutages(Ledger.NONE);

  /**
   * Notes a call that is answered 503.
   *
   * @param usual the code of the call's outages, for an answer whose trace names no code
   * @param client its address, as rates count it; it is counted and not kept
   */
  void note(Trace trace, ErrorCode usual, String client) {
    LedgerNote note = LedgerNote.of(LedgerNote.OUTAGE, cause(trace))
        .refusedBy(trace.outageCode().orElse(usual.code()));
    LedgerShare share = new LedgerShare(Optional.empty(), AddressBlock.networkOf(client));
    var _ = trace.during(() -> {
      ledger.add(note, share);
      return note;
    });
  }

  /** Causes are texts of the program: the detail of an arrow can have a text of a library. */
  private static String cause(Trace trace) {
    return trace
        .firstWithoutAnswer()
        .map(part -> part.fullName() + " did not answer")
        .orElse(Lifeline.FWO.fullName() + " or the edge could not answer");
  }
}
