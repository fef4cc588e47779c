package parlour.ledger;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import parlour.Limits;
import parlour.Sid;

/**
 * An event that the ledger keeps: never a token, the value of a signal or an address.
 *
 * @param event the kind of event, in lower-case words: {@code guest-refused}
 * @param code the public error code of the answer; 0 if no error was answered
 * @param cause why, as in the trace; may be empty; only texts of the program, so that their number
 *     is fixed
 * @param signals the names of the signals that differed
 * @param page the origin of the page that called
 * @param actor an agent's name, an account's sid, {@code command-line}, {@code operator} (by a command
 *     or in the console) or {@code unknown}; empty for a guest
 * @param object the sid or the name of the object of the action, or how many there were; may be empty
 */
public record LedgerNote(
    String event,
    int code,
    String cause,
    List<String> signals,
    Optional<Sid.Session> session,
    Optional<Sid.Deployment> deployment,
    Optional<String> page,
    String actor,
    String object) {
  /** A guest's token was refused. */
  public static final String GUEST_REFUSED = "guest-refused";

  /** A call was refused before its token was looked at. */
  public static final String PAGE_REFUSED = "page-refused";

  /** A call could not be decided, and was answered 503. Its code is not that of a refusal. */
  public static final String OUTAGE = "outage";

  /** A guest was let in although the browser differs. */
  public static final String DIFFERENCE_OBSERVED = "difference-observed";

  /** A superseded token was renewed, because the browser proved that it holds the key. */
  public static final String REPLAY_PROVEN = "replay-proven";

  /** From now on a signal only observes in a deployment, because it differed too often. */
  public static final String SIGNAL_OBSERVES = "signal-observes";

  /** A signal that only observed decides again. */
  public static final String SIGNAL_DECIDES = "signal-decides";

  /** A session was ended for good. */
  public static final String SESSION_REVOKED = "session-revoked";

  /** A guest ended the chat and erased it, with its sessions. */
  public static final String GUEST_ENDED = "guest-ended";

  /** The sweep erased conversations of a desk or a deployment; the object says how many. */
  public static final String ERASED_BY_AGE = "erased-by-age";

  /** A command changed something; the cause names it. */
  public static final String COMMAND = "command";

  /** An admin changed something in the console; the cause names it. */
  public static final String CONSOLE = "console";

  private static final Pattern EVENT = Pattern.compile("[a-z][a-z-]{0,39}");

  public LedgerNote {
    if (!EVENT.matcher(event).matches()) {
      throw new IllegalArgumentException("not the word of an event");
    }
    cause = bounded(cause);
    signals = signals.stream()
        .limit(Limits.LEDGER_SIGNALS)
        .map(name -> bounded(name, Limits.LEDGER_SIGNAL_CHARACTERS))
        .toList();
    page = page.map(origin -> bounded(origin, Limits.LEDGER_PAGE_CHARACTERS));
    actor = bounded(actor);
    object = bounded(object);
  }

  /** A note that says nothing but what happened, and why. */
  public static LedgerNote of(String event, String cause) {
    return new LedgerNote(
        event, 0, cause, List.of(), Optional.empty(), Optional.empty(), Optional.empty(), "", "");
  }

  /**
   * Whether anybody can cause such an event as often as they like: a refusal, an outage, a call that was let in
   * although something was wrong, or the end of a chat of their own. The index of {@link SqlLedger} says the same.
   */
  boolean isOfStrangers() {
    return code > 0
        || event.equals(DIFFERENCE_OBSERVED)
        || event.equals(REPLAY_PROVEN)
        || event.equals(GUEST_ENDED);
  }

  /** Whether a guest's call was refused, for its token or before its token was looked at. */
  boolean isRefusal() {
    return event.equals(GUEST_REFUSED) || event.equals(PAGE_REFUSED);
  }

  /** This event with the public error code that answered it. */
  public LedgerNote refusedBy(int errorCode) {
    return new LedgerNote(
        event, errorCode, cause, signals, session, deployment, page, actor, object);
  }

  /** This event with a guest's session and deployment, as far as they are known. */
  public LedgerNote ofGuest(
      Optional<Sid.Session> itsSession, Optional<Sid.Deployment> itsDeployment) {
    return new LedgerNote(
        event, code, cause, signals, itsSession, itsDeployment, page, actor, object);
  }

  /** This event with the origin of the page that called. */
  public LedgerNote from(Optional<String> origin) {
    return new LedgerNote(event, code, cause, signals, session, deployment, origin, actor, object);
  }

  /** This event with the names of the signals that differed. */
  public LedgerNote differingIn(List<String> names) {
    return new LedgerNote(event, code, cause, names, session, deployment, page, actor, object);
  }

  /** This event with the person who did it, and its object. */
  public LedgerNote by(String itsActor, String itsObject) {
    return new LedgerNote(
        event, code, cause, signals, session, deployment, page, itsActor, itsObject);
  }

  /** Printable ASCII of bounded length, so that a group of entries fits a call between processes. */
  private static String bounded(String text, int max) {
    return text.substring(0, Math.min(text.length(), max)).replaceAll("[^\\x20-\\x7e]", "?");
  }

  private static String bounded(String text) {
    return bounded(text, Limits.LEDGER_CHARACTERS);
  }
}
