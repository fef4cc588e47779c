package parlour.proof;

import java.security.interfaces.ECPublicKey;

/** The public key that a browser made for a new session: a point of the curve P-256. */
public final class BrowserKey {
  private static final String FORM =
      "proofKey must be a P-256 public key: its uncompressed point of"
          + " 65 bytes, as WebCrypto exports it with the format \"raw\", in base64url without padding,"
          + " which has 87 characters";
  private static final String POINT = "proofKey is not a point of the curve P-256: make the key"
      + " pair with WebCrypto's generateKey({name: \"ECDH\", namedCurve: \"P-256\"}, …)";

  private final ECPublicKey key;

  private BrowserKey(ECPublicKey key) {
    this.key = key;
  }

  /**
   * Reads the field {@code proofKey} of a new chat.
   *
   * @throws IllegalArgumentException if it is anything else; the message names the field and the
   *     remedy, and does not repeat the value
   */
  public static BrowserKey parse(String proofKey) {
    if (proofKey.length() != P256.KEY_CHARACTERS) {
      throw new IllegalArgumentException(FORM);
    }
    byte[] point =
        CanonicalBase64.readUrl(proofKey).orElseThrow(() -> new IllegalArgumentException(FORM));
    if (point[0] != P256.UNCOMPRESSED) {
      throw new IllegalArgumentException(FORM);
    }
    return new BrowserKey(P256.key(point).orElseThrow(() -> new IllegalArgumentException(POINT)));
  }

  ECPublicKey key() {
    return key;
  }
}
