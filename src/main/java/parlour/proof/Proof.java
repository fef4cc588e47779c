package parlour.proof;

import java.time.Instant;
import java.util.Optional;

/**
 * A MAC that a browser has sent, and the text that it must be made of. It proves nothing before it
 * was verified with the key of the session.
 *
 * @param signed the text as the server has built it from the call, never as the browser claims it
 * @param mac base64url without padding
 * @param nonce empty on a socket, where the challenge distinguishes the proofs
 */
public record Proof(String signed, String mac, Optional<Nonce> nonce) {

  /**
   * The text that distinguishes this proof from every other proof of its session.
   *
   * @param created when the browser made the proof, by the server's clock
   * @param isForOneAnswer whether a second call with this proof must not be answered
   */
  public record Nonce(String text, Instant created, boolean isForOneAnswer) {}

  /** Omits everything, because the text contains the token. */
  @Override
  public String toString() {
    return "Proof[…]";
  }
}
