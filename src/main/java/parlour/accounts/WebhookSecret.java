package parlour.accounts;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What an address and its webhook share, and nobody else has. */
public record WebhookSecret(String text) {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int RANDOM_BYTES = 32;

  /** Another one: the prefix tells people, and tools that look for leaked secrets, what it is. */
  public static WebhookSecret next(SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return new WebhookSecret("whsec_" + HexFormat.of().formatHex(bytes));
  }

  /**
   * The header {@code Parlour-Signature}: HMAC-SHA-256 (RFC 2104), keyed with the UTF-8 of the
   * secret's whole text, over the seconds since 1970, the address and the body, with a line feed
   * between them. The first two hold no line feed, so nothing can move from one part to the next.
   */
  public String signature(Instant now, String url, byte[] body) {
    long seconds = now.getEpochSecond();
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(text.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      mac.update((seconds + "\n" + url + "\n").getBytes(StandardCharsets.UTF_8));
      return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM cannot do " + ALGORITHM, e);
    }
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "WebhookSecret[…]";
  }
}
