package parlour.spec;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import java.io.ByteArrayOutputStream;
import java.security.InvalidKeyException;
import java.time.InstantSource;
import java.util.Base64;
import javax.crypto.spec.SecretKeySpec;
import parlour.Limits;

/** An authenticator app that has read a secret in base 32. */
public final class AuthenticatorApp {
  private final InstantSource clock;
  private final byte[] secret;

  public AuthenticatorApp(InstantSource clock, String base32) {
    this.clock = clock;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int bits = 0;
    int length = 0;
    for (int i = 0; i < base32.length(); i++) {
      bits = bits << 5 | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(base32.charAt(i));
      length += 5;
      if (length >= 8) {
        length -= 8;
        bytes.write(bits >> length);
      }
    }
    secret = bytes.toByteArray();
  }

  /** The code that is shown in so many steps of 30 s; 0 for now. */
  public String code(int steps) {
    var generator = new TimeBasedOneTimePasswordGenerator();
    try {
      return generator.generateOneTimePasswordString(
          new SecretKeySpec(secret, generator.getAlgorithm()),
          clock.instant().plus(Limits.SECOND_FACTOR_STEP.multipliedBy(steps)));
    } catch (InvalidKeyException e) {
      throw new IllegalStateException(e);
    }
  }

  /** In base64. */
  String secret() {
    return Base64.getEncoder().encodeToString(secret);
  }
}
