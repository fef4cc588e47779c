package parlour.scopedauth;

import java.util.Optional;
import parlour.proof.Proof;

/**
 * What a browser presents with a call, unchecked.
 *
 * @param proof empty if the browser has sent none
 */
public record Presented(GuestToken token, Fingerprint fingerprint, Optional<Proof> proof) {

  /** What a browser without a key presents. */
  public Presented(GuestToken token, Fingerprint fingerprint) {
    this(token, fingerprint, Optional.empty());
  }
}
