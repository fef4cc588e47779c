package parlour.accounts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;
import parlour.Sha256;

/**
 * An account's own key for digests, which are unrelated to those of another account.
 *
 * <p>Used for fingerprints and for the identities that a deployment issued.
 */
public final class AccountKey {
  public static final int BYTES = 32;

  private final byte[] bytes;

  public AccountKey(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("an account key of " + bytes.length + " bytes");
    }
    this.bytes = bytes.clone();
  }

  byte[] bytes() {
    return bytes.clone();
  }

  /** Makes many digests. For one thread only. */
  public Digests digests() {
    return new Digests(Sha256.keyed(bytes));
  }

  /** HMAC-SHA-256 (RFC 2104), cut to the requested length. */
  public static final class Digests {
    private final Mac mac;

    private Digests(Mac mac) {
      this.mac = mac;
    }

    /**
     * @param label the kind of the text; digests of equal texts under two labels are unrelated
     */
    public byte[] of(String label, String text, int length) {
      mac.update(label.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      mac.update(text.getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(mac.doFinal(), length);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AccountKey key && MessageDigest.isEqual(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "AccountKey[…]";
  }
}
