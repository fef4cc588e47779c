package parlour.scopedauth;

import java.time.Instant;
import java.util.List;
import parlour.Sid;

/**
 * What a token says, once opened. Names are those of RFC 7519 §4.1 where it has one.
 *
 * @param iat nbf and exp too: epoch milliseconds
 * @param generation the token's place in its session's line of tokens, from 1
 */
record Claims(
    String iss,
    String account,
    String deployment,
    String sub,
    String session,
    String conversation,
    List<String> grants,
    long generation,
    String fingerprint,
    long iat,
    long nbf,
    long exp,
    String jti) {

  static final String ISSUER = "parlour";

  Sid.Session sid() {
    return new Sid.Session(session);
  }

  Instant issued() {
    return Instant.ofEpochMilli(iat);
  }
}
