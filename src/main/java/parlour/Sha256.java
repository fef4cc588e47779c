package parlour;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** SHA-256 (FIPS 180-4), and HMAC with it (RFC 2104). Texts are digested as UTF-8. */
public final class Sha256 {
  private static final String HMAC = "HmacSHA256";

  // Only ever cloned: to look for a provider takes longer than to digest a short text.
  private static final MessageDigest DIGEST;
  private static final Mac MAC;

  static {
    try {
      DIGEST = MessageDigest.getInstance("SHA-256");
      MAC = Mac.getInstance(HMAC);
      MAC.init(new SecretKeySpec(new byte[1], HMAC)); // chooses the provider, which a clone keeps
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256 and " + HMAC, e);
    }
  }

  private Sha256() {}

  public static byte[] of(byte[] bytes) {
    return begin().digest(bytes);
  }

  public static byte[] of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A digest of bytes that are added one part after the other. */
  public static MessageDigest begin() {
    try {
      return (MessageDigest) DIGEST.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("every JDK can clone SHA-256", e);
    }
  }

  /** A digest that only a holder of the key can compute. */
  public static byte[] keyed(byte[] key, String text) {
    return keyed(key).doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The start of such a digest, in hex: a name that reveals nothing of the text. */
  public static String keyedHex(byte[] key, String text, int bytes) {
    return HexFormat.of().formatHex(keyed(key, text), 0, bytes);
  }

  /** Begins an HMAC of bytes that are added one part after the other; for one thread. */
  public static Mac keyed(byte[] key) {
    try {
      Mac mac = (Mac) MAC.clone();
      mac.init(new SecretKeySpec(key, HMAC));
      return mac;
    } catch (CloneNotSupportedException | GeneralSecurityException e) {
      throw new IllegalStateException("every JDK can clone " + HMAC, e);
    }
  }
}
