package parlour.scopedauth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.zip.CRC32;
import parlour.Limits;
import parlour.Unavailable;
import parlour.http.json.Json;

/**
 * The outer form of a token: {@code plr1.} + base64url of the sealed claims + a checksum.
 *
 * <p>The checksum (CRC-32 of all that comes before it, six characters) is no protection: it lets
 * scanners find leaked tokens, and refuses mangled ones without touching a key.
 */
final class Tokens {
  static final String PREFIX = "plr1.";

  private static final int CHECKSUM_CHARACTERS = 6;
  private static final byte[] PURPOSE =
      "parlour guest token plr1".getBytes(StandardCharsets.US_ASCII);

  /** A token's claims, or why there are none. */
  sealed interface Opened {
    record Genuine(Claims claims) implements Opened {}

    record Rejected(RefusalReason cause) implements Opened {}
  }

  private final TokenKeys keys;

  Tokens(TokenKeys keys) {
    this.keys = keys;
  }

  GuestToken seal(Claims claims) {
    String body = PREFIX
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(keys.seal(Json.write(claims), PURPOSE));
    return new GuestToken(body + checksum(body));
  }

  /**
   * Checks that this installation sealed the token. It checks neither its time nor its session nor
   * its audience.
   *
   * @throws Unavailable if the token is genuine, but its claims cannot be read
   */
  Opened open(GuestToken token) {
    if (!isWellFormed(token)) {
      return new Opened.Rejected(RefusalReason.MALFORMED);
    }
    String text = token.text();
    int bodyEnd = text.length() - CHECKSUM_CHARACTERS;
    String body = text.substring(PREFIX.length(), bodyEnd);
    byte[] sealed;
    try {
      sealed = Base64.getUrlDecoder().decode(body);
    } catch (IllegalArgumentException e) {
      return new Opened.Rejected(RefusalReason.MALFORMED);
    }
    // The decoder also accepts padding, and unused bits at the end; a token must have one spelling
    // only.
    if (!Base64.getUrlEncoder().withoutPadding().encodeToString(sealed).equals(body)) {
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

  /** Whether it can be one of our tokens, as far as that is visible without a key. */
  static boolean isWellFormed(GuestToken token) {
    String text = token.text();
    int bodyEnd = text.length() - CHECKSUM_CHARACTERS;
    return text.length() <= Limits.TOKEN_CHARACTERS
        && bodyEnd >= PREFIX.length()
        && text.startsWith(PREFIX)
        && checksum(text.substring(0, bodyEnd)).equals(text.substring(bodyEnd));
  }

  private static String checksum(String body) {
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.UTF_8));
    byte[] bytes =
        ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
