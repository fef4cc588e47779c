package parlour.accounts;

import java.time.Duration;
import java.util.Optional;
import parlour.Durations;
import parlour.Limits;

/**
 * How long the tokens, sessions and conversations of a deployment live.
 *
 * @param token how long each token is valid
 * @param session from the beginning of a session to its absolute end; empty: depends on whether the
 *     session is bound to a key
 * @param idle how long a session that is bound to a key lives without a new token; empty: the
 *     default
 * @param keep how long conversations are kept after their last change; empty: forever
 * @param reopen how long after its end a conversation can be reopened; zero: not at all
 */
public record Lifetimes(
    Duration token,
    Optional<Duration> session,
    Optional<Duration> idle,
    Optional<Duration> keep,
    Duration reopen) {
  /** The word for conversations that Parlour does not erase by itself. */
  public static final String FOREVER = "forever";

  /** The word for a lifetime that Parlour chooses. */
  public static final String USUAL = "default";

  /** The word for chats that cannot be reopened. */
  public static final String OFF = "off";

  public static final Lifetimes DEFAULT = ofTokens(Limits.TOKEN_TTL_DEFAULT);

  /**
   * @throws IllegalArgumentException naming the lifetime, its bounds and the value
   */
  public Lifetimes {
    within("token TTL", token, Limits.MIN_TOKEN_TTL, Limits.MAX_TOKEN_TTL);
    session.ifPresent(
        ttl -> within("session TTL", ttl, Limits.MIN_TOKEN_TTL, Limits.MAX_SESSION_TTL));
    idle.ifPresent(ttl -> {
      within("idle TTL", ttl, Limits.MIN_IDLE_TTL, Limits.MAX_SESSION_TTL);
      fits(ttl, token, session.orElse(Limits.BOUND_SESSION_TTL_DEFAULT));
    });
    keep.ifPresent(Lifetimes::checkKeep);
    within("time to reopen a conversation", reopen, Duration.ZERO, Limits.MAX_SESSION_TTL);
  }

  /**
   * Reads a time, or the word that stands for none.
   *
   * @param before the value if none was given
   * @throws IllegalArgumentException with the remedy
   */
  public static Optional<Duration> parsed(
      Optional<String> given, String none, Optional<Duration> before) {
    try {
      return given.isEmpty()
          ? before
          : given.filter(text -> !text.equals(none)).map(Durations::parse);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s, or %s, not \"%s\"".formatted(e.getMessage(), none, given.orElse("")), e);
    }
  }

  /** Tokens that live that long, and the defaults for everything else. */
  public static Lifetimes ofTokens(Duration token) {
    return new Lifetimes(
        token, Optional.empty(), Optional.empty(), Optional.empty(), Limits.REOPEN_DEFAULT);
  }

  /** From the beginning of a session to its absolute end. */
  public Duration sessionTtl(boolean bound) {
    return session.orElse(
        bound ? Limits.BOUND_SESSION_TTL_DEFAULT : Limits.UNBOUND_SESSION_TTL_DEFAULT);
  }

  /** How long a session that is bound to a key lives without a new token. */
  public Duration idleTtl() {
    return Durations.min(idle.orElse(Limits.IDLE_TTL_DEFAULT), sessionTtl(true));
  }

  /**
   * @throws IllegalArgumentException with the bounds and the value
   */
  static void checkKeep(Duration time) {
    within("time that conversations are kept", time, Limits.MIN_RETENTION, Limits.MAX_RETENTION);
  }

  /** These lifetimes with another time in which an ended conversation can be reopened. */
  public Lifetimes reopening(Duration changed) {
    return new Lifetimes(token, session, idle, keep, changed);
  }

  private static void fits(Duration idle, Duration token, Duration session) {
    if (idle.compareTo(session) > 0) {
      throw new IllegalArgumentException(
          ("the idle TTL (%s) is longer than the session TTL (%s), so it would never end a session:"
                  + " give a shorter --idle-ttl, a longer --session-ttl, or --idle-ttl default")
              .formatted(Durations.text(idle), Durations.text(session)));
    }
    if (idle.compareTo(Durations.min(Durations.times(token, Limits.IDLE_TOKENS), session)) < 0) {
      throw new IllegalArgumentException(
          ("the idle TTL (%s) is less than %d times the token TTL (%s), so it would end sessions"
                  + " that are in use: give a longer --idle-ttl or a shorter --token-ttl")
              .formatted(Durations.text(idle), Limits.IDLE_TOKENS, Durations.text(token)));
    }
  }

  private static void within(String what, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException("the %s must be from %d to %d seconds, not %d"
          .formatted(what, min.toSeconds(), max.toSeconds(), value.toSeconds()));
    }
  }
}
