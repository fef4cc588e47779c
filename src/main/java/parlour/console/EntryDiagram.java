package parlour.console;

import static parlour.trace.Lifeline.B;
import static parlour.trace.Lifeline.FWO;
import static parlour.trace.Lifeline.SAS;

import java.util.List;
import parlour.ledger.LedgerEntry;
import parlour.ledger.LedgerNote;
import parlour.trace.Arrow;

/**
 * The arrows of a request that follow from its entry in the ledger, for a request whose own arrows
 * are no longer in memory. An entry says who decided and why, and not which call it was.
 */
final class EntryDiagram {
  private EntryDiagram() {}

  /** The arrows up to the decision, and the answer; none for an event that is not a guest's call. */
  static List<Arrow> of(LedgerEntry entry) {
    LedgerNote note = entry.note();
    return switch (note.event()) {
      case LedgerNote.PAGE_REFUSED ->
        List.of(
            new Arrow(B, FWO, "a call", note.page().map(page -> "from " + page).orElse("")),
            new Arrow(FWO, FWO, note.cause(), ""),
            new Arrow(FWO, B, "the refusal", "code " + note.code()));
      case LedgerNote.OUTAGE ->
        List.of(
            new Arrow(B, FWO, "a call", ""),
            new Arrow(FWO, FWO, note.cause(), ""),
            new Arrow(FWO, B, "the call could not be decided", "code " + note.code()));
      case LedgerNote.GUEST_REFUSED ->
        List.of(
            call(note),
            toScopedAuth(),
            decision(note),
            new Arrow(SAS, FWO, "the token is refused", ""),
            new Arrow(FWO, B, "the refusal", "code " + note.code()));
      case LedgerNote.DIFFERENCE_OBSERVED, LedgerNote.REPLAY_PROVEN ->
        List.of(
            call(note),
            toScopedAuth(),
            decision(note),
            new Arrow(SAS, FWO, "the token is authorized", ""),
            new Arrow(FWO, B, "the answer", ""));
      default -> List.of();
    };
  }

  private static Arrow call(LedgerNote note) {
    return new Arrow(
        B,
        FWO,
        "a call with the guest's token",
        note.page().map(page -> "from " + page).orElse(""));
  }

  private static Arrow toScopedAuth() {
    return new Arrow(FWO, SAS, "the token and the fingerprint", "");
  }

  private static Arrow decision(LedgerNote note) {
    return new Arrow(
        SAS,
        SAS,
        note.cause(),
        note.signals().isEmpty() ? "" : "differs: " + String.join(", ", note.signals()));
  }
}
