package parlour.scopedauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * The content of a token. Names are those of RFC 7519 §4.1 where it has one. The components are the
 * members of the JSON that a token seals, in this order.
 *
 * @param iat with nbf and exp: epoch milliseconds
 * @param generation the token's number in its session, from 1
 * @param cnf the key that a browser must prove to use the token (RFC 7800); empty if the token is
 *     not bound to one, as all tokens of older versions
 */
record Claims(
    String iss,
    String account,
    String deployment,
    String sub,
    String session,
    String conversation,
    List<String> grants,
    Generation generation,
    String fingerprint,
    long iat,
    long nbf,
    long exp,
    String jti,
    Optional<Binding> cnf) {

  private static final String ISSUER = "parlour";

  /** The claims of a token that is valid from now on. */
  static Claims of(
      SessionOwner owner,
      List<String> grants,
      TokenGeneration generation,
      Fingerprint fingerprint,
      Instant now,
      Instant expiration,
      String jti,
      Optional<Binding> binding) {
    return new Claims(
        ISSUER,
        owner.account().text(),
        owner.deployment().text(),
        owner.identity().text(),
        generation.session().text(),
        owner.conversation().text(),
        grants,
        generation.generation(),
        fingerprint.text(),
        now.toEpochMilli(),
        now.toEpochMilli(),
        expiration.toEpochMilli(),
        jti,
        binding);
  }

  boolean isFor(Audience audience) {
    return iss.equals(ISSUER)
        && account.equals(audience.account().text())
        && deployment.equals(audience.deployment().text());
  }

  TokenAudience audience() {
    return new TokenAudience(new Sid.Account(account), new Sid.Deployment(deployment));
  }

  SessionOwner owner() {
    return new SessionOwner(
        new Sid.Account(account),
        new Sid.Deployment(deployment),
        new Identity(sub),
        new Sid.Conversation(conversation));
  }

  Sid.Session sid() {
    return new Sid.Session(session);
  }

  TokenGeneration token() {
    return new TokenGeneration(sid(), generation);
  }

  Instant issued() {
    return Instant.ofEpochMilli(iat);
  }

  Instant expires() {
    return Instant.ofEpochMilli(exp);
  }
}
