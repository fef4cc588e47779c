package parlour.config;

import java.nio.file.Path;
import java.security.SecureRandom;
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
    boolean visible = internalSecret.chars().allMatch(c -> c > ' ' && c < 0x7f);
    if (internalSecret.length() < Limits.INTERNAL_SECRET_CHARACTERS || !visible) {
      throw new StartupError(
          "the internal secret (internal.secret, %s) must have %d characters or more, of visible ASCII"
                  .formatted(file, Limits.INTERNAL_SECRET_CHARACTERS)
              + " without spaces; if neither is set, Parlour creates one");
    }
    return internalSecret;
  }

  public static String random(SecureRandom random) {
    return RandomHex.next(random, 32);
  }
}
