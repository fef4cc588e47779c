package parlour.proof;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;

/** The public key that a browser made for a new session: a point of the curve P-256. */
public final class BrowserKey {
  private static final String FORM =
      "proofKey must be a P-256 public key: its uncompressed point of"
          + " 65 bytes, as WebCrypto exports it with the format \"raw\", in base64url without padding,"
          + " which has 87 characters";
  private static final String POINT = "proofKey is not a point of the curve P-256: make the key"
      + " pair with WebCrypto's generateKey({name: \"ECDH\", namedCurve: \"P-256\"}, …)";

  private final ECPublicKey key;

  private BrowserKey(ECPublicKey key) {
    this.key = key;
  }

  /**
   * Reads the field {@code proofKey} of a new chat.
   *
   * <p>P-256 has the cofactor 1, so that every point of it has the full order; the point at
   * infinity has no such form.
   *
   * @throws IllegalArgumentException if it is anything else; the message names the field and the
   *     remedy, and does not repeat the value
   */
  public static BrowserKey parse(String proofKey) {
    if (proofKey.length() != P256.KEY_CHARACTERS) {
      throw new IllegalArgumentException(FORM);
    }
    byte[] point =
        CanonicalBase64.readUrl(proofKey).orElseThrow(() -> new IllegalArgumentException(FORM));
    if (point[0] != P256.UNCOMPRESSED) {
      throw new IllegalArgumentException(FORM);
    }
    int end = 1 + P256.COORDINATE_BYTES;
    BigInteger x = new BigInteger(1, Arrays.copyOfRange(point, 1, end));
    BigInteger y = new BigInteger(1, Arrays.copyOfRange(point, end, point.length));
    if (!P256.isOnCurve(x, y)) {
      throw new IllegalArgumentException(POINT);
    }
    return new BrowserKey(key(x, y));
  }

  private static ECPublicKey key(BigInteger x, BigInteger y) {
    try {
      return (ECPublicKey) KeyFactory.getInstance("EC")
          .generatePublic(new ECPublicKeySpec(new ECPoint(x, y), P256.PARAMETERS));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  ECPublicKey key() {
    return key;
  }
}
