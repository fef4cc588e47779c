package parlour.proof;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.util.function.LongSupplier;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * The agreement of browsers and ScopedAuth on the {@link ProofKey}s of new sessions: ECDH with P-256
 * (NIST SP 800-56A), whose result goes through HKDF-SHA-256 (RFC 5869). One key pair of the server
 * serves the agreements of {@link Limits#KEY_PAIR_USE}. Safe for use by several threads.
 */
public final class KeyAgreement {
  private static final byte[] INFO = "parlour proof 1".getBytes(StandardCharsets.US_ASCII);

  private final SecureRandom random;
  private final LongSupplier nanos;

  @GuardedBy("this")
  private @Nullable ServerPair current;

  public KeyAgreement(SecureRandom random) {
    this(random, System::nanoTime);
  }

  /**
   * @param nanos the uptime
   */
  KeyAgreement(SecureRandom random, LongSupplier nanos) {
    this.random = random;
    this.nanos = nanos;
  }

  /**
   * @param publicKey in the form of a browser's
   * @param made the uptime in nanoseconds
   */
  private record ServerPair(PrivateKey privateKey, String publicKey, long made) {}

  /**
   * The result of an agreement.
   *
   * @param serverKey the public key that the browser needs for the same, in the form of its own
   */
  public record Agreed(String serverKey, ProofKey key) {}

  /**
   * Agrees with a browser.
   *
   * @param salt a text in ASCII that both sides know and that no two sessions share: it makes their
   *     keys differ, also where a browser sends its public key again
   */
  public Agreed agree(BrowserKey browser, String salt) {
    try {
      ServerPair pair = pair();
      byte[] key = derive(
          shared(pair.privateKey(), browser), salt.getBytes(StandardCharsets.US_ASCII), INFO);
      return new Agreed(pair.publicKey(), ProofKey.of(key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has ECDH and HKDF", e);
    }
  }

  private synchronized ServerPair pair() throws GeneralSecurityException {
    long now = nanos.getAsLong();
    ServerPair pair = current;
    if (pair == null || now - pair.made() >= Limits.KEY_PAIR_USE.toNanos()) {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(P256.PARAMETERS, random);
      KeyPair made = generator.generateKeyPair();
      pair = new ServerPair(made.getPrivate(), P256.text((ECPublicKey) made.getPublic()), now);
      current = pair;
    }
    return pair;
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
