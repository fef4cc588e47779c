package parlour.proof;

import java.security.MessageDigest;
import java.util.Base64;
import parlour.Sha256;

/** The secret that a browser and ScopedAuth have agreed on for one session. */
public final class ProofKey {
  public static final int BYTES = 32;

  private final byte[] secret;

  private ProofKey(byte[] secret) {
    this.secret = secret;
  }

  /**
   * @throws IllegalArgumentException if it does not have {@link #BYTES} bytes
   */
  public static ProofKey of(byte[] secret) {
    if (secret.length != BYTES) {
      throw new IllegalArgumentException("a proof key of " + secret.length + " bytes");
    }
    return new ProofKey(secret.clone());
  }

  /**
   * Whether the holder of this key made the proof. Takes the same time wherever the MAC differs. A
   * MAC of another length or form proves nothing.
   */
  public boolean proves(Proof proof) {
    byte[] expected = Sha256.keyed(secret, proof.signed());
    try {
      return MessageDigest.isEqual(expected, Base64.getUrlDecoder().decode(proof.mac()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** A copy of the secret, for the token in which ScopedAuth seals it. */
  public byte[] bytes() {
    return secret.clone();
  }

  /** Omits the secret. */
  @Override
  public String toString() {
    return "ProofKey[…]";
  }
}
