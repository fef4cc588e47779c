package parlour;

import java.security.SecureRandom;
import java.util.HexFormat;

/** What the processes of an installation show each other. */
final class InternalSecret {
  private InternalSecret() {}

  /** The one that is configured, or that of the file, which is made where it is missing. */
  static String of(Config config, SecureRandom random) {
    return fit(
        config
            .internalSecret()
            .orElseGet(
                () -> DataFolder.secretOrNew(config.internalSecretFile(), () -> random(random))),
        config);
  }

  /** An empty one would let everybody in, and one that a header changes on its way nobody. */
  private static String fit(String internalSecret, Config config) {
    boolean visible = internalSecret.chars().allMatch(c -> c > ' ' && c < 0x7f);
    if (internalSecret.length() < Limits.INTERNAL_SECRET_CHARACTERS || !visible) {
      throw new StartupError(
          "the internal secret (internal.secret, %s) must have %d characters or more, of visible ASCII"
                  .formatted(config.internalSecretFile(), Limits.INTERNAL_SECRET_CHARACTERS)
              + " without spaces; without the setting and the file, one is made");
    }
    return internalSecret;
  }

  private static String random(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
