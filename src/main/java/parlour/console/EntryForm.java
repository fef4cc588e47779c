package parlour.console;

import java.util.List;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.ledger.LedgerEntry;
import parlour.ledger.LedgerNote;

/**
 * An entry of the ledger, as the page gets it.
 *
 * @param code the error code of the answer; 0 if nothing was refused
 * @param page the origin of the page that called
 * @param leftOut 0 for an event; otherwise how many such events were only counted
 * @param canAllow whether the page's origin can be added to the deployment's list, and would then be
 *     let in
 */
record EntryForm(
    String at,
    String trace,
    String event,
    int code,
    String cause,
    List<String> signals,
    @Nullable String sessionSid,
    @Nullable String deploymentKey,
    @Nullable String page,
    String by,
    String object,
    long leftOut,
    boolean canAllow) {

  static EntryForm of(LedgerEntry entry, boolean canAllow) {
    LedgerNote note = entry.note();
    return new EntryForm(
        entry.at().toString(),
        entry.trace(),
        note.event(),
        note.code(),
        note.cause(),
        note.signals(),
        note.session().map(Sid::text).orElse(null),
        note.deployment().map(Sid::text).orElse(null),
        note.page().orElse(null),
        note.actor(),
        note.object(),
        entry.leftOut(),
        canAllow);
  }
}
