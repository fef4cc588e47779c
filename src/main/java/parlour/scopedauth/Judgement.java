package parlour.scopedauth;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.errors.ErrorCode;

/**
 * Decides about what a browser presents: first about the token and its session, then about the
 * browser. A session that is bound to a key trusts the browser that proves it, and renews even an
 * expired or superseded token for it; otherwise the fingerprint decides.
 */
final class Judgement {
  private final Sessions sessions;
  private final Tokens tokens;
  private final Bindings bindings;
  private final SignalBudget budget;
  private final JudgementLog decisions;
  private final ClockWatch clock;

  Judgement(
      Sessions sessions,
      Tokens tokens,
      Bindings bindings,
      SignalBudget budget,
      JudgementLog decisions,
      ClockWatch clock) {
    this.sessions = sessions;
    this.tokens = tokens;
    this.bindings = bindings;
    this.budget = budget;
    this.decisions = decisions;
    this.clock = clock;
  }

  /**
   * A genuine token for this audience, in the hands of a browser.
   *
   * @param key decided once, because a proof for one answer is used up by it
   * @param network empty if differences are not counted
   * @param caller the network whose part of the ledger a refusal uses up
   */
  private record Case(
      Claims claims,
      KeyCheck key,
      boolean isExpired,
      FingerprintMatch match,
      Optional<NetworkDigest> network,
      Optional<String> page,
      Optional<String> caller,
      Audience audience,
      Purpose purpose) {

    Circumstances circumstances(ErrorCode code) {
      return new Circumstances(
          code, Optional.of(audience.deployment()), caller, page, match.differing());
    }

    Sid.Session session() {
      return claims.sid();
    }

    /** Whether it is the browser that the token was issued to. */
    boolean isSameBrowser() {
      return key == KeyCheck.UNBOUND ? match.isAccepted() : key == KeyCheck.PROVEN;
    }

    Case withAllSignals() {
      return new Case(
          claims, key, isExpired, match.ofAllSignals(), network, page, caller, audience, purpose);
    }

    /** Whether the age of the token does not matter. */
    boolean isProvenRenewal() {
      return key == KeyCheck.PROVEN && purpose == Purpose.RENEWAL;
    }
  }

  Verdict of(Presented presented, Audience audience, Purpose purpose) {
    Claims claims;
    switch (tokens.open(presented.token())) { // arrow 12
      case Tokens.Opened.Rejected(RefusalReason reason) -> {
        return tokenRefused(
            reason,
            Optional.empty(),
            JudgementLog.Count.REFUSAL,
            Circumstances.of(presented, audience));
      }
      case Tokens.Opened.Genuine genuine -> claims = genuine.claims();
    }
    if (!claims.isFor(audience)) {
      return tokenRefused(
          RefusalReason.OTHER_AUDIENCE, claims.sid(), Circumstances.of(presented, audience));
    }
    Instant now = clock.instant();
    boolean isExpired = now.toEpochMilli() >= claims.exp();
    KeyCheck key;
    try {
      key = bindings.check(claims, presented.proof());
    } catch (GeneralSecurityException e) {
      return tokenRefused(
          RefusalReason.FORGED, claims.sid(), Circumstances.of(presented, audience));
    }
    Case given = new Case(
        claims,
        key,
        isExpired,
        compared(claims, presented.fingerprint(), audience),
        presented.network(),
        presented.page(),
        presented.caller(),
        audience,
        purpose);
    if (key == KeyCheck.REPLAYED) {
      return answeredBefore(given);
    }
    if (!given.isProvenRenewal()) {
      demandClockOf(claims, now);
    }
    if (isExpired && key != KeyCheck.PROVEN) {
      Verdict refused = staleRefused(given, RefusalReason.EXPIRED, JudgementLog.Count.REFUSAL);
      return key == KeyCheck.UNBOUND && audience.tellsExpiry()
          ? new Verdict.Refused(Verdict.Failure.TOKEN_EXPIRED)
          : refused;
    }
    return confirmed(given, now).orElseGet(() -> readSession(given, Limits.SESSION_READS));
  }

  /**
   * Doubts the clock if it is behind the time at which the token was issued. Only our keys seal
   * tokens, so either it is wrong, or it was ahead when the token was issued. A clock that has not
   * just jumped is believed: a guest must not wait until it has reached that time. The token's
   * successor is issued by this clock.
   */
  private void demandClockOf(Claims claims, Instant now) {
    Instant begin = Instant.ofEpochMilli(claims.nbf());
    if (now.plus(Limits.CLOCK_SKEW).isBefore(begin)) {
      decisions.demandTrustedClock();
      decisions.issuedAhead(claims.sid(), Duration.between(now, begin));
    }
  }

  private FingerprintMatch compared(Claims claims, Fingerprint presented, Audience audience) {
    Set<Signal> observing = budget.observing(audience.deployment());
    Fingerprint bound = Fingerprint.parse(claims.fingerprint());
    return FingerprintMatch.of(bound, presented, observing); // arrow 8
  }

  /**
   * Confirms a token's generation without reading its session first, if this is likely its first
   * use: the token was issued recently and is not its session's first, which is confirmed when the
   * session opens. Empty if this did not apply or could not decide; the caller then reads the
   * session.
   */
  private Optional<Verdict> confirmed(Case given, Instant now) {
    Claims claims = given.claims();
    if (claims.generation().equals(Generation.FIRST)
        || !now.isBefore(claims.issued().plus(Limits.NEW_TOKEN_AGE))
        || given.isExpired()
        || !given.isSameBrowser()) { // another browser must not confirm a generation
      return Optional.empty();
    }
    return sessions
        .confirmUnlessEndMoves(firstUse(given), clock.instant())
        .map(sessionExpires -> authorized(given, claims.generation().next(), sessionExpires));
  }

  private Optional<Instant> confirm(Case given) {
    return sessions.confirm(firstUse(given), clock.instant());
  }

  private static FirstUse firstUse(Case given) {
    Claims claims = given.claims();
    return new FirstUse(
        claims.token(), claims.issued(), claims.cnf().isPresent(), given.match().isExact());
  }

  /** Decides by the token's session. */
  private Verdict readSession(Case presented, int attempts) {
    Claims claims = presented.claims();
    Optional<TokenLineage> found = sessions.lineage(presented.session());
    if (found.isEmpty()) {
      return tokenRefused(
          RefusalReason.NO_SESSION,
          Optional.empty(),
          JudgementLog.Count.REFUSAL,
          presented.circumstances(ErrorCode.TOKEN_REFUSED));
    }
    TokenLineage lineage = found.get();
    Case given =
        lineage.demandsAllSignals(claims.generation()) ? presented.withAllSignals() : presented;
    if (lineage.isBound() != claims.cnf().isPresent()) {
      return tokenRefused(RefusalReason.OTHER_BINDING, given);
    }
    TokenLineage.Status status = lineage.status(claims.generation(), clock.instant());
    return switch (status) {
      case REVOKED -> tokenRefused(RefusalReason.SESSION_REVOKED, given);
      case ENDED -> tokenRefused(RefusalReason.SESSION_ENDED, given);
      case AHEAD -> {
        if (given.key() == KeyCheck.PROVEN) {
          yield superseded(given, lineage);
        }
        // The clock was set back. It would make a replay valid again.
        throw decisions.undecided(
            "our clock is behind the first use of a newer token: set it (NTP)");
      }
      case REPLAYED -> superseded(given, lineage);
      case NEXT, CURRENT, GRACE -> {
        if (status == TokenLineage.Status.GRACE && !given.isProvenRenewal()) {
          decisions.demandTrustedClock();
        }
        if (!given.isSameBrowser()) {
          yield browserRefused(given);
        }
        if (given.isExpired() && !given.isProvenRenewal()) {
          yield renewable(RefusalReason.EXPIRED);
        }
        if (status != TokenLineage.Status.NEXT) {
          // A token in its grace gets a successor of the current generation, so that generations
          // never fork.
          yield authorized(
              given, claims.generation().next().laterOf(lineage.generation()), lineage.expires());
        }
        Optional<Instant> sessionExpires = confirm(given);
        if (sessionExpires.isPresent()) {
          yield authorized(given, claims.generation().next(), sessionExpires.get());
        }
        if (attempts == 1) {
          throw new Unavailable(
              "ScopedAuthService", "the session changed each time it was read", null);
        }
        // Another call changed the session meanwhile, so it is read again.
        yield readSession(presented, attempts - 1);
      }
    };
  }

  /**
   * A replay. Without the key it is refused, and can revoke a session that is not bound: a bound
   * one need not end, because the thief of a token cannot use it. With the key it is a browser that
   * was restored from a backup, or a tab that was asleep for long.
   *
   * <p>A session that is not bound also ends if its own browser presents the replay, and another
   * browser was the first to use the newest token; not at a level at which browsers do not matter.
   */
  private Verdict superseded(Case given, TokenLineage lineage) {
    boolean isStolen =
        given.match().level().refuses() && given.match().isExact() && !lineage.isConfirmedExactly();
    if (given.key() == KeyCheck.UNBOUND && (given.audience().revokeOnReplay() || isStolen)) {
      return staleRefused(given, RefusalReason.REPLAYED, JudgementLog.Count.REVOKING_REPLAY);
    }
    if (given.key() != KeyCheck.PROVEN) {
      return staleRefused(given, RefusalReason.REPLAYED, JudgementLog.Count.REPLAY);
    }
    decisions.provenReplay(given.session(), given.circumstances(ErrorCode.TOKEN_REFUSED));
    return given.isProvenRenewal()
        ? authorized(given, lineage.generation().next(), lineage.expires())
        : renewable(RefusalReason.REPLAYED);
  }

  /**
   * @param next the generation of the token's successor
   */
  private Verdict authorized(Case given, Generation next, Instant sessionExpires) {
    Claims claims = given.claims();
    vote(given);
    if (!given.match().isTolerated()) {
      decisions.observed(
          given.session(), given.match(), given.circumstances(ErrorCode.FINGERPRINT_REFUSED));
    }
    decisions.trace(
        "checks the token: good, then the fingerprint: holds",
        (given.key() == KeyCheck.PROVEN ? "key: proven; " : "") + given.match().description());
    return new Verdict.Authorized(new Guest(
        claims.owner(),
        claims.grants(),
        claims.token(),
        next,
        claims.expires(),
        sessionExpires,
        claims.cnf(),
        kept(given),
        Guest.Source.JUDGED_HERE));
  }

  /**
   * The signals that the successor's fingerprint keeps of the token's; a session with a key needs
   * nothing.
   */
  private static Optional<Guest.KeptSignals> kept(Case given) {
    Set<Signal> signals = given.match().kept();
    return given.key() != KeyCheck.UNBOUND || signals.isEmpty()
        ? Optional.empty()
        : Optional.of(new Guest.KeptSignals(
            List.copyOf(signals), Fingerprint.parse(given.claims().fingerprint())));
  }

  /** Lets a session without a key vote about the signals of its deployment. */
  private void vote(Case given) {
    if (given.key() == KeyCheck.UNBOUND && given.network().isPresent()) {
      given
          .match()
          .vote()
          .ifPresent(differing ->
              budget.vote(given.audience().deployment(), given.network().get(), differing));
    }
  }

  /** Another browser presents a token that is otherwise good. */
  private Verdict browserRefused(Case given) {
    vote(given);
    Optional<RefusalReason> key = given.key().refusal();
    decisions.trace(
        "checks the token: good, then the fingerprint: differs",
        key.map(RefusalReason::description).orElseGet(given.match()::description));
    Circumstances circumstances = given.circumstances(ErrorCode.FINGERPRINT_REFUSED);
    if (key.isPresent()) {
      decisions.refused(
          key.get(), Optional.of(given.session()), JudgementLog.Count.REFUSAL, circumstances);
    } else {
      decisions.otherBrowser(given.claims().token(), circumstances);
    }
    return new Verdict.Refused(Verdict.Failure.FINGERPRINT_VALIDATION_FAILED); // arrow 9
  }

  /**
   * The browser holds the key, but this proof was answered before: by a thief who has copied the
   * call, or by a proxy that repeats a call whose answer was lost. Only a browser with the key can
   * go on.
   */
  private Verdict answeredBefore(Case given) {
    decisions.repeated(given.session(), given.circumstances(ErrorCode.TOKEN_REFUSED));
    return renewable(RefusalReason.KEY_REPLAYED);
  }

  /** The browser must renew its token, which takes the key, and then repeat the call. */
  private Verdict renewable(RefusalReason reason) {
    if (reason.dependsOnTheClock()) {
      decisions.demandTrustedClock();
    }
    decisions.trace("checks the token: must be renewed", reason.description());
    return new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED, true);
  }

  /**
   * Refuses an expired or superseded token that nobody has proven.
   *
   * @param age the reason if the token is not bound to a key
   */
  private Verdict staleRefused(Case given, RefusalReason age, JudgementLog.Count count) {
    decisions.demandTrustedClock();
    return tokenRefused(
        given.key().refusal().orElse(age),
        Optional.of(given.session()),
        count,
        given.circumstances(ErrorCode.TOKEN_REFUSED));
  }

  private Verdict tokenRefused(RefusalReason reason, Case given) {
    return tokenRefused(reason, given.session(), given.circumstances(ErrorCode.TOKEN_REFUSED));
  }

  private Verdict tokenRefused(
      RefusalReason reason, Sid.Session session, Circumstances circumstances) {
    return tokenRefused(reason, Optional.of(session), JudgementLog.Count.REFUSAL, circumstances);
  }

  /**
   * @param session the session in whose record the refusal is counted
   */
  private Verdict tokenRefused(
      RefusalReason reason,
      Optional<Sid.Session> session,
      JudgementLog.Count count,
      Circumstances circumstances) {
    if (reason.dependsOnTheClock()) {
      decisions.demandTrustedClock();
    }
    decisions.trace("checks the token: refused", reason.description());
    decisions.refused(reason, session, count, circumstances);
    return new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED); // arrow 13
  }
}
