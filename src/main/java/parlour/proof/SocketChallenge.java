package parlour.proof;

import java.security.SecureRandom;
import java.util.Optional;
import parlour.Sha256;

/**
 * The server's question to the browser of one socket: it asks for a proof that covers this nonce,
 * so that it is worth nothing on another socket.
 */
public record SocketChallenge(String nonce) {
  private static final int NONCE_BYTES = 16;

  public static SocketChallenge next(SecureRandom random) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    return new SocketChallenge(CanonicalBase64.url(nonce));
  }

  /**
   * The proof that a frame with a token brings.
   *
   * @param mac the field {@code proof} of the frame
   * @throws MalformedProof if the MAC is not 32 bytes in base64url without padding
   */
  public Proof proofOf(String token, String deploymentKey, String mac) {
    if (CanonicalBase64.readUrl(mac)
        .filter(bytes -> bytes.length == ProofKey.BYTES)
        .isEmpty()) {
      throw new MalformedProof("The field proof must be an HMAC-SHA-256 of 32 bytes, in base64url"
          + " without padding, which has 43 characters.");
    }
    String signed = String.join(
        "\n", "parlour socket 1", nonce, CanonicalBase64.url(Sha256.of(token)), deploymentKey);
    return new Proof(signed, mac, Optional.empty());
  }
}
