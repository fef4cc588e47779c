package parlour.proof;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;

/** The curve P-256 (NIST SP 800-186), and the form of its public keys (SEC 1 §2.3.3). */
final class P256 {
  static final int COORDINATE_BYTES = 32;
  /** The first byte of a point of which both coordinates follow. */
  static final byte UNCOMPRESSED = 4;
  /** A point of 65 bytes in base64url without padding. */
  static final int KEY_CHARACTERS = 87;

  static final ECParameterSpec PARAMETERS = parameters();

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

  /** The uncompressed point in base64url without padding. */
  static String text(ECPublicKey key) {
    byte[] point = new byte[1 + 2 * COORDINATE_BYTES];
    point[0] = UNCOMPRESSED;
    write(key.getW().getAffineX(), point, 1 + COORDINATE_BYTES);
    write(key.getW().getAffineY(), point, point.length);
    return CanonicalBase64.url(point);
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
