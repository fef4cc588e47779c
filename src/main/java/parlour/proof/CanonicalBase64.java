package parlour.proof;

import java.util.Base64;
import java.util.Optional;

/** Base64 in the one spelling that an encoder gives; {@link Base64} reads others, too. */
final class CanonicalBase64 {
  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private CanonicalBase64() {}

  /** Reads base64 with padding (RFC 4648 §4); empty if it is anything else. */
  static Optional<byte[]> read(String text) {
    return read(text, Base64.getDecoder(), Base64.getEncoder());
  }

  /** Reads base64url without padding (RFC 4648 §5); empty if it is anything else. */
  static Optional<byte[]> readUrl(String text) {
    return read(text, Base64.getUrlDecoder(), URL);
  }

  /** Writes base64url without padding. */
  static String url(byte[] bytes) {
    return URL.encodeToString(bytes);
  }

  private static Optional<byte[]> read(
      String text, Base64.Decoder decoder, Base64.Encoder encoder) {
    try {
      byte[] bytes = decoder.decode(text);
      return Optional.of(bytes).filter(_ -> encoder.encodeToString(bytes).equals(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
