package parlour.scopedauth;

import java.time.Duration;

/**
 * The request to bind a new session to a key that its browser holds.
 *
 * @param proofKey the browser's public key: a point of P-256, uncompressed, in base64url
 * @param idleTtl how long the session lives without a new token
 */
public record BindingRequest(String proofKey, Duration idleTtl) {}
