package parlour.scopedauth;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import parlour.ClockWatch;
import parlour.OutageLog;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.events.BusEvent;
import parlour.events.EventBus;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.trace.Lifeline;
import parlour.trace.LinesPerMinute;
import parlour.trace.Trace;

/**
 * Records what {@link Judgement} decides: in the trace, in the log, in the session's record and in
 * the ledger.
 */
final class JudgementLog {
  private static final Logger log = LoggerFactory.getLogger(ScopedAuthService.class);

  /** How a refusal counts in the session's record. */
  enum Count {
    REFUSAL,
    REPLAY,
    /** A replay that revokes the session. */
    REVOKING_REPLAY
  }

  private final Sessions sessions;

  // Each session's refusals are limited, because they show a thief that the token is still valid.
  private final RateLimiter refusals;
  private final EventBus events;
  private final ClockWatch clock;
  private final OutageLog clockOutages = new OutageLog(log, "tokens cannot be checked");

  // Limited, because a caller without a genuine token can cause a line with each call.
  private final LinesPerMinute refusedLines;

  private final LinesPerMinute observedLines;
  private final LinesPerMinute aheadLines;

  private final Map<RefusalReason, LongAdder> counts = new EnumMap<>(RefusalReason.class);

  private final LongAdder observed = new LongAdder();
  private final LongAdder provenReplays = new LongAdder();

  private final Ledger ledger;

  JudgementLog(
      Sessions sessions, RateLimiter refusals, EventBus events, Ledger ledger, ClockWatch clock) {
    this.ledger = ledger;
    this.sessions = sessions;
    this.refusals = refusals;
    this.events = events;
    this.clock = clock;
    this.refusedLines = new LinesPerMinute(clock);
    this.observedLines = new LinesPerMinute(clock);
    this.aheadLines = new LinesPerMinute(clock);
    for (RefusalReason reason : RefusalReason.values()) {
      counts.put(reason, new LongAdder());
    }
  }

  /** How often a token was refused for each reason since the start of this process. */
  Map<String, Double> refusals() {
    Map<String, Double> refusals = new TreeMap<>();
    counts.forEach((reason, count) -> refusals.put(reason.description(), count.doubleValue()));
    return refusals;
  }

  /**
   * Counts, since the start, of the refusals and differences that an honest guest causes more often than a
   * thief (docs/adr/0097).
   */
  Map<String, Double> likelyHonest() {
    return Map.of(
        "superseded token of a browser with the key",
        provenReplays.doubleValue(),
        "a difference that was only observed",
        observed.doubleValue(),
        RefusalReason.KEY_MISSING.description(),
        count(RefusalReason.KEY_MISSING),
        RefusalReason.KEY_REPLAYED.description(),
        count(RefusalReason.KEY_REPLAYED),
        RefusalReason.OTHER_BINDING.description(),
        count(RefusalReason.OTHER_BINDING));
  }

  private double count(RefusalReason reason) {
    return Objects.requireNonNull(counts.get(reason)).doubleValue();
  }

  /** Counts a difference of fingerprints that is not refused. */
  void observed(Sid.Session session, FingerprintMatch match, Circumstances circumstances) {
    observed.increment();
    sessions.observed(session, match.description(), clock.instant());
    ledger.add(
        circumstances.note(
            LedgerNote.DIFFERENCE_OBSERVED, match.level().word(), Optional.of(session)),
        circumstances.share());
    if (observedLines.admitted() >= 0) {
      log.info(
          "session {} differs in {}, which is only counted", session.text(), match.differing());
    }
  }

  /**
   * Counts a refusal in the session's record, and logs it.
   *
   * @param session empty if the token belongs to no session that is known
   * @throws TooManyRequests if the session has too many refusals
   */
  void refused(
      RefusalReason reason,
      Optional<Sid.Session> session,
      Count count,
      Circumstances circumstances) {
    session.ifPresent(known -> count(known, reason, count, circumstances));
    logRefusal(reason, session, circumstances);
  }

  /**
   * Counts and logs the refusal of another browser, which can revoke the session.
   *
   * @throws TooManyRequests if the session has too many refusals
   */
  void otherBrowser(TokenGeneration token, Circumstances circumstances) {
    Optional<Duration> wait = refusals.tryAcquire(Rate.REFUSALS, token.session().text());
    RefusalReason reason = RefusalReason.FINGERPRINT;
    if (wait.isEmpty() && sessions.guessed(token, reason.description(), clock.instant())) {
      events.publish(new BusEvent.SessionRevoked());
      revoked(token.session(), reason, circumstances);
    }
    refuseUntil(wait);
    logRefusal(reason, Optional.of(token.session()), circumstances);
  }

  /**
   * Records a call that was answered before. It has limits of its own, and is always answered: its
   * sender learns nothing by it, and its copies must not use up the refusals that have a limit.
   */
  void repeated(Sid.Session session, Circumstances circumstances) {
    RefusalReason reason = RefusalReason.KEY_REPLAYED;
    if (refusals.tryAcquire(Rate.SESSION_REPEATS, session.text()).isEmpty()) {
      sessions.refused(session, reason.description(), clock.instant());
    }
    logRefusal(reason, Optional.of(session), circumstances);
  }

  /** Counts a superseded token of a browser that holds the key of its session. */
  void provenReplay(Sid.Session session, Circumstances circumstances) {
    provenReplays.increment();
    sessions.provenReplay(session, clock.instant());
    ledger.add(
        circumstances.note(
            LedgerNote.REPLAY_PROVEN, RefusalReason.REPLAYED.description(), Optional.of(session)),
        circumstances.share());
  }

  private void logRefusal(
      RefusalReason reason, Optional<Sid.Session> session, Circumstances circumstances) {
    Objects.requireNonNull(counts.get(reason)).increment();
    // An entry belongs to the called deployment, whose admins must not see another one's session.
    Optional<Sid.Session> noted = session.filter(_ -> reason != RefusalReason.OTHER_AUDIENCE);
    ledger.add(
        circumstances
            .note(LedgerNote.GUEST_REFUSED, reason.description(), noted)
            .refusedBy(circumstances.code().code()),
        circumstances.share());
    long leftOut = refusedLines.admitted();
    if (leftOut >= 0) {
      LoggingEventBuilder line = log.atInfo()
          .addKeyValue("event.action", "guest-refused")
          .addKeyValue("event.outcome", "failure")
          .addKeyValue("trace", Trace.current().id())
          .addKeyValue("cause", reason.description())
          .addKeyValue("session", session.map(Sid::text).orElse("unknown"));
      (leftOut == 0 ? line : line.addKeyValue("left_out", leftOut)).log("refused");
    }
  }

  private void revoked(Sid.Session session, RefusalReason reason, Circumstances circumstances) {
    ledger.add(
        circumstances
            .note(LedgerNote.SESSION_REVOKED, reason.description(), Optional.of(session))
            .refusedBy(circumstances.code().code()),
        circumstances.share());
  }

  private void count(
      Sid.Session session, RefusalReason reason, Count count, Circumstances circumstances) {
    Optional<Duration> wait = refusals.tryAcquire(Rate.REFUSALS, session.text());
    // A thief must not be able to prevent the revocation by using up the limit.
    if (wait.isEmpty() || count == Count.REVOKING_REPLAY) {
      if (count == Count.REFUSAL) {
        sessions.refused(session, reason.description(), clock.instant());
      } else {
        sessions.replayed(
            session, reason.description(), clock.instant(), count == Count.REVOKING_REPLAY);
        events.publish(new BusEvent.SessionRevoked()); // also if only some sockets must end
        if (count == Count.REVOKING_REPLAY) {
          revoked(session, reason, circumstances);
        }
      }
    }
    refuseUntil(wait);
  }

  private static void refuseUntil(Optional<Duration> wait) {
    wait.ifPresent(time -> {
      throw new TooManyRequests("the refusals of one session", time);
    });
  }

  /** The outcome cannot be determined. A refusal would end the chat of an honest guest. */
  Unavailable undecided(String why) {
    trace("checks the token: cannot decide", why);
    clockOutages.failed(why, Trace.current().id());
    return new Unavailable("ScopedAuthService", why, null);
  }

  /**
   * @throws Unavailable if the clock may be wrong, so that nothing can be decided by an age
   */
  void demandTrustedClock() {
    if (clock.isInDoubt()) {
      throw undecided("the clock has jumped, and may be wrong");
    }
  }

  /** Logs that a token is accepted although this clock is behind the one that issued it. */
  void issuedAhead(Sid.Session session, Duration ahead) {
    if (aheadLines.admitted() >= 0) {
      log.warn(
          "our clock is {} s behind a token of session {} that we issued, which is accepted: the"
              + " clock was ahead then, or is wrong now; keep the clocks of all nodes right (NTP)",
          ahead.toSeconds(),
          session.text());
    }
  }

  void trace(String text, String detail) {
    Trace.current().action(Lifeline.SAS, text, detail);
  }
}
