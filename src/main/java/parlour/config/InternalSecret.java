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
   * Checks the secret. An empty one would admit everybody, and one that an HTTP header changes on its
   * way would admit nobody.
   *
   * @param file where the secret is stored unless it is configured
   */
  public static String fit(String internalSecret, Path file) {
    boolean visible = internalSecret.chars().allMatch(c -> c > ' ' && c < 0x7f);
    if (internalSecret.length() < Limits.INTERNAL_SECRET_CHARACTERS || !visible) {
      throw new StartupError(
          "the internal secret (internal.secret, %s) must have %d characters or more, of visible ASCII"
                  .formatted(file, Limits.INTERNAL_SECRET_CHARACTERS)
              + " without spaces; without the setting and the file, one is made");
    }
    return internalSecret;
  }

  public static String random(SecureRandom random) {
    return RandomHex.next(random, 32);
  }
}
