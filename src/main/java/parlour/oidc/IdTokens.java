package parlour.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import parlour.ClockWatch;
import parlour.Limits;

/** Checks ID tokens (OpenID Connect Core 1.0, 3.1.3.7). */
final class IdTokens {
  /** Asymmetric ones only: a client secret or a public key never is a key for a MAC. */
  private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
      JWSAlgorithm.RS256,
      JWSAlgorithm.RS384,
      JWSAlgorithm.RS512,
      JWSAlgorithm.PS256,
      JWSAlgorithm.PS384,
      JWSAlgorithm.PS512,
      JWSAlgorithm.ES256,
      JWSAlgorithm.ES384,
      JWSAlgorithm.ES512);

  private final String issuer;
  private final String clientId;
  private final String groupsClaim;
  private final ClockWatch clock;

  IdTokens(String issuer, String clientId, String groupsClaim, ClockWatch clock) {
    this.issuer = issuer;
    this.clientId = clientId;
    this.groupsClaim = groupsClaim;
    this.clock = clock;
  }

  /** Parses a token, of which nothing is checked but the kind of its signature. */
  static SignedJWT parse(String text) throws TokenRefused {
    SignedJWT token;
    try {
      token = SignedJWT.parse(text);
    } catch (ParseException | RuntimeException e) { // its message can quote the token
      throw TokenRefused.because("it is not a signed token");
    }
    if (!ALGORITHMS.contains(token.getHeader().getAlgorithm())) {
      throw TokenRefused.because("it is signed by an algorithm that is not asymmetric");
    }
    return token;
  }

  /** Whether the set lacks the key that the token names, so that a newer set may have it. */
  static boolean lacksKey(JWKSet keys, SignedJWT token) {
    String id = token.getHeader().getKeyID();
    return id != null && keys.getKeyByKeyId(id) == null;
  }

  /**
   * Checks the signature and every claim.
   *
   * @throws ProviderUnavailable if only the clock speaks against it, and the clock is in doubt
   */
  Person check(SignedJWT token, JWKSet keys, Attempt attempt) throws TokenRefused {
    JWTClaimsSet claims = signed(token, keys);
    try {
      return check(claims, attempt);
    } catch (ParseException e) {
      throw TokenRefused.because("a claim has the wrong type");
    }
  }

  private static JWTClaimsSet signed(SignedJWT token, JWKSet keys) throws TokenRefused {
    var processor = new DefaultJWTProcessor<SecurityContext>();
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(ALGORITHMS, new ImmutableJWKSet<>(keys)));
    processor.setJWTClaimsSetVerifier((_, _) -> {}); // by check, on our clock
    try {
      return processor.process(token, null);
    } catch (BadJWSException e) {
      throw TokenRefused.because("its signature is wrong");
    } catch (BadJOSEException e) {
      throw TokenRefused.because("the provider publishes no key for it");
    } catch (JOSEException e) {
      throw TokenRefused.because("its key cannot be used");
    }
  }

  private Person check(JWTClaimsSet claims, Attempt attempt) throws TokenRefused, ParseException {
    if (!issuer.equals(claims.getIssuer())) {
      throw TokenRefused.because("its issuer (iss) is not oidc.issuer");
    }
    checkAudience(claims);
    checkTimes(claims, attempt);
    String nonce = claims.getStringClaim("nonce");
    if (nonce == null || !attempt.hasNonce(nonce)) {
      throw TokenRefused.because("its nonce is of another attempt");
    }
    String subject = claims.getSubject();
    if (subject == null
        || subject.isEmpty()
        || subject.length() > Limits.OIDC_SUBJECT_CHARACTERS
        || !subject.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      throw TokenRefused.because("its subject (sub) is missing or malformed");
    }
    return new Person(
        issuer,
        subject,
        Optional.ofNullable(claims.getStringClaim("preferred_username")),
        Optional.ofNullable(claims.getStringClaim("name")),
        groups(claims.getClaim(groupsClaim)));
  }

  private void checkAudience(JWTClaimsSet claims) throws TokenRefused, ParseException {
    List<String> audience = claims.getAudience();
    if (!audience.contains(clientId)) {
      throw TokenRefused.because("its audience (aud) is not oidc.client-id");
    }
    String authorized = claims.getStringClaim("azp");
    if (authorized == null ? audience.size() > 1 : !authorized.equals(clientId)) {
      throw TokenRefused.because("it was issued for another client (azp)");
    }
  }

  private void checkTimes(JWTClaimsSet claims, Attempt attempt) throws TokenRefused {
    Instant now = clock.instant();
    Instant ends = time(claims.getExpirationTime(), "exp");
    Instant issued = time(claims.getIssueTime(), "iat");
    Date notBefore = claims.getNotBeforeTime();
    if (!now.isBefore(ends.plus(Limits.OIDC_CLOCK_SKEW))) {
      throw refusedByClock("it has expired (exp)");
    }
    if (issued.isAfter(now.plus(Limits.OIDC_CLOCK_SKEW))
        || issued.isBefore(attempt.begun().minus(Limits.OIDC_BACKDATED))
        || (notBefore != null && notBefore.toInstant().isAfter(now.plus(Limits.OIDC_CLOCK_SKEW)))) {
      throw refusedByClock("it was not issued during this attempt (iat, nbf)");
    }
  }

  private TokenRefused refusedByClock(String why) {
    if (clock.isInDoubt()) {
      throw new ProviderUnavailable("the clock has jumped, and may be wrong");
    }
    return TokenRefused.because(why + ": are the clocks of Parlour and of the provider right?");
  }

  private static Instant time(@Nullable Date claim, String name) throws TokenRefused {
    if (claim == null) {
      throw TokenRefused.because("it has no " + name);
    }
    return claim.toInstant();
  }

  private static Set<String> groups(@Nullable Object claim) {
    Set<String> groups = new HashSet<>();
    if (claim instanceof String one) {
      groups.add(one);
    } else if (claim instanceof List<?> several) {
      several.stream().filter(String.class::isInstance).forEach(one -> groups.add((String) one));
    }
    return Set.copyOf(groups);
  }
}
