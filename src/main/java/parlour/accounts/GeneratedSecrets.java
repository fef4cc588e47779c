package parlour.accounts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Secrets that we make and show once: passwords of agents, their browsers' cookies, auth tokens of
 * accounts. They have so many random bits that a plain digest gives nothing away (docs/adr/0014).
 */
public final class GeneratedSecrets {
  /** Without letters that are taken for others: 32 of them, so five bits each. */
  private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

  private static final int GROUPS = 4;
  private static final int GROUP = 6;
  private static final int COOKIE_BYTES = 16;

  private GeneratedSecrets() {}

  /** 120 random bits, in groups that one can read out. */
  public static String next(SecureRandom random) {
    StringBuilder password = new StringBuilder();
    for (int i = 0; i < GROUPS * GROUP; i++) {
      if (i > 0 && i % GROUP == 0) {
        password.append('-');
      }
      password.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return password.toString();
  }

  /** 128 random bits in hex. */
  public static String nextCookie(SecureRandom random) {
    byte[] bytes = new byte[COOKIE_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  public static byte[] digest(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  public static String hexDigest(String secret) {
    return HexFormat.of().formatHex(digest(secret));
  }
}
