package parlour;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Random names and secrets in lower-case hex digits. */
public final class RandomHex {
  private RandomHex() {}

  /**
   * @param bytes the number of random bytes, of two digits each
   */
  public static String next(SecureRandom random, int bytes) {
    byte[] next = new byte[bytes];
    random.nextBytes(next);
    return HexFormat.of().formatHex(next);
  }
}
