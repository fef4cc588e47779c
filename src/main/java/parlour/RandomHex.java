package parlour;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;

/** Random names and secrets in lower-case hex digits. */
public final class RandomHex {
  /** 48 bits, enough until the year 10889. */
  private static final int TIME_DIGITS = 12;

  private static final int BYTES_AFTER_TIME = 10;

  private RandomHex() {}

  /**
   * @param bytes the number of random bytes, of two digits each
   */
  public static String next(SecureRandom random, int bytes) {
    byte[] next = new byte[bytes];
    random.nextBytes(next);
    return HexFormat.of().formatHex(next);
  }

  /**
   * The time in milliseconds, and 80 random bits: 32 digits in the order of time, as a UUID of
   * version 7 has (RFC 9562). Names that are made at about the same time are near each other in an
   * index, so that a transaction changes few of its pages, however large it is.
   */
  static String ordered(Instant now, SecureRandom random) {
    return HexFormat.of().toHexDigits(now.toEpochMilli(), TIME_DIGITS)
        + next(random, BYTES_AFTER_TIME);
  }
}
