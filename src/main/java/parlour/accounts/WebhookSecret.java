package parlour.accounts;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import parlour.RandomHex;
import parlour.Sha256;

/** The secret that an address shares with its webhook. */
public record WebhookSecret(String text) {
  private static final int RANDOM_BYTES = 32;

  /** Generates a secret. Its prefix lets people and scanners for leaked secrets recognize it. */
  public static WebhookSecret next(SecureRandom random) {
    return new WebhookSecret("whsec_" + RandomHex.next(random, RANDOM_BYTES));
  }

  /**
   * The header {@code Parlour-Signature}: HMAC-SHA-256 (RFC 2104), keyed with the UTF-8 of the
   * secret's whole text, over the seconds since 1970, the address and the body, with a line feed
   * between them. The first two hold no line feed, so nothing can move from one part to the next.
   */
  public String signature(Instant now, String url, byte[] body) {
    long seconds = now.getEpochSecond();
    Mac mac = Sha256.keyed(text.getBytes(StandardCharsets.UTF_8));
    mac.update((seconds + "\n" + url + "\n").getBytes(StandardCharsets.UTF_8));
    return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "WebhookSecret[…]";
  }
}
