package parlour.accounts;

import java.security.SecureRandom;
import java.util.HexFormat;
import parlour.RandomHex;
import parlour.Sha256;

/**
 * Secrets that Parlour makes and shows once: passwords and recovery codes of agents, their
 * browsers' cookies, auth tokens of accounts, secrets of API keys. They have so many random bits
 * that a plain digest reveals nothing (docs/adr/0014).
 */
public final class GeneratedSecrets {
  /** Without letters that are easily confused: 32 of them, so five bits each. */
  private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

  private static final int GROUPS = 4;
  private static final int GROUP = 6;
  private static final int COOKIE_BYTES = 16;
  private static final int RECOVERY_GROUP = 4;

  private GeneratedSecrets() {}

  /** 120 random bits, in groups that a person can read aloud. */
  public static String next(SecureRandom random) {
    return inGroups(random, GROUP);
  }

  /** 80 random bits in the same form, for a code that is used once and beside a password. */
  public static String nextRecoveryCode(SecureRandom random) {
    return inGroups(random, RECOVERY_GROUP);
  }

  private static String inGroups(SecureRandom random, int group) {
    StringBuilder password = new StringBuilder();
    for (int i = 0; i < GROUPS * group; i++) {
      if (i > 0 && i % group == 0) {
        password.append('-');
      }
      password.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return password.toString();
  }

  /** 128 random bits in hex. */
  public static String nextCookie(SecureRandom random) {
    return RandomHex.next(random, COOKIE_BYTES);
  }

  public static byte[] digest(String secret) {
    return Sha256.of(secret);
  }

  public static String hexDigest(String secret) {
    return HexFormat.of().formatHex(digest(secret));
  }
}
