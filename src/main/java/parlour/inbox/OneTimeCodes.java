package parlour.inbox;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.OptionalLong;
import javax.crypto.spec.SecretKeySpec;
import parlour.Durations;
import parlour.Limits;

/**
 * The codes of an authenticator app (RFC 6238): six digits that an HMAC-SHA-1 makes of a secret and of the
 * time in steps of 30 s, which is what all such apps expect.
 */
final class OneTimeCodes {
  static final int DIGITS = 6;
  private static final String BASE_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648 §6

  private OneTimeCodes() {}

  /** A secret of an app, in base64. */
  static String nextSecret(SecureRandom random) {
    byte[] bytes = new byte[Limits.SECOND_FACTOR_BYTES];
    random.nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** A secret as a person types it into an app. */
  static String base32(String secret) {
    StringBuilder text = new StringBuilder();
    long bits = 0;
    int length = 0;
    for (byte one : Base64.getDecoder().decode(secret)) {
      bits = bits << 8 | (one & 0xff);
      length += 8;
      while (length >= 5) {
        length -= 5;
        text.append(BASE_32.charAt((int) (bits >> length & 31)));
      }
    }
    if (length > 0) {
      text.append(BASE_32.charAt((int) (bits << (5 - length) & 31)));
    }
    return text.toString();
  }

  /** The code of a secret at an instant. */
  static String at(String secret, Instant instant) {
    try {
      var generator = new TimeBasedOneTimePasswordGenerator(Limits.SECOND_FACTOR_STEP, DIGITS);
      byte[] bytes = Base64.getDecoder().decode(secret);
      return String.format(
          Locale.ROOT,
          "%0" + DIGITS + "d",
          generator.generateOneTimePassword(
              new SecretKeySpec(bytes, generator.getAlgorithm()), instant));
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("this JVM cannot do HMAC-SHA-1", e);
    }
  }

  /**
   * The time step of a code; empty if it is of none of those around this instant. Compares with each of
   * them in constant time.
   */
  static OptionalLong step(String secret, String code, Instant now) {
    OptionalLong found = OptionalLong.empty();
    byte[] given = code.getBytes(StandardCharsets.UTF_8);
    for (int i = -Limits.SECOND_FACTOR_SKEW_STEPS; i <= Limits.SECOND_FACTOR_SKEW_STEPS; i++) {
      Instant then = now.plus(Durations.times(Limits.SECOND_FACTOR_STEP, i));
      if (MessageDigest.isEqual(at(secret, then).getBytes(StandardCharsets.UTF_8), given)) {
        found = OptionalLong.of(
            Math.floorDiv(then.getEpochSecond(), Limits.SECOND_FACTOR_STEP.toSeconds()));
      }
    }
    return found;
  }
}
