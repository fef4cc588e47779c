package parlour.scopedauth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.CRC32;
import parlour.Limits;
import parlour.Unavailable;
import parlour.http.json.Json;

/**
 * The outer form of a token: {@code plr1.} + base64url of the sealed claims + a checksum.
 *
 * <p>The checksum (six characters, CRC-32 of the text before it) does not protect a token. It lets
 * scanners find leaked tokens, and lets Parlour refuse damaged ones without using a key.
 */
final class Tokens {
  static final String PREFIX = "plr1.";

  private static final int CHECKSUM_CHARACTERS = 6;
  private static final Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
  private static final byte[] PURPOSE =
      "parlour guest token plr1".getBytes(StandardCharsets.US_ASCII);

  /** The claims of a token, or the reason why it has none. */
  sealed interface Opened {
    record Genuine(Claims claims) implements Opened {}

    record Rejected(RefusalReason reason) implements Opened {}
  }

  private final TokenKeys keys;

  Tokens(TokenKeys keys) {
    this.keys = keys;
  }

  GuestToken seal(Claims claims) {
    byte[] sealed = encoder.encode(keys.seal(Json.write(claims), PURPOSE));
    int bodyEnd = PREFIX.length() + sealed.length;
    ByteBuffer token = ByteBuffer.allocate(bodyEnd + CHECKSUM_CHARACTERS);
    token.put(PREFIX.getBytes(StandardCharsets.US_ASCII)).put(sealed);
    token.put(checksum(token.array(), bodyEnd));
    return new GuestToken(new String(token.array(), StandardCharsets.ISO_8859_1));
  }

  /**
   * Checks that this installation sealed the token. It checks neither its time nor its session nor
   * its audience.
   *
   * @throws Unavailable if the token is genuine, but its claims cannot be read
   */
  Opened open(GuestToken token) {
    Optional<byte[]> formed = wellFormed(token);
    if (formed.isEmpty()) {
      return new Opened.Rejected(RefusalReason.MALFORMED);
    }
    byte[] text = formed.get();
    byte[] body = Arrays.copyOfRange(text, PREFIX.length(), text.length - CHECKSUM_CHARACTERS);
    byte[] sealed;
    try {
      sealed = Base64.getUrlDecoder().decode(body);
    } catch (IllegalArgumentException e) {
      return new Opened.Rejected(RefusalReason.MALFORMED);
    }
    // The decoder also accepts padding, and unused bits at the end. Only one spelling is valid.
    if (!Arrays.equals(encoder.encode(sealed), body)) {
      return new Opened.Rejected(RefusalReason.MALFORMED);
    }
    byte[] claims;
    try {
      claims = keys.open(sealed, PURPOSE);
    } catch (GeneralSecurityException e) {
      return new Opened.Rejected(RefusalReason.FORGED);
    }
    try {
      return new Opened.Genuine(Json.read(claims, Claims.class));
    } catch (Json.Malformed e) {
      // Only our keys seal tokens, so another version of Parlour wrote these claims.
      throw new Unavailable(
          "ScopedAuthService", "a genuine token has claims that this version cannot read", null);
    }
  }

  /** Whether the text has the form of a token, which can be checked without a key. */
  static boolean isWellFormed(GuestToken token) {
    return wellFormed(token).isPresent();
  }

  /** The text of a token that has the form of one, in ASCII. */
  private static Optional<byte[]> wellFormed(GuestToken token) {
    int length = token.text().length();
    int bodyEnd = length - CHECKSUM_CHARACTERS;
    if (length > Limits.TOKEN_CHARACTERS
        || bodyEnd < PREFIX.length()
        || !token.text().startsWith(PREFIX)) {
      return Optional.empty();
    }
    // A character outside of ASCII becomes ?, which no token contains, and a surrogate pair one ?.
    byte[] text = token.text().getBytes(StandardCharsets.US_ASCII);
    return text.length == length
            && Arrays.equals(text, bodyEnd, length, checksum(text, bodyEnd), 0, CHECKSUM_CHARACTERS)
        ? Optional.of(text)
        : Optional.empty();
  }

  private static byte[] checksum(byte[] text, int bodyEnd) {
    CRC32 crc = new CRC32();
    crc.update(text, 0, bodyEnd);
    return encoder.encode(
        ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array());
  }
}
