package parlour.scopedauth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.proof.BrowserKey;
import parlour.proof.KeyAgreement;
import parlour.proof.Nonces;
import parlour.proof.Proof;
import parlour.proof.ProofKey;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;

/**
 * Agrees with browsers on the keys of their sessions, seals each key into a {@link Binding}, and
 * opens it again to check a proof. No key leaves this class.
 */
final class Bindings {
  private static final String PURPOSE = "parlour session key 1 ";

  private final TokenKeys keys;
  private final Nonces nonces;
  private final RateLimiter repeats;
  private final KeyAgreement agreement;

  /**
   * @param repeats counts the repeated calls of each session
   */
  Bindings(TokenKeys keys, Nonces nonces, RateLimiter repeats, SecureRandom random) {
    this.keys = keys;
    this.nonces = nonces;
    this.repeats = repeats;
    this.agreement = new KeyAgreement(random);
  }

  /**
   * A key that was agreed on.
   *
   * @param serverKey the public key from which the browser derives the same key
   */
  record Agreed(Binding binding, String serverKey) {}

  /**
   * Agrees on the key of a new session.
   *
   * @throws IllegalArgumentException if the browser's public key is malformed
   */
  Agreed agree(BindingRequest request, Sid.Session session, Sid.Conversation conversation) {
    // The browser never learns its session's sid.
    KeyAgreement.Agreed agreed =
        agreement.agree(BrowserKey.parse(request.proofKey()), conversation.text());
    byte[] sealed = keys.seal(agreed.key().bytes(), purpose(session));
    return new Agreed(
        new Binding(Base64.getUrlEncoder().withoutPadding().encodeToString(sealed)),
        agreed.serverKey());
  }

  /**
   * Checks whether a browser holds the key of a genuine token.
   *
   * @throws GeneralSecurityException if the token's binding is not of its session, or was sealed by
   *     a key that is not in the ring
   * @throws TooManyRequests if it is not known whether the proof was answered before, or if too
   *     many calls of the session were repeated
   */
  KeyCheck check(Claims claims, Optional<Proof> proof) throws GeneralSecurityException {
    if (claims.cnf().isEmpty()) {
      return KeyCheck.UNBOUND;
    }
    ProofKey key = open(claims.cnf().get(), claims.sid());
    if (proof.isEmpty()) {
      return KeyCheck.MISSING;
    }
    if (!key.proves(proof.get())) {
      return KeyCheck.WRONG;
    }
    return proof.get().nonce().map(nonce -> use(nonce, claims.session())).orElse(KeyCheck.PROVEN);
  }

  private KeyCheck use(Proof.Nonce nonce, String session) {
    if (!nonce.isForOneAnswer()) {
      if (nonces.isRepeated(session, nonce)) {
        countRepeated(session);
      }
      return KeyCheck.PROVEN;
    }
    return switch (nonces.use(session, nonce)) {
      case FIRST -> KeyCheck.PROVEN;
      case SEEN -> KeyCheck.REPLAYED;
      case UNKNOWN -> throw new TooManyRequests("the reads of one session", Limits.RETRY_AFTER);
    };
  }

  /**
   * Counts a call that comes again, so that copies of a guest's calls, which anybody can send, can
   * use up only a small part of what the guest may do.
   */
  private void countRepeated(String session) {
    repeats.tryAcquire(Rate.SESSION_REPEATS, session).ifPresent(wait -> {
      throw new TooManyRequests("the repeated calls of one session", wait);
    });
  }

  /**
   * Demands that a binding is of this session, before a successor of its token gets it.
   *
   * @throws IllegalArgumentException if it is not
   */
  void demandOf(Sid.Session session, Binding binding) {
    try {
      var _ = open(binding, session);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("the binding is not of this session", e);
    }
  }

  private ProofKey open(Binding binding, Sid.Session session) throws GeneralSecurityException {
    byte[] sealed;
    try {
      sealed = Base64.getUrlDecoder().decode(binding.text());
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("not base64url", e);
    }
    return ProofKey.of(keys.open(sealed, purpose(session)));
  }

  /** Another purpose than that of a token, and another one for each session. */
  private static byte[] purpose(Sid.Session session) {
    return (PURPOSE + session.text()).getBytes(StandardCharsets.US_ASCII);
  }
}
