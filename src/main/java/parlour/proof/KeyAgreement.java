package parlour.proof;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * The agreement of a browser and ScopedAuth on the {@link ProofKey} of a new session: ECDH with
 * P-256 (NIST SP 800-56A), whose result goes through HKDF-SHA-256 (RFC 5869).
 */
public final class KeyAgreement {
  private static final byte[] INFO = "parlour proof 1".getBytes(StandardCharsets.US_ASCII);

  private KeyAgreement() {}

  /**
   * What the server has after an agreement.
   *
   * @param serverKey the public key that the browser needs for the same, in the form of its own
   */
  public record Agreed(String serverKey, ProofKey key) {}

  /**
   * Agrees with a browser, by a key pair that nothing keeps.
   *
   * @param salt a text in ASCII that both sides know and that no two sessions share
   */
  public static Agreed agree(BrowserKey browser, String salt, SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(P256.PARAMETERS, random);
      KeyPair pair = generator.generateKeyPair();
      byte[] key = derive(
          shared(pair.getPrivate(), browser), salt.getBytes(StandardCharsets.US_ASCII), INFO);
      return new Agreed(P256.text((ECPublicKey) pair.getPublic()), ProofKey.of(key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has ECDH and HKDF", e);
    }
  }

  /** The x-coordinate that both sides compute, with its leading zeros. */
  static byte[] shared(PrivateKey ours, BrowserKey theirs) throws GeneralSecurityException {
    javax.crypto.KeyAgreement agreement = javax.crypto.KeyAgreement.getInstance("ECDH");
    agreement.init(ours);
    agreement.doPhase(theirs.key(), true);
    return agreement.generateSecret();
  }

  /** The first {@link ProofKey#BYTES} bytes of HKDF-SHA-256. */
  static byte[] derive(byte[] input, byte[] salt, byte[] info) throws GeneralSecurityException {
    return KDF.getInstance("HKDF-SHA256")
        .deriveData(HKDFParameterSpec.ofExtract()
            .addIKM(input)
            .addSalt(salt)
            .thenExpand(info, ProofKey.BYTES));
  }
}
