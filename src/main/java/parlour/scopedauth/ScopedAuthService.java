package parlour.scopedauth;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.OutageLog;
import parlour.RandomHex;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.notices.BusEvent;
import parlour.notices.EventBus;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.trace.LinesPerMinute;
import parlour.trace.Participant;
import parlour.trace.Trace;

/** ScopedAuthService (SAS) over a store of sessions and a key ring. */
public final class ScopedAuthService implements ScopedAuth {
  private static final Logger log = LoggerFactory.getLogger(ScopedAuthService.class);

  private static final String CLOCK_IN_DOUBT = "the clock has jumped, and may be wrong";

  private final OutageLog clockOutages = new OutageLog(log, "tokens cannot be checked");
  private final Sessions sessions;
  private final Tokens tokens;
  private final ClockWatch clock;
  private final SecureRandom random;

  // Each session's refusals are limited, because they show a thief that the token is still valid.
  private final RateLimiter refusals;
  private final RateLimiter refreshes;
  private final EventBus events;

  // Limited, because a caller without a genuine token can cause a line with each call.
  private final LinesPerMinute refusedLines;

  private final LinesPerMinute observedLines;

  /**
   * @param refusals counts the refusals of each session
   * @param refreshes counts the new tokens of each session
   */
  public ScopedAuthService(
      Sessions sessions,
      TokenKeys keys,
      RateLimiter refusals,
      RateLimiter refreshes,
      EventBus events,
      InstantSource clock,
      SecureRandom random) {
    this.sessions = sessions;
    this.tokens = new Tokens(keys);
    this.refusals = refusals;
    this.refreshes = refreshes;
    this.events = events;
    this.clock = ClockWatch.of(clock);
    this.refusedLines = new LinesPerMinute(clock);
    this.observedLines = new LinesPerMinute(clock);
    this.random = random;
  }

  @Override
  public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
    return validate(presented.token(), audience, presented.fingerprint());
  }

  private Verdict validate(GuestToken token, Audience audience, Fingerprint presented) {
    Claims claims;
    switch (tokens.open(token)) { // arrow 12
      case Tokens.Opened.Rejected(RefusalReason reason) -> {
        return tokenRefused(reason, Optional.empty(), audience);
      }
      case Tokens.Opened.Genuine genuine -> claims = genuine.claims();
    }
    Instant now = clock.instant();
    Optional<RefusalReason> fault = fault(claims, audience, now);
    if (fault.isEmpty() && now.plus(Limits.CLOCK_SKEW).toEpochMilli() < claims.nbf()) {
      // Only our keys seal tokens, so the clock of this node or of the issuing node is wrong.
      throw undecided("our clock is behind a token that we issued: set it (NTP)");
    }
    if (fault.isPresent()) {
      return tokenRefused(fault.get(), Optional.of(claims.sid()), audience);
    }
    return confirmed(claims, presented, now)
        .orElseGet(() -> readSession(claims, audience, presented, Limits.SESSION_READS));
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
        .confirm(claims.sid(), claims.generation(), now)
        .map(sessionExpires -> authorized(claims, match, claims.generation(), sessionExpires));
  }

  private static FingerprintMatch compared(Claims claims, Fingerprint presented) {
    return FingerprintMatch.of(Fingerprint.parse(claims.fingerprint()), presented); // arrow 8
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

  /** Decides by the token's session: first about the token, then about the browser. */
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
        throw undecided("our clock is behind the first use of a newer token: set it (NTP)");
      case NEXT, CURRENT, GRACE -> {
        if (status == TokenLineage.Status.GRACE && clock.isInDoubt()) {
          throw undecided(CLOCK_IN_DOUBT);
        }
        FingerprintMatch match = compared(claims, presented);
        if (!match.isAccepted()) {
          yield fingerprintRefused(claims, audience, match);
        }
        if (status == TokenLineage.Status.NEXT
            && sessions
                .confirm(claims.sid(), claims.generation(), clock.instant())
                .isEmpty()) {
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

  /**
   * @param newest the newest generation of the session that was used
   */
  private Verdict authorized(
      Claims claims, FingerprintMatch match, Generation newest, Instant sessionExpires) {
    if (!match.isTolerated()) {
      sessions.observed(claims.sid(), clock.instant());
      if (observedLines.admitted() >= 0) {
        log.info(
            "session {} differs in {}, which is only counted", claims.session(), match.differing());
      }
    }
    trace("checks the token: good, then the fingerprint: holds", match.description());
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

  private Verdict fingerprintRefused(Claims claims, Audience audience, FingerprintMatch match) {
    trace("checks the token: good, then the fingerprint: differs", match.description());
    count(claims.sid(), RefusalReason.FINGERPRINT, audience);
    return refused( // arrow 9
        RefusalReason.FINGERPRINT,
        Optional.of(claims.sid()),
        Verdict.Failure.FINGERPRINT_VALIDATION_FAILED);
  }

  /**
   * @param session the session in whose record the refusal is counted
   */
  private Verdict tokenRefused(
      RefusalReason reason, Optional<Sid.Session> session, Audience audience) {
    if (reason.dependsOnTheClock() && clock.isInDoubt()) {
      throw undecided(CLOCK_IN_DOUBT);
    }
    trace("checks the token: refused", reason.description());
    session.ifPresent(known -> count(known, reason, audience));
    return refused(reason, session, Verdict.Failure.TOKEN_VALIDATION_FAILED); // arrow 13
  }

  /** The outcome cannot be determined. A refusal would end the chat of an honest guest. */
  private Unavailable undecided(String why) {
    trace("checks the token: cannot decide", why);
    clockOutages.failed(why, Trace.current().shortId());
    return new Unavailable("ScopedAuthService", why, null);
  }

  /** Counts a refusal in the session's record. A replay can revoke the session. */
  private void count(Sid.Session session, RefusalReason reason, Audience audience) {
    Optional<Duration> wait = refusals.tryAcquire(Rate.REFUSALS, session.text());
    boolean revokes = reason == RefusalReason.REPLAYED && audience.revokeOnReplay();
    // A thief must not be able to prevent the revocation by using up the limit.
    if (wait.isEmpty() || revokes) {
      if (reason == RefusalReason.REPLAYED) {
        sessions.replayed(session, reason.description(), clock.instant(), revokes);
        events.publish(new BusEvent.SessionRevoked()); // also if only some sockets must end
      } else {
        sessions.refused(session, reason.description(), clock.instant());
      }
    }
    wait.ifPresent(time -> {
      throw new TooManyRequests("the refusals of one session", time);
    });
  }

  private Verdict refused(
      RefusalReason reason, Optional<Sid.Session> session, Verdict.Failure failure) {
    long leftOut = refusedLines.admitted();
    if (leftOut >= 0) {
      LoggingEventBuilder line = log.atInfo()
          .addKeyValue("event.action", "guest-refused")
          .addKeyValue("event.outcome", "failure")
          .addKeyValue("trace", Trace.current().shortId())
          .addKeyValue("cause", reason.description())
          .addKeyValue("session", session.map(Sid::text).orElse("unknown"));
      (leftOut == 0 ? line : line.addKeyValue("left_out", leftOut)).log("refused");
    }
    return new Verdict.Refused(failure);
  }

  @Override
  public IssuedToken generate(NewSession wanted) {
    Instant now = clock.instant();
    Session session = Session.opened(wanted, now);
    if (!sessions.create(session)) {
      session = openedBefore(wanted);
    }
    trace("opens a session and seals its first token", session.sid().text());
    return sealed(
        wanted.owner(),
        wanted.grants(),
        new TokenGeneration(wanted.sid(), Generation.FIRST),
        wanted.fingerprint(),
        now,
        expiration(now, wanted.tokenTtl(), session.expires()));
  }

  /** Finds the session that an earlier call opened, whose answer was lost. */
  private Session openedBefore(NewSession wanted) {
    return sessions
        .find(wanted.sid())
        .filter(found -> found.owner().equals(wanted.owner()))
        .orElseThrow(
            () -> new IllegalArgumentException("the sid belongs to another guest's session"));
  }

  @Override
  public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
    // The guest was authorized, so a thief who is refused cannot use up this limit.
    refreshes.tryAcquire(Rate.SESSION_REFRESHES, guest.session().text()).ifPresent(wait -> {
      throw new TooManyRequests("the refreshes of one session", wait);
    });
    trace(
        "seals a token of the next generation",
        "generation " + guest.nextGeneration().number());
    Instant now = clock.instant();
    return sealed(
        guest.owner(),
        guest.grants(),
        new TokenGeneration(guest.session(), guest.nextGeneration()),
        fingerprint,
        now,
        expiration(now, tokenTtl, guest.sessionExpires()));
  }

  private IssuedToken sealed(
      SessionOwner owner,
      List<String> grants,
      TokenGeneration generation,
      Fingerprint fingerprint,
      Instant now,
      Instant expiration) {
    Claims claims = Claims.of(
        owner, grants, generation, fingerprint, now, expiration, RandomHex.next(random, 16));
    return new IssuedToken(tokens.seal(claims), expiration);
  }

  /** In whole seconds, as the contract writes it, so that the browser and the token agree. */
  private static Instant expiration(Instant now, Duration tokenTtl, Instant sessionExpires) {
    Instant wanted = now.plus(tokenTtl);
    return (wanted.isBefore(sessionExpires) ? wanted : sessionExpires)
        .truncatedTo(ChronoUnit.SECONDS);
  }

  @Override
  public boolean revoke(Sid.Session session, String why) {
    boolean revoked = sessions.revoke(session, why, clock.instant());
    if (revoked) {
      events.publish(new BusEvent.SessionRevoked());
    }
    log.atInfo()
        .addKeyValue("event.action", "session-revoked")
        .addKeyValue("event.outcome", revoked ? "success" : "failure")
        .addKeyValue("trace", Trace.current().shortId())
        .addKeyValue("session", session.text())
        .log("revocation of a session");
    return revoked;
  }

  @Override
  public int revokeAllOf(Sid.Conversation conversation, String why) {
    int revoked = sessions.revokeAllOf(conversation, why, clock.instant());
    if (revoked > 0) {
      events.publish(new BusEvent.SessionRevoked());
    }
    log.atInfo()
        .addKeyValue("event.action", "sessions-of-conversation-revoked")
        .addKeyValue("event.outcome", "success")
        .addKeyValue("trace", Trace.current().shortId())
        .addKeyValue("conversation", conversation.text())
        .addKeyValue("revoked", revoked)
        .log("revocation of the sessions of a conversation");
    return revoked;
  }

  @Override
  public List<TokenGeneration> superseded(List<TokenGeneration> generations) {
    Map<Sid.Session, TokenLineage> lineages = sessions.lineages(
        generations.stream().map(TokenGeneration::session).collect(Collectors.toSet()));
    Instant now = clock.instant();
    List<TokenGeneration> superseded = generations.stream()
        .filter(generation -> {
          TokenLineage lineage = lineages.get(generation.session());
          return lineage != null
              && lineage.status(generation.generation(), now) == TokenLineage.Status.REPLAYED;
        })
        .toList();
    if (!superseded.isEmpty() && clock.isInDoubt()) {
      throw undecided(CLOCK_IN_DOUBT);
    }
    return superseded;
  }

  @Override
  public List<Revocation> revokedAfter(Revocation revocation) {
    return sessions.revokedAfter(revocation, Limits.REVOCATIONS_LISTED);
  }

  @Override
  public List<RefusedToken> refusedSince(Sid.Account account, Instant since) {
    return sessions.refusedSince(account, since, Limits.REFUSALS_LISTED);
  }

  @Override
  public boolean isLive(Sid.Session session) {
    Optional<TokenLineage> found = sessions.lineage(session);
    if (found.isEmpty() || found.get().isLive(clock.instant())) {
      return found.isPresent();
    }
    if (found.get().revoked() == null && clock.isInDoubt()) {
      throw undecided(CLOCK_IN_DOUBT);
    }
    return false;
  }

  @Override
  public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
    return sessions.of(conversations);
  }

  private static void trace(String text, String detail) {
    Trace.current().action(Participant.SAS, text, detail);
  }
}
