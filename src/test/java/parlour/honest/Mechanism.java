package parlour.honest;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import parlour.Limits;
import parlour.Sid;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Generation;
import parlour.scopedauth.Guest;
import parlour.scopedauth.Presented;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Verdict;

/**
 * A mechanism that protects honest guests, or that protects them from thieves. A simulation can do
 * without it.
 */
enum Mechanism {
  NOTHING,
  /** A bound token is renewed after it has expired or was superseded. */
  RENEWAL,
  /** A token is good for a while after its successor was first used. */
  GRACE,
  /** A signal that differs for many guests at once only observes; {@link HonestServer} omits it. */
  BUDGET,
  /** A bound token needs a proof; without this, only its first use does. */
  PROOF,
  /** The grace of a token is short; without this, it is ten times as long. */
  SHORT_GRACE,
  /** A token expires. */
  EXPIRY,
  /** A session ends, or is revoked. */
  END,
  /** A proof is good for one answer; {@link HonestServer} omits it. */
  NONCES;

  /** The service without this mechanism. */
  ScopedAuth without(ScopedAuth whole, InstantSource clock) {
    Map<Sid.Session, Generation> newest = new HashMap<>();
    return switch (this) {
      case NOTHING, BUDGET, NONCES -> whole;
      case PROOF ->
        forgiving(
            whole, (presented, refused, _) -> presented.proof().isEmpty() && !refused.renewable());
      case EXPIRY ->
        forgiving(
            whole,
            (_, refused, guest) ->
                refused.renewable() && !clock.instant().isBefore(guest.tokenExpires()));
      case END ->
        forgiving(
            whole,
            (presented, _, guest) ->
                presented.proof().isPresent() && !whole.isLive(guest.session()));
      case SHORT_GRACE -> withLongGrace(whole, clock);
      case RENEWAL ->
        decorated(whole, (_, _, judged) -> {
          Verdict verdict = judged.as(Purpose.CALL);
          return verdict instanceof Verdict.Refused(Verdict.Failure failure, boolean _)
              ? new Verdict.Refused(failure)
              : verdict;
        });
      case GRACE ->
        decorated(whole, (_, purpose, judged) -> {
          Verdict verdict = judged.as(purpose);
          if (verdict instanceof Verdict.Authorized(var guest)) {
            Generation given = guest.token().generation();
            Generation last = newest.getOrDefault(guest.session(), given);
            if (last.number() > given.number()) {
              return new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED);
            }
            newest.put(guest.session(), given);
          }
          return verdict;
        });
    };
  }

  /** A service that accepts some tokens again that it has accepted before. */
  private static ScopedAuth forgiving(ScopedAuth whole, Excuse excuse) {
    Map<String, Verdict.Authorized> before = new HashMap<>();
    return decorated(whole, (presented, purpose, judged) -> {
      Verdict verdict = judged.as(purpose);
      Verdict.Authorized known = before.get(presented.token().text());
      if (verdict instanceof Verdict.Authorized authorized) {
        before.put(presented.token().text(), authorized);
      } else if (verdict instanceof Verdict.Refused refused
          && known != null
          && excuse.applies(presented, refused, known.guest())) {
        return known;
      }
      return verdict;
    });
  }

  private static ScopedAuth withLongGrace(ScopedAuth whole, InstantSource clock) {
    NavigableMap<Long, Instant> firstUses = new TreeMap<>(); // by generation, of one session
    ScopedAuth watched = decorated(whole, (_, purpose, judged) -> {
      Verdict verdict = judged.as(purpose);
      if (verdict instanceof Verdict.Authorized(var guest)) {
        firstUses.putIfAbsent(guest.token().generation().number(), clock.instant());
      }
      return verdict;
    });
    Duration grace = Limits.GENERATION_GRACE.multipliedBy(10);
    return forgiving(watched, (_, refused, guest) -> {
      var successor = firstUses.higherEntry(guest.token().generation().number());
      if (successor == null || !refused.renewable()) {
        return false;
      }
      Duration since = Duration.between(successor.getValue(), clock.instant());
      return since.compareTo(Limits.GENERATION_GRACE) >= 0
          && since.compareTo(grace) < 0
          && clock.instant().isBefore(guest.tokenExpires());
    });
  }

  /** Whether a token is accepted again. */
  @FunctionalInterface
  private interface Excuse {
    boolean applies(Presented presented, Verdict.Refused refused, Guest guest);
  }

  @FunctionalInterface
  private interface Judged {
    Verdict as(Purpose purpose);
  }

  @FunctionalInterface
  private interface Rule {
    Verdict judge(Presented presented, Purpose purpose, Judged judged);
  }

  /** Passes on every call, and lets a rule judge those that validate. */
  private static ScopedAuth decorated(ScopedAuth whole, Rule rule) {
    return (ScopedAuth) Proxy.newProxyInstance(
        Mechanism.class.getClassLoader(),
        new Class<?>[] {ScopedAuth.class},
        (proxy, method, args) -> {
          if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, args); // it validates
          }
          if (method.getName().equals("validate")) {
            var audience = (Audience) args[1];
            return rule.judge(
                (Presented) args[0],
                (Purpose) args[2],
                purpose -> whole.validate((Presented) args[0], audience, purpose));
          }
          try {
            return method.invoke(whole, args);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }
}
