package parlour;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** SHA-256 (FIPS 180-4), and HMAC with it (RFC 2104). Texts are digested as UTF-8. */
public final class Sha256 {
  private static final String HMAC = "HmacSHA256";

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
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** A digest that only a holder of the key can compute. */
  public static byte[] keyed(byte[] key, String text) {
    return keyed(key).doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The same of bytes that are added one part after the other; for one thread. */
  public static Mac keyed(byte[] key) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + HMAC, e);
    }
  }
}
