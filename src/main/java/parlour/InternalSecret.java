package parlour;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/** What the processes of an installation show each other. */
final class InternalSecret {
  private InternalSecret() {}

  /**
   * The secret, if it can be used: an empty one would let everybody in, and one that a header changes
   * on its way nobody.
   *
   * @param file where it is kept unless it is configured
   */
  static String fit(String internalSecret, Path file) {
    boolean visible = internalSecret.chars().allMatch(c -> c > ' ' && c < 0x7f);
    if (internalSecret.length() < Limits.INTERNAL_SECRET_CHARACTERS || !visible) {
      throw new StartupError(
          "the internal secret (internal.secret, %s) must have %d characters or more, of visible ASCII"
                  .formatted(file, Limits.INTERNAL_SECRET_CHARACTERS)
              + " without spaces; without the setting and the file, one is made");
    }
    return internalSecret;
  }

  static String random(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
