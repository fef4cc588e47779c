package parlour.orchestrator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import parlour.Identity;
import parlour.accounts.Configuration;

/**
 * Issues the identities of a deployment's guests. They are random and signed, so that the
 * deployment recognizes them without storing them.
 */
final class Identities {
  private static final Pattern FORM = Pattern.compile("guest_[0-9a-f]{32}_[0-9a-f]{32}");
  static final int RANDOM_BYTES = 16;
  private static final int SIGNATURE_BYTES = 16;

  private final SecureRandom random;

  Identities(SecureRandom random) {
    this.random = random;
  }

  Identity issue(Configuration configuration) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return issue(configuration, bytes);
  }

  /**
   * @param bytes {@link #RANDOM_BYTES} bytes that nobody can guess
   */
  Identity issue(Configuration configuration, byte[] bytes) {
    String name = "guest_" + HexFormat.of().formatHex(bytes);
    return new Identity(name + "_" + signature(name, configuration));
  }

  /** Whether this deployment issued the identity. */
  boolean issued(String identity, Configuration configuration) {
    if (!FORM.matcher(identity).matches()) {
      return false;
    }
    int end = identity.lastIndexOf('_');
    String expected = signature(identity.substring(0, end), configuration);
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.US_ASCII),
        identity.substring(end + 1).getBytes(StandardCharsets.US_ASCII));
  }

  private static String signature(String name, Configuration configuration) {
    byte[] digest = configuration
        .accountKey()
        .digests()
        .of("identity " + configuration.deployment().text(), name, SIGNATURE_BYTES);
    return HexFormat.of().formatHex(digest);
  }
}
