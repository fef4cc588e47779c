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
import parlour.ClockWatch;
import parlour.Limits;
import parlour.RandomHex;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.events.BusEvent;
import parlour.events.EventBus;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.proof.Nonces;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.trace.Trace;

/** ScopedAuthService (SAS) over a store of sessions and a key ring. */
public final class ScopedAuthService implements ScopedAuth {
  private static final Logger log = LoggerFactory.getLogger(ScopedAuthService.class);

  private final Sessions sessions;
  private final Tokens tokens;
  private final Bindings bindings;
  private final JudgementLog decisions;
  private final Judgement judgement;
  private final RateLimiter refreshes;
  private final Ledger ledger;
  private final EventBus events;
  private final ClockWatch clock;
  private final SecureRandom random;

  /**
   * @param refusals counts the refusals of each session
   * @param refreshes counts the new tokens and the repeated calls of each session
   * @param nonces remembers the proofs that were used
   * @param budget decides which signals only observe; its updates are the caller's
   * @param ledger keeps refusals, revocations and differences
   */
  public ScopedAuthService(
      Sessions sessions,
      TokenKeys keys,
      RateLimiter refusals,
      RateLimiter refreshes,
      EventBus events,
      Nonces nonces,
      SignalBudget budget,
      Ledger ledger,
      InstantSource clock,
      SecureRandom random) {
    this.sessions = sessions;
    this.tokens = new Tokens(keys);
    this.bindings = new Bindings(keys, nonces, refreshes, random);
    this.clock = ClockWatch.of(clock);
    this.decisions = new JudgementLog(sessions, refusals, events, ledger, this.clock);
    this.judgement = new Judgement(sessions, tokens, bindings, budget, decisions, this.clock);
    this.refreshes = refreshes;
    this.ledger = ledger;
    this.events = events;
    this.random = random;
  }

  @Override
  public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
    return judgement.of(presented, audience, purpose);
  }

  /** How often a token was refused for each reason since the start of this process. */
  public Map<String, Double> refusals() {
    return decisions.refusals();
  }

  /** How often each sign of an honest guest was seen since the start of this process. */
  public Map<String, Double> likelyHonest() {
    return decisions.likelyHonest();
  }

  @Override
  public Optional<TokenAudience> audienceOf(GuestToken token) {
    return switch (tokens.open(token)) {
      case Tokens.Opened.Rejected(RefusalReason reason) -> {
        decisions.trace("opens the token: refused", reason.description());
        decisions.refused(
            reason, Optional.empty(), JudgementLog.Count.REFUSAL, Circumstances.UNKNOWN);
        yield Optional.empty();
      }
      case Tokens.Opened.Genuine(Claims claims) -> {
        decisions.trace("opens the token: finds whose it is", claims.deployment());
        yield Optional.of(claims.audience());
      }
    };
  }

  @Override
  public IssuedToken generate(NewSession wanted) {
    Instant now = clock.instant();
    Optional<Bindings.Agreed> agreed = wanted
        .binding()
        .map(request -> bindings.agree(request, wanted.sid(), wanted.owner().conversation()));
    Session session = Session.opened(wanted, now);
    if (!sessions.create(session)) {
      session = openedBefore(wanted);
    }
    decisions.trace("opens a session and seals its first token", session.sid().text());
    Instant expiration = expiration(now, wanted.tokenTtl(), session.expires());
    GuestToken token = sealed(
        wanted.owner(),
        wanted.grants(),
        new TokenGeneration(wanted.sid(), Generation.FIRST),
        wanted.fingerprint(),
        now,
        expiration,
        agreed.map(Bindings.Agreed::binding));
    return new IssuedToken(token, expiration, agreed.map(Bindings.Agreed::serverKey));
  }

  /** Finds the session that an earlier call opened, whose answer was lost. */
  private Session openedBefore(NewSession wanted) {
    return sessions
        .find(wanted.sid())
        .filter(found -> found.owner().equals(wanted.owner())
            && found.bound().isPresent() == wanted.binding().isPresent())
        .orElseThrow(() -> new IllegalArgumentException(
            "the sid belongs to another guest's session, or only one of both is bound to a key"));
  }

  @Override
  public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
    guest.uncheckedBinding().ifPresent(binding -> bindings.demandOf(guest.session(), binding));
    // The guest was authorized, so a thief who is refused cannot use up this limit.
    refreshes.tryAcquire(Rate.SESSION_REFRESHES, guest.session().text()).ifPresent(wait -> {
      throw new TooManyRequests("the refreshes of one session", wait);
    });
    decisions.trace(
        "seals a token of the next generation",
        "generation " + guest.nextGeneration().number());
    Instant now = clock.instant();
    Instant expiration = expiration(now, tokenTtl, guest.sessionExpires());
    GuestToken token = sealed(
        guest.owner(),
        guest.grants(),
        new TokenGeneration(guest.session(), guest.nextGeneration()),
        guest
            .kept()
            .map(kept -> fingerprint.with(kept.signals(), kept.fingerprint()))
            .orElse(fingerprint),
        now,
        expiration,
        guest.binding());
    return new IssuedToken(token, expiration);
  }

  private GuestToken sealed(
      SessionOwner owner,
      List<String> grants,
      TokenGeneration generation,
      Fingerprint fingerprint,
      Instant now,
      Instant expiration,
      Optional<Binding> binding) {
    if (!fingerprint.isComplete()) {
      // Otherwise a browser could leave signals out, and have a token for every browser.
      throw new IllegalArgumentException("a token is bound to every signal of its browser");
    }
    String jti = RandomHex.next(random, 16);
    return tokens.seal(
        Claims.of(owner, grants, generation, fingerprint, now, expiration, jti, binding));
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
      ledger.add(LedgerNote.of(LedgerNote.SESSION_REVOKED, why)
          .ofGuest(
              Optional.of(session),
              sessions.find(session).map(found -> found.owner().deployment())));
      events.publish(new BusEvent.SessionRevoked());
    }
    log.atInfo()
        .addKeyValue("event.action", "session-revoked")
        .addKeyValue("event.outcome", revoked ? "success" : "failure")
        .addKeyValue("trace", Trace.current().id())
        .addKeyValue("session", session.text())
        .log("revocation of a session");
    return revoked;
  }

  @Override
  public int revokeAllOf(Sid.Conversation conversation, String why) {
    int revoked = sessions.revokeAllOf(conversation, why, clock.instant());
    if (revoked > 0) {
      String event =
          why.equals(ENDED_BY_GUEST) ? LedgerNote.GUEST_ENDED : LedgerNote.SESSION_REVOKED;
      ledger.add(LedgerNote.of(event, why).by("", conversation.text()));
      events.publish(new BusEvent.SessionRevoked());
    }
    log.atInfo()
        .addKeyValue("event.action", "sessions-of-conversation-revoked")
        .addKeyValue("event.outcome", "success")
        .addKeyValue("trace", Trace.current().id())
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
    if (!superseded.isEmpty()) {
      decisions.demandTrustedClock();
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
    if (found.get().revoked() == null) {
      decisions.demandTrustedClock();
    }
    return false;
  }

  @Override
  public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
    return sessions.of(conversations);
  }

  @Override
  public List<Session> everySessionOf(Sid.Conversation conversation) {
    return sessions.newest(
        new Sessions.Scope.OfConversation(conversation), Limits.SESSIONS_OF_A_CONVERSATION);
  }
}
