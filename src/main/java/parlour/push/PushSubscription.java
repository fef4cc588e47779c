package parlour.push;

import java.net.URI;
import java.net.URISyntaxException;
import parlour.Limits;
import parlour.PlainText;
import parlour.proof.CanonicalBase64;
import parlour.proof.P256;

/**
 * A subscription as a browser made it (RFC 8030, RFC 8291), and the texts of its notifications. A
 * holder of the endpoint and the secret can show notifications in that browser.
 *
 * @param endpoint the address at the push service
 * @param browserKey the browser's public key, in base64url
 * @param auth the secret of the subscription, in base64url
 * @param title of each notification: the name of the team, from the page
 * @param text of each notification, in the language of the page
 */
public record PushSubscription(
    String endpoint, String browserKey, String auth, String title, String text) {

  /**
   * @throws IllegalArgumentException with the field and the remedy; the message does not repeat a
   *     value
   */
  public PushSubscription {
    if (endpoint.length() > Limits.PUSH_ENDPOINT_CHARACTERS || !isAddress(endpoint)) {
      throw new IllegalArgumentException(
          "endpoint must be the address from the browser's PushSubscription, of at most %d characters"
              .formatted(Limits.PUSH_ENDPOINT_CHARACTERS));
    }
    if (browserKey.length() != P256.KEY_CHARACTERS
        || CanonicalBase64.readUrl(browserKey).flatMap(P256::key).isEmpty()) {
      throw new IllegalArgumentException("p256dh must be the key of that name from the browser's"
          + " PushSubscription: 65 bytes in base64url without padding");
    }
    if (CanonicalBase64.readUrl(auth)
        .filter(secret -> secret.length == PushEncryption.AUTH_BYTES)
        .isEmpty()) {
      throw new IllegalArgumentException("auth must be the key of that name from the browser's"
          + " PushSubscription: 16 bytes in base64url without padding");
    }
    check("title", title);
    check("text", text);
  }

  private static void check(String name, String text) {
    if (text.isBlank() || text.length() > Limits.PUSH_TEXT_CHARACTERS || !PlainText.isPlain(text)) {
      throw new IllegalArgumentException(
          "%s must have 1 to %d characters, and no control characters"
              .formatted(name, Limits.PUSH_TEXT_CHARACTERS));
    }
  }

  private static boolean isAddress(String endpoint) {
    try {
      return new URI(endpoint).getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Omits all values. */
  @Override
  public String toString() {
    return "PushSubscription[…]";
  }
}
