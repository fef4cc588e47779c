package parlour.scopedauth;

import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * A keyed digest of the network that a call comes from. It lets {@link SignalBudget} count each
 * network once, without knowing it.
 *
 * <p>FlexWebchatOrchestratorService makes it under the account's key.
 */
public record NetworkDigest(long bits) {
  public static final int BYTES = Long.BYTES;

  private static final Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();

  /**
   * @param digest of {@link #BYTES} bytes
   */
  public static NetworkDigest of(byte[] digest) {
    if (digest.length != BYTES) {
      throw new IllegalArgumentException("a network's digest of " + digest.length + " bytes");
    }
    return new NetworkDigest(ByteBuffer.wrap(digest).getLong());
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException if it has another form; the message does not repeat the text
   */
  public static NetworkDigest parse(String text) {
    return of(Base64.getUrlDecoder().decode(text));
  }

  /** The form on the wire: base64url. */
  public String text() {
    return encoder.encodeToString(ByteBuffer.allocate(BYTES).putLong(bits).array());
  }

  /** Omits the digest. */
  @Override
  public String toString() {
    return "NetworkDigest[…]";
  }
}
