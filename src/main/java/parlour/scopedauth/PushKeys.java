package parlour.scopedauth;

import java.time.Instant;

/**
 * Signs for push services: they recognize an installation by the key pair under which its subscriptions
 * were made (RFC 8292). The private key stays with ScopedAuthService. Every method throws {@link
 * parlour.Unavailable}.
 */
public interface PushKeys {
  /**
   * The public key, which a browser needs to subscribe: an uncompressed point in base64url ({@code
   * POST /v1/PushKeys/public}). The first call makes the key pair.
   */
  String publicKey();

  /**
   * Makes the Authorization of calls to one push service ({@code POST /v1/PushKeys/sign}).
   *
   * @param audience the origin of the push service
   * @param contact a mailto: or https: address of the operator
   * @param expires at most a day away
   */
  PushAuthorization sign(String audience, String contact, Instant expires);
}
