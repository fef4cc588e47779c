package parlour.proof;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Optional;

/** The curve P-256 (NIST SP 800-186), and the form of its public keys (SEC 1 §2.3.3). */
public final class P256 {
  /** The length of an uncompressed point: a byte, and two coordinates. */
  public static final int POINT_BYTES = 65;
  /** The length of a public key in base64url without padding. */
  public static final int KEY_CHARACTERS = 87;

  static final int COORDINATE_BYTES = 32;
  /** The first byte of a point of which both coordinates follow. */
  static final byte UNCOMPRESSED = 4;

  public static final ECParameterSpec PARAMETERS = parameters();

  private static final BigInteger PRIME = ((ECFieldFp) PARAMETERS.getCurve().getField()).getP();

  private P256() {}

  /** Whether both are coordinates, y² = x³ + ax + b; the point at infinity has none. */
  static boolean isOnCurve(BigInteger x, BigInteger y) {
    if (x.compareTo(PRIME) >= 0 || y.compareTo(PRIME) >= 0) {
      return false;
    }
    BigInteger right = x.multiply(x)
        .add(PARAMETERS.getCurve().getA())
        .multiply(x)
        .add(PARAMETERS.getCurve().getB())
        .mod(PRIME);
    return y.multiply(y).mod(PRIME).equals(right);
  }

  /**
   * Reads an uncompressed point of the curve; empty if it is anything else. P-256 has the cofactor 1,
   * so that every point of it has the full order; the point at infinity has no such form.
   */
  public static Optional<ECPublicKey> key(byte[] point) {
    if (point.length != POINT_BYTES || point[0] != UNCOMPRESSED) {
      return Optional.empty();
    }
    int end = 1 + COORDINATE_BYTES;
    BigInteger x = new BigInteger(1, Arrays.copyOfRange(point, 1, end));
    BigInteger y = new BigInteger(1, Arrays.copyOfRange(point, end, point.length));
    return isOnCurve(x, y) ? Optional.of(key(x, y)) : Optional.empty();
  }

  private static ECPublicKey key(BigInteger x, BigInteger y) {
    try {
      return (ECPublicKey) KeyFactory.getInstance("EC")
          .generatePublic(new ECPublicKeySpec(new ECPoint(x, y), PARAMETERS));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  /** The uncompressed point. */
  public static byte[] point(ECPublicKey key) {
    byte[] point = new byte[POINT_BYTES];
    point[0] = UNCOMPRESSED;
    write(key.getW().getAffineX(), point, 1 + COORDINATE_BYTES);
    write(key.getW().getAffineY(), point, point.length);
    return point;
  }

  /** The uncompressed point in base64url without padding. */
  public static String text(ECPublicKey key) {
    return CanonicalBase64.url(point(key));
  }

  /** Writes a coordinate with its leading zeros, so that its last byte is before {@code end}. */
  private static void write(BigInteger coordinate, byte[] point, int end) {
    byte[] bytes = coordinate.toByteArray(); // perhaps shorter, or with a zero for the sign
    byte[] digits = bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    System.arraycopy(digits, 0, point, end - digits.length, digits.length);
  }

  private static ECParameterSpec parameters() {
    try {
      AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
      curve.init(new ECGenParameterSpec("secp256r1"));
      return curve.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }
}
