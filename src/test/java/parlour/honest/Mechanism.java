package parlour.honest;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import parlour.Sid;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Generation;
import parlour.scopedauth.Presented;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Verdict;

/** A mechanism that protects honest guests, and that a simulation can do without. */
enum Mechanism {
  NOTHING,
  /** A bound token is renewed after it has expired or was superseded. */
  RENEWAL,
  /** A token is good for a while after its successor was first used. */
  GRACE,
  /** A signal that differs for many guests at once only observes; {@link HonestServer} omits it. */
  BUDGET;

  /** The service without this mechanism. */
  ScopedAuth without(ScopedAuth whole) {
    Map<Sid.Session, Generation> newest = new HashMap<>();
    return switch (this) {
      case NOTHING, BUDGET -> whole;
      case RENEWAL ->
        decorated(whole, (_, judged) -> {
          Verdict verdict = judged.as(Purpose.CALL);
          return verdict instanceof Verdict.Refused(Verdict.Failure failure, boolean _)
              ? new Verdict.Refused(failure)
              : verdict;
        });
      case GRACE ->
        decorated(whole, (purpose, judged) -> {
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

  @FunctionalInterface
  private interface Judged {
    Verdict as(Purpose purpose);
  }

  @FunctionalInterface
  private interface Rule {
    Verdict judge(Purpose purpose, Judged judged);
  }

  /** Passes on every call, and lets a rule judge those that validate. */
  private static ScopedAuth decorated(ScopedAuth whole, Rule rule) {
    return (ScopedAuth) Proxy.newProxyInstance(
        Mechanism.class.getClassLoader(), new Class<?>[] {ScopedAuth.class}, (_, method, args) -> {
          if (method.getName().equals("validate")) {
            var audience = (Audience) args[1];
            return rule.judge(
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
