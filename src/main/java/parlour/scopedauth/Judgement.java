package parlour.scopedauth;

import java.time.Instant;
import java.util.Optional;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;

/** Decides about what a browser presents: first about the token, then about the browser. */
final class Judgement {
  private final Sessions sessions;
  private final Tokens tokens;
  private final Ledger ledger;
  private final ClockWatch clock;

  Judgement(Sessions sessions, Tokens tokens, Ledger ledger, ClockWatch clock) {
    this.sessions = sessions;
    this.tokens = tokens;
    this.ledger = ledger;
    this.clock = clock;
  }

  Verdict of(Presented presented, Audience audience, Purpose purpose) {
    Claims claims;
    switch (tokens.open(presented.token())) { // arrow 12
      case Tokens.Opened.Rejected(RefusalReason reason) -> {
        return tokenRefused(reason, Optional.empty(), audience);
      }
      case Tokens.Opened.Genuine genuine -> claims = genuine.claims();
    }
    Instant now = clock.instant();
    Optional<RefusalReason> fault = fault(claims, audience, now);
    if (fault.isEmpty() && now.plus(Limits.CLOCK_SKEW).toEpochMilli() < claims.nbf()) {
      // Only our keys seal tokens, so the clock of this node or of the issuing node is wrong.
      throw ledger.undecided("our clock is behind a token that we issued: set it (NTP)");
    }
    if (fault.isPresent()) {
      return tokenRefused(fault.get(), Optional.of(claims.sid()), audience);
    }
    return confirmed(claims, presented.fingerprint(), now)
        .orElseGet(
            () -> readSession(claims, audience, presented.fingerprint(), Limits.SESSION_READS));
  }

  /** Returns the fault that the claims alone show: another audience, or the end of the lifetime. */
  private static Optional<RefusalReason> fault(Claims claims, Audience audience, Instant now) {
    if (!claims.isFor(audience)) {
      return Optional.of(RefusalReason.OTHER_AUDIENCE);
    }
    return now.toEpochMilli() >= claims.exp()
        ? Optional.of(RefusalReason.EXPIRED)
        : Optional.empty();
  }

  /**
   * Confirms a token's generation without reading its session first, if this is likely its first
   * use: the token was issued recently and is not its session's first, which is confirmed when the
   * session opens. Empty if this did not apply or could not decide; the caller then reads the
   * session.
   */
  private Optional<Verdict> confirmed(Claims claims, Fingerprint presented, Instant now) {
    if (claims.generation().equals(Generation.FIRST)
        || !now.isBefore(claims.issued().plus(Limits.NEW_TOKEN_AGE))) {
      return Optional.empty();
    }
    FingerprintMatch match = compared(claims, presented);
    if (!match.isAccepted()) {
      return Optional.empty(); // another browser must not confirm a generation
    }
    return sessions
        .confirm(claims.token(), false, now)
        .map(sessionExpires -> authorized(claims, match, claims.generation(), sessionExpires));
  }

  /** Decides by the token's session. */
  private Verdict readSession(
      Claims claims, Audience audience, Fingerprint presented, int attempts) {
    Optional<Sid.Session> session = Optional.of(claims.sid());
    Optional<TokenLineage> found = sessions.lineage(claims.sid());
    if (found.isEmpty()) {
      return tokenRefused(RefusalReason.NO_SESSION, Optional.empty(), audience);
    }
    TokenLineage lineage = found.get();
    TokenLineage.Status status = lineage.status(claims.generation(), clock.instant());
    return switch (status) {
      case REPLAYED -> tokenRefused(RefusalReason.REPLAYED, session, audience);
      case REVOKED -> tokenRefused(RefusalReason.SESSION_REVOKED, session, audience);
      case ENDED -> tokenRefused(RefusalReason.SESSION_ENDED, session, audience);
      // The clock was set back. It would make a replay valid again.
      case AHEAD ->
        throw ledger.undecided("our clock is behind the first use of a newer token: set it (NTP)");
      case NEXT, CURRENT, GRACE -> {
        if (status == TokenLineage.Status.GRACE) {
          ledger.demandTrustedClock();
        }
        FingerprintMatch match = compared(claims, presented);
        if (!match.isAccepted()) {
          yield fingerprintRefused(claims, match);
        }
        if (status == TokenLineage.Status.NEXT
            && sessions.confirm(claims.token(), false, clock.instant()).isEmpty()) {
          if (attempts == 1) {
            throw new Unavailable(
                "ScopedAuthService", "the session changed each time it was read", null);
          }
          // Another call changed the session meanwhile, so it is read again.
          yield readSession(claims, audience, presented, attempts - 1);
        }
        yield authorized(claims, match, lineage.generation(), lineage.expires());
      }
    };
  }

  private static FingerprintMatch compared(Claims claims, Fingerprint presented) {
    return FingerprintMatch.of(Fingerprint.parse(claims.fingerprint()), presented); // arrow 8
  }

  /**
   * @param newest the newest generation of the session that was used
   */
  private Verdict authorized(
      Claims claims, FingerprintMatch match, Generation newest, Instant sessionExpires) {
    if (!match.isTolerated()) {
      ledger.observed(claims.sid(), match);
    }
    ledger.trace("checks the token: good, then the fingerprint: holds", match.description());
    return new Verdict.Authorized(new Guest(
        claims.owner(),
        claims.grants(),
        claims.token(),
        // A token in its grace gets a successor of the current generation: generations never fork.
        claims.generation().next().laterOf(newest),
        claims.expires(),
        sessionExpires,
        Optional.empty()));
  }

  private Verdict fingerprintRefused(Claims claims, FingerprintMatch match) {
    ledger.trace("checks the token: good, then the fingerprint: differs", match.description());
    ledger.count(claims.sid(), RefusalReason.FINGERPRINT, Ledger.Count.REFUSAL);
    return ledger.refused( // arrow 9
        RefusalReason.FINGERPRINT,
        Optional.of(claims.sid()),
        Verdict.Failure.FINGERPRINT_VALIDATION_FAILED);
  }

  /**
   * @param session the session in whose record the refusal is counted
   */
  private Verdict tokenRefused(
      RefusalReason reason, Optional<Sid.Session> session, Audience audience) {
    if (reason.dependsOnTheClock()) {
      ledger.demandTrustedClock();
    }
    ledger.trace("checks the token: refused", reason.description());
    session.ifPresent(known -> ledger.count(known, reason, count(reason, audience)));
    return ledger.refused( // arrow 13
        reason, session, Verdict.Failure.TOKEN_VALIDATION_FAILED);
  }

  private static Ledger.Count count(RefusalReason reason, Audience audience) {
    if (reason != RefusalReason.REPLAYED) {
      return Ledger.Count.REFUSAL;
    }
    return audience.revokeOnReplay() ? Ledger.Count.REVOKING_REPLAY : Ledger.Count.REPLAY;
  }
}
