package parlour.redis;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import parlour.Limits;
import parlour.rates.Buckets;
import parlour.rates.Rate;

/** Buckets that all nodes share; and each its own, while Redis does not answer. */
final class RedisBuckets implements Buckets {
  private static final String MAC = "HmacSHA256";
  private static final int DIGEST_BYTES = 16;

  private final RedisSpeaker speaker;
  private final Buckets near;
  private final SecretKeySpec key;

  /**
   * @param secret the same on every node: under it addresses and sids are digested, which must not
   *     be found in Redis
   */
  RedisBuckets(RedisSpeaker speaker, Buckets near, String secret) {
    this.speaker = speaker;
    this.near = near;
    this.key = new SecretKeySpec(digest(keyOf(secret), "rates"), MAC);
  }

  /** A digest of a text under the secret, in hex: half of it, as for all names in Redis. */
  static String digest(String secret, String text) {
    return HexFormat.of().formatHex(Arrays.copyOf(digest(keyOf(secret), text), DIGEST_BYTES));
  }

  private static SecretKeySpec keyOf(String secret) {
    return new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), MAC);
  }

  @Override
  public Optional<Duration> tooMany(Rate rate, String whose, int drops) {
    long window = TimeUnit.NANOSECONDS.toMicros(Limits.RATE_WINDOW.toNanos());
    OptionalLong wait =
        speaker.take(key(rate, whose), (double) window * drops / rate.calls(), window);
    if (wait.isEmpty()) {
      return near.tooMany(rate, whose, drops);
    }
    return wait.getAsLong() == 0
        ? Optional.empty()
        : Optional.of(Duration.of(wait.getAsLong(), ChronoUnit.MICROS));
  }

  private String key(Rate rate, String whose) {
    byte[] digest = Arrays.copyOf(digest(key, whose), DIGEST_BYTES);
    return "parlour:1:rate:%s:%s"
        .formatted(
            rate.name().toLowerCase(Locale.ROOT).replace('_', '-'),
            HexFormat.of().formatHex(digest));
  }

  private static byte[] digest(SecretKeySpec key, String text) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
