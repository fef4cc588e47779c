package parlour.config;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.RandomHex;
import parlour.StartupError;

/** The shared secret by which the processes of an installation authenticate each other. */
public final class InternalSecret {
  private InternalSecret() {}

  /**
   * Returns the secret if it is usable: long enough, and of characters that an HTTP header carries
   * unchanged.
   *
   * @param file where the secret is stored unless it is configured
   */
  public static String checked(String internalSecret, Path file) {
    if (!isUsable(internalSecret)) {
      throw new StartupError(
          "the internal secret (internal.secret, %s) must have %d characters or more, of visible ASCII"
                  .formatted(file, Limits.INTERNAL_SECRET_CHARACTERS)
              + " without spaces; if neither is set, Parlour creates one");
    }
    return internalSecret;
  }

  /**
   * The same for the other value, which is accepted while the secret is changed.
   *
   * @param sent the value that this process sends
   */
  public static String checkedOther(String other, String sent) {
    if (!isUsable(other)) {
      throw new StartupError(
          "the other internal secret (internal.other-secret, internal.other-secret-file) must have"
              + " %d characters or more, of visible ASCII without spaces; leave both settings out if the secret is not changed"
                  .formatted(Limits.INTERNAL_SECRET_CHARACTERS));
    }
    if (MessageDigest.isEqual(InternalSecrets.key(other), InternalSecrets.key(sent))) {
      throw new StartupError(
          "internal.other-secret and internal.secret are the same: give one of them the new value,"
              + " or leave internal.other-secret out");
    }
    return other;
  }

  private static boolean isUsable(String secret) {
    return secret.length() >= Limits.INTERNAL_SECRET_CHARACTERS
        && secret.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  public static String random(SecureRandom random) {
    return RandomHex.next(random, 32);
  }
}
