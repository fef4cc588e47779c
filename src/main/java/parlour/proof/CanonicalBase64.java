package parlour.proof;

import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** Base64 in the one spelling that an encoder gives; {@link Base64} reads others, too. */
public final class CanonicalBase64 {
  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  /** Base64 writes groups of these many bytes in as many characters. */
  private static final int BYTES = 3;

  private static final int CHARACTERS = 4;

  private CanonicalBase64() {}

  /** Reads base64 with padding (RFC 4648 §4); empty if it is anything else. */
  static Optional<byte[]> read(String text) {
    return read(text, Base64.getDecoder(), Base64.getEncoder());
  }

  /** Reads base64url without padding (RFC 4648 §5); empty if it is anything else. */
  public static Optional<byte[]> readUrl(String text) {
    return read(text, Base64.getUrlDecoder(), URL);
  }

  /** Writes base64url without padding. */
  static String url(byte[] bytes) {
    return URL.encodeToString(bytes);
  }

  /**
   * The decoder accepts no other characters than those of the alphabet, so that spellings can differ
   * only in the padding and in the unused bits of the last characters.
   */
  private static Optional<byte[]> read(
      String text, Base64.Decoder decoder, Base64.Encoder encoder) {
    byte[] bytes;
    try {
      bytes = decoder.decode(text);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int whole = Math.max(0, bytes.length - 1) / BYTES;
    String end = encoder.encodeToString(Arrays.copyOfRange(bytes, whole * BYTES, bytes.length));
    int endAt = whole * CHARACTERS;
    return text.length() == endAt + end.length() && text.endsWith(end)
        ? Optional.of(bytes)
        : Optional.empty();
  }
}
