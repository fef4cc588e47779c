package parlour.accounts;

import java.time.Duration;
import java.util.Optional;
import parlour.Sid;
import parlour.scopedauth.Sensitivity;

/**
 * The configuration of an account for one of its deployment keys (arrow 5).
 *
 * @param greeter sends the first message to a new guest
 * @param answering how the address is answered; empty if there is none
 * @param accountKey for this account's fingerprints and identities
 */
public record Configuration(
    Sid.Account account,
    Sid.Deployment deployment,
    Accounts.Settings settings,
    Optional<Greeter> greeter,
    Optional<Answering> answering,
    AccountKey accountKey) {

  /**
   * How the chats of an address are answered, and when.
   *
   * @param isInbox whether agents answer in the inbox; otherwise a webhook does
   */
  public record Answering(boolean isInbox, Attendance attendance) {}

  /** A configuration whose address is not attended by anybody that guests could miss. */
  public Configuration(
      Sid.Account account,
      Sid.Deployment deployment,
      Accounts.Settings settings,
      Optional<Greeter> greeter,
      AccountKey accountKey) {
    this(account, deployment, settings, greeter, Optional.empty(), accountKey);
  }

  /** The address of new conversations; empty: no chat can start. */
  public Optional<Sid.Address> address() {
    return settings.address();
  }

  public AllowedOrigins allowedOrigins() {
    return settings.allowedOrigins();
  }

  public Sensitivity fingerprintSensitivity() {
    return settings.rules().sensitivity();
  }

  public ProofRule proof() {
    return settings.rules().proof();
  }

  public boolean revokeOnReplay() {
    return settings.rules().revokeOnReplay();
  }

  /** Whether a client that Parlour did not make can open the realtime socket. */
  public boolean realtime() {
    return settings.rules().realtime();
  }

  /** How long each token is valid. */
  public Duration tokenTtl() {
    return settings.lifetimes().token();
  }

  /**
   * From the beginning of a session to its absolute end.
   *
   * @param bound whether the session is bound to a key
   */
  public Duration sessionTtl(boolean bound) {
    return settings.lifetimes().sessionTtl(bound);
  }

  /** How long a session that is bound to a key lives without a new token. */
  public Duration idleTtl() {
    return settings.lifetimes().idleTtl();
  }
}
