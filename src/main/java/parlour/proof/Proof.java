package parlour.proof;

import java.time.Instant;
import java.util.Optional;

/**
 * A MAC that a browser has sent, and the text that it must be made of. It proves nothing before it
 * was verified with the key of the session.
 *
 * @param signed the text as the server has built it from the call, never as the browser claims it
 * @param mac base64url without padding
 * @param once present if the call reads, so that nobody can repeat it
 */
public record Proof(String signed, String mac, Optional<Once> once) {

  /**
   * What distinguishes this proof from every other proof of its session.
   *
   * @param created when the browser made the proof, by the server's clock
   */
  public record Once(String nonce, Instant created) {}

  /** Omits everything, because the text contains the token. */
  @Override
  public String toString() {
    return "Proof[…]";
  }
}
