package parlour.scopedauth;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.notices.Notice;
import parlour.notices.Notices;
import parlour.rates.Buckets;
import parlour.rates.Rate;
import parlour.trace.Participant;
import parlour.trace.Trace;

/** ScopedAuthService (SAS) over a store of sessions and a ring of keys. */
public final class ScopedAuthService implements ScopedAuth {
  private static final Logger log = LoggerFactory.getLogger(ScopedAuthService.class);

  private final Sessions sessions;
  private final Tokens tokens;
  private final InstantSource clock;
  private final SecureRandom random;

  // The two codes tell a thief that a token is alive, so each session says them only so often.
  private final Buckets refusals;
  private final Buckets refreshes;
  private final Notices notices;

  /**
   * @param refusals where what a session refuses is counted
   * @param refreshes where its new tokens are
   */
  public ScopedAuthService(
      Sessions sessions,
      TokenKeys keys,
      Buckets refusals,
      Buckets refreshes,
      Notices notices,
      InstantSource clock,
      SecureRandom random) {
    this.sessions = sessions;
    this.tokens = new Tokens(keys);
    this.refusals = refusals;
    this.refreshes = refreshes;
    this.notices = notices;
    this.clock = clock;
    this.random = random;
  }

  /** What is known of a token before the fingerprint is looked at. */
  private sealed interface Checked {
    record Good(Claims claims, Line line, Line.Standing standing) implements Checked {}

    record Bad(Cause cause, Optional<Sid.Session> session) implements Checked {}
  }

  @Override
  public Verdict validate(GuestToken token, Audience audience, Fingerprint presented) {
    return validate(token, audience, presented, Limits.SESSION_LOOKS);
  }

  private Verdict validate(
      GuestToken token, Audience audience, Fingerprint presented, int looksLeft) {
    return switch (checkToken(token, audience, clock.instant())) { // arrow 12
      case Checked.Bad(Cause cause, Optional<Sid.Session> session) -> {
        saw("checks the token: refused", cause.inWords());
        session.ifPresent(known -> record(known, cause, audience));
        yield refused(cause, session, Verdict.Failure.TOKEN_VALIDATION_FAILED); // arrow 13
      }
      case Checked.Good good -> checkFingerprint(good, audience, token, presented, looksLeft - 1);
    };
  }

  private Verdict checkFingerprint(
      Checked.Good good,
      Audience audience,
      GuestToken token,
      Fingerprint presented,
      int looksLeft) {
    Fingerprint bound = Fingerprint.parse(good.claims().fingerprint());
    Sensitivity level = Sensitivity.lower(bound.sensitivity(), presented.sensitivity());
    Set<Signal> differing = bound.differences(presented); // arrow 8
    Sid.Session session = good.claims().sid();
    String detail = level.word() + ": " + inWords(differing);
    if (!level.tolerates(differing) && level.refuses()) {
      saw("checks the token: good, then the fingerprint: differs", detail);
      record(session, Cause.FINGERPRINT, audience);
      return refused( // arrow 9
          Cause.FINGERPRINT, Optional.of(session), Verdict.Failure.FINGERPRINT_VALIDATION_FAILED);
    }
    if (good.standing() == Line.Standing.NEXT
        && !sessions.confirm(session, good.claims().generation(), clock.instant())) {
      if (looksLeft == 0) {
        throw new Unavailable("ScopedAuthService", "what its store says is not what it does", null);
      }
      // Something else happened to the session since it was read: what it is now decides.
      return validate(token, audience, presented, looksLeft);
    }
    if (!level.tolerates(differing)) {
      sessions.observed(session, clock.instant());
      log.info("session {} differs in {}, which is only observed", session.text(), differing);
    }
    saw("checks the token: good, then the fingerprint: holds", detail);
    return new Verdict.Authorized(guest(good));
  }

  private Checked checkToken(GuestToken token, Audience audience, Instant now) {
    Claims claims;
    switch (tokens.open(token)) {
      case Tokens.Opened.Rejected(Cause cause) -> {
        return new Checked.Bad(cause, Optional.empty());
      }
      case Tokens.Opened.Genuine genuine -> claims = genuine.claims();
    }
    Sid.Session sid = claims.sid();
    if (!isFor(claims, audience)) {
      return new Checked.Bad(Cause.OTHER_AUDIENCE, Optional.of(sid));
    }
    if (now.plus(Limits.CLOCK_SKEW).toEpochMilli() < claims.nbf()) {
      return new Checked.Bad(Cause.NOT_YET_VALID, Optional.of(sid));
    }
    if (now.toEpochMilli() >= claims.exp()) {
      return new Checked.Bad(Cause.EXPIRED, Optional.of(sid));
    }
    return sessions
        .line(sid)
        .map(line -> standing(claims, line, now))
        .orElseGet(() -> new Checked.Bad(Cause.NO_SESSION, Optional.empty()));
  }

  private static Checked standing(Claims claims, Line line, Instant now) {
    Optional<Sid.Session> session = Optional.of(claims.sid());
    Line.Standing standing = line.standing(claims.generation(), now);
    return switch (standing) {
      case NEXT, CURRENT, GRACE -> new Checked.Good(claims, line, standing);
      case REPLAYED -> new Checked.Bad(Cause.REPLAYED, session);
      case REVOKED -> new Checked.Bad(Cause.SESSION_REVOKED, session);
      case OVER -> new Checked.Bad(Cause.SESSION_OVER, session);
    };
  }

  private static boolean isFor(Claims claims, Audience audience) {
    return claims.iss().equals(Claims.ISSUER)
        && claims.account().equals(audience.account().text())
        && claims.deployment().equals(audience.deployment().text());
  }

  private static Guest guest(Checked.Good good) {
    Claims claims = good.claims();
    // The successor of a token in its grace is the generation that is current: one line, no forks.
    long next = Math.max(claims.generation() + 1, good.line().generation());
    return new Guest(
        new Sid.Account(claims.account()),
        new Sid.Deployment(claims.deployment()),
        claims.sub(),
        new Sid.Conversation(claims.conversation()),
        claims.grants(),
        good.claims().sid(),
        next,
        Instant.ofEpochMilli(claims.exp()),
        good.line().expires());
  }

  /** Counts a refusal in the session's record; a replay may end the session. */
  private void record(Sid.Session session, Cause cause, Audience audience) {
    Optional<Duration> wait = refusals.tooMany(Rate.REFUSALS, session.text());
    boolean ends = cause == Cause.REPLAYED && audience.revokeOnReplay();
    // A thief who uses the limit up on purpose must not keep the session from ending by it.
    if (wait.isEmpty() || ends) {
      if (cause == Cause.REPLAYED) {
        sessions.replayed(session, cause.inWords(), clock.instant(), ends);
        if (ends) {
          notices.tell(new Notice.SessionRevoked());
        }
      } else {
        sessions.refused(session, cause.inWords(), clock.instant());
      }
    }
    wait.ifPresent(time -> {
      throw new TooManyRequests("the refusals of one session", time);
    });
  }

  private static Verdict refused(
      Cause cause, Optional<Sid.Session> session, Verdict.Failure failure) {
    log.atInfo()
        .addKeyValue("trace", Trace.current().shortId())
        .addKeyValue("cause", cause.inWords())
        .addKeyValue("session", session.map(Sid::text).orElse("unknown"))
        .log("refused");
    return new Verdict.Refused(failure);
  }

  @Override
  public IssuedToken generate(NewSession wanted) {
    Instant now = clock.instant();
    Session session = new Session(
        Sid.Session.random(random),
        wanted.account(),
        wanted.deployment(),
        wanted.identity(),
        wanted.conversation(),
        1,
        Line.confirmation(1, now),
        now,
        now.plus(wanted.sessionTtl()),
        now,
        null,
        null,
        0,
        0,
        0,
        null,
        null);
    sessions.create(session);
    saw("opens a session and seals its first token", session.sid().text());
    Guest guest = new Guest(
        session.account(),
        session.deployment(),
        session.identity(),
        session.conversation(),
        wanted.grants(),
        session.sid(),
        session.generation(),
        session.expires(), // no token yet: it is sealed below
        session.expires());
    return sealed(guest, wanted.fingerprint(), wanted.tokenTtl(), now);
  }

  @Override
  public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
    // Only who was authorized comes here: a refused thief uses nothing up that the guest needs.
    refreshes.tooMany(Rate.SESSION_REFRESHES, guest.session().text()).ifPresent(wait -> {
      throw new TooManyRequests("the refreshes of one session", wait);
    });
    saw("seals a token of the next generation", "generation " + guest.nextGeneration());
    return sealed(guest, fingerprint, tokenTtl, clock.instant());
  }

  private IssuedToken sealed(Guest guest, Fingerprint fingerprint, Duration ttl, Instant now) {
    Instant wanted = now.plus(ttl);
    // Whole seconds, as the contract writes them: what the browser is told is what holds.
    Instant expiration = (wanted.isBefore(guest.sessionExpires()) ? wanted : guest.sessionExpires())
        .truncatedTo(ChronoUnit.SECONDS);
    GuestToken token = tokens.seal(new Claims(
        Claims.ISSUER,
        guest.account().text(),
        guest.deployment().text(),
        guest.identity(),
        guest.session().text(),
        guest.conversation().text(),
        guest.grants(),
        guest.nextGeneration(),
        fingerprint.text(),
        now.toEpochMilli(),
        now.toEpochMilli(),
        expiration.toEpochMilli(),
        jti()));
    return new IssuedToken(token, expiration);
  }

  private String jti() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public boolean revoke(Sid.Session session, String why) {
    boolean revoked = sessions.revoke(session, why, clock.instant());
    if (revoked) {
      notices.tell(new Notice.SessionRevoked());
    }
    log.atInfo()
        .addKeyValue("session", session.text())
        .addKeyValue("revoked", revoked)
        .log("asked to revoke");
    return revoked;
  }

  @Override
  public List<Revocation> revokedAfter(Revocation revocation) {
    return sessions.revokedAfter(revocation, Limits.REVOCATIONS_LISTED);
  }

  @Override
  public boolean isGood(Sid.Session session) {
    return sessions.line(session).filter(line -> line.isGood(clock.instant())).isPresent();
  }

  @Override
  public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
    return sessions.of(conversations);
  }

  private static void saw(String text, String detail) {
    Trace.current().deed(Participant.SAS, text, detail);
  }

  private static String inWords(Set<Signal> differing) {
    return differing.isEmpty()
        ? "nothing differs"
        : differing.stream()
            .map(Signal::inWords)
            .collect(Collectors.joining(", ", "differs in ", ""));
  }
}
