package parlour.oidc;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import parlour.Limits;
import parlour.RandomHex;
import parlour.Sha256;

/**
 * One attempt of a browser to sign in at the provider. Everything that binds its steps to each
 * other is derived from the secret in the browser's cookie, so no process keeps anything of an
 * attempt that has not ended. The nonce, which the provider signs, also covers the time.
 */
public final class Attempt {
  /** The digits of a cookie: the time in seconds, and 256 random bits. */
  public static final int COOKIE_DIGITS = 8 + 64;

  private static final int TIME_DIGITS = 8;
  private static final int RANDOM_BYTES = 32;
  private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();

  private final String cookie;
  private final Instant begun;

  private Attempt(String cookie, Instant begun) {
    this.cookie = cookie;
    this.begun = begun;
  }

  public static Attempt begin(SecureRandom random, Instant now) {
    String time = HexFormat.of().toHexDigits(now.getEpochSecond(), TIME_DIGITS);
    return of(time + RandomHex.next(random, RANDOM_BYTES)).orElseThrow();
  }

  /** The attempt of a browser; empty if the text is not of such a cookie. */
  public static Optional<Attempt> of(String cookie) {
    if (!cookie.matches("[0-9a-f]{" + COOKIE_DIGITS + "}")) {
      return Optional.empty();
    }
    long seconds = HexFormat.fromHexDigitsToLong(cookie, 0, TIME_DIGITS);
    return Optional.of(new Attempt(cookie, Instant.ofEpochSecond(seconds)));
  }

  /** The secret that only the browser has. */
  public String cookie() {
    return cookie;
  }

  Instant begun() {
    return begun;
  }

  /** Whether it can still end. */
  public boolean isOpen(Instant now) {
    return now.isBefore(begun.plus(Limits.OIDC_ATTEMPT))
        && !now.isBefore(begun.minus(Limits.OIDC_CLOCK_SKEW));
  }

  /** Whether the provider returned the state of this attempt. */
  public boolean hasState(String given) {
    return isSame(state(), given);
  }

  boolean hasNonce(String given) {
    return isSame(nonce(), given);
  }

  private static boolean isSame(String known, String given) {
    return MessageDigest.isEqual(
        known.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  String state() {
    return derived("state");
  }

  String nonce() {
    return derived("nonce");
  }

  /** The secret whose digest the provider has from the beginning (RFC 7636). */
  String verifier() {
    return derived("verifier");
  }

  String challenge() {
    return TEXT.encodeToString(Sha256.of(verifier()));
  }

  /** Names the attempt in the store, once it has succeeded. */
  public String digest() {
    return derived("digest");
  }

  private String derived(String purpose) {
    return TEXT.encodeToString(
        Sha256.keyed(cookie.getBytes(StandardCharsets.US_ASCII), "oidc " + purpose));
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "Attempt[" + begun + "]";
  }
}
