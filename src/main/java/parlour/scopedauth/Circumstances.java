package parlour.scopedauth;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import parlour.Sid;
import parlour.errors.ErrorCode;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerShare;

/**
 * The facts that the ledger keeps of a call whose token was refused, beside the reason. Made only
 * if there is something to note.
 *
 * @param code the error code of the contract, with which a refresh is answered
 * @param deployment of the call, not of the token
 * @param caller the network of the call: the ledger counts by it, and does not store it
 * @param differing the signals that differ from those that the token was issued to
 */
record Circumstances(
    ErrorCode code,
    Optional<Sid.Deployment> deployment,
    Optional<String> caller,
    Optional<String> page,
    Set<Signal> differing) {
  /** A bad token alone, without a call to a deployment. */
  static final Circumstances UNKNOWN = new Circumstances(
      ErrorCode.TOKEN_REFUSED, Optional.empty(), Optional.empty(), Optional.empty(), Set.of());

  /** A call with a bad token, whose fingerprint was not compared. */
  static Circumstances of(Presented presented, Audience audience) {
    return new Circumstances(
        ErrorCode.TOKEN_REFUSED,
        Optional.of(audience.deployment()),
        presented.caller(),
        presented.page(),
        Set.of());
  }

  /** The part of the ledger that a note of this call uses. */
  LedgerShare share() {
    return new LedgerShare(deployment, caller);
  }

  LedgerNote note(String event, String cause, Optional<Sid.Session> session) {
    List<String> names = differing.stream().map(Signal::word).toList();
    return LedgerNote.of(event, cause).ofGuest(session, deployment).from(page).differingIn(names);
  }
}
