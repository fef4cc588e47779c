package parlour.scopedauth;

import java.util.Optional;
import parlour.proof.Proof;

/**
 * The unchecked evidence that a browser presents with a call.
 *
 * @param proof empty if the browser has sent none
 * @param network digest of the network that the call comes from; empty if differences are not
 *     counted
 * @param page the origin of the page that makes the call, for the ledger; empty if it is not known
 * @param caller the text of that network, by which the ledger counts refusals; empty if it is
 *     unknown
 */
public record Presented(
    GuestToken token,
    Fingerprint fingerprint,
    Optional<Proof> proof,
    Optional<NetworkDigest> network,
    Optional<String> page,
    Optional<String> caller) {

  /** The evidence of a browser in an unknown network. */
  public Presented(GuestToken token, Fingerprint fingerprint, Optional<Proof> proof) {
    this(token, fingerprint, proof, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The evidence of a browser without a key. */
  public Presented(GuestToken token, Fingerprint fingerprint) {
    this(token, fingerprint, Optional.empty());
  }
}
