package parlour.cli;

import java.util.Optional;
import parlour.ledger.LedgerEntry;

/** The fields that the commands print of the ledger's entries. */
final class LedgerFields {
  private static final int SHORT_TRACE = 12;

  private LedgerFields() {}

  /** The columns of refusals. */
  static Fields<LedgerEntry> refusals() {
    return members()
        .column("TIME", LedgerEntry::at)
        .column("TRACE", LedgerFields::trace)
        .column("CODE", LedgerFields::code)
        .column("CAUSE", LedgerFields::cause)
        .column("SIGNALS", LedgerFields::signals)
        .column("SESSION", entry -> entry.note().session())
        .column("DEPLOYMENT", entry -> entry.note().deployment())
        .column("PAGE", entry -> entry.note().page());
  }

  /** The columns of all events. */
  static Fields<LedgerEntry> all() {
    return members()
        .column("TIME", LedgerEntry::at)
        .column("TRACE", LedgerFields::trace)
        .column("EVENT", entry -> entry.note().event())
        .column("CODE", LedgerFields::code)
        .column("CAUSE", LedgerFields::cause)
        .column("SIGNALS", LedgerFields::signals)
        .column("SESSION", entry -> entry.note().session())
        .column("DEPLOYMENT", entry -> entry.note().deployment())
        .column("PAGE", entry -> entry.note().page())
        .column("BY", entry -> textOf(entry.note().actor()))
        .column("OBJECT", entry -> textOf(entry.note().object()));
  }

  private static Fields<LedgerEntry> members() {
    return new Fields<LedgerEntry>("refusals", "nothing was refused")
        .field("at", "time", LedgerEntry::at)
        .field("trace", "trace", entry -> textOf(entry.trace()))
        .field("event", "event", entry -> entry.note().event())
        .field("code", "code", LedgerFields::code)
        .member("cause", entry -> textOf(entry.note().cause()))
        .line("cause", LedgerFields::cause)
        .member("signals", entry -> entry.note().signals())
        .line("signals that differed", LedgerFields::signals)
        .field("session", "session", entry -> entry.note().session())
        .field("deployment_key", "deployment key", entry -> entry.note().deployment())
        .field("page", "page", entry -> entry.note().page())
        .field("by", "by", entry -> textOf(entry.note().actor()))
        .field("object", "object", entry -> textOf(entry.note().object()))
        .member("left_out", LedgerEntry::leftOut);
  }

  private static Optional<String> trace(LedgerEntry entry) {
    return textOf(entry.trace()).map(id -> id.substring(0, Math.min(SHORT_TRACE, id.length())));
  }

  private static Optional<Integer> code(LedgerEntry entry) {
    return Optional.of(entry.note().code()).filter(code -> code > 0);
  }

  private static Optional<String> cause(LedgerEntry entry) {
    return entry.leftOut() == 0
        ? textOf(entry.note().cause())
        : Optional.of("%s (%d more, which were only counted)"
            .formatted(entry.note().cause(), entry.leftOut())
            .strip());
  }

  private static Optional<String> signals(LedgerEntry entry) {
    return textOf(String.join(", ", entry.note().signals()));
  }

  private static Optional<String> textOf(String text) {
    return Optional.of(text).filter(some -> !some.isEmpty());
  }
}
