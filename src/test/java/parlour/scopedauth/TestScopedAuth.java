package parlour.scopedauth;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.events.EventBus;
import parlour.events.LocalEventBus;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerShare;
import parlour.proof.MemoryNonces;
import parlour.proof.Nonces;
import parlour.rates.LocalRateLimiter;
import parlour.spec.StoppedClock;
import parlour.store.Database;
import parlour.store.Sqlite;
import parlour.trace.Arrow;
import parlour.trace.Trace;

/** ScopedAuthService over SQLite in a folder or in memory, with a stopped clock. */
final class TestScopedAuth implements AutoCloseable {
  static final Duration TOKEN_TTL = Duration.ofHours(6);
  static final Duration IDLE_TTL = Limits.IDLE_TTL_DEFAULT;
  static final Duration SESSION_TTL = Duration.ofHours(24);

  /** The guest's browser, and one that shares nothing with it. */
  static final Fingerprint HOME = fingerprint(Sensitivity.MEDIUM);

  static final Fingerprint STRANGER = fingerprint(Sensitivity.MEDIUM, Signal.values());

  final StoppedClock clock = new StoppedClock();
  final SecureRandom random = new SecureRandom();
  final String masterKey = MasterKey.random(random);
  final Database database;
  final SqlSessions sessions;
  final SqlKeys keyStore;
  final TokenKeys keys;
  final EventBus events = new LocalEventBus(Limits.FOLLOW_TIMEOUT);
  final Nonces nonces = new MemoryNonces(clock.instant(), random);
  final SqlSignalVotes votes;
  final SignalBudget budget;
  final ScopedAuthService service;
  final List<LedgerNote> notes = new CopyOnWriteArrayList<>();
  final List<LedgerShare> shares = new CopyOnWriteArrayList<>();
  final Audience audience =
      new Audience(Sid.Account.random(random), Sid.Deployment.random(random), false);
  final Audience strict = new Audience(audience.account(), audience.deployment(), true);

  private final Ledger ledger = new Ledger() {
    @Override
    public void add(LedgerNote note) {
      notes.add(note);
    }

    @Override
    public void add(LedgerNote note, LedgerShare share) {
      notes.add(note);
      shares.add(share);
    }
  };

  TestScopedAuth(Path folder) {
    this(Sqlite.open(folder.resolve("scoped-auth.db"), SqlSessions.SCHEMA));
  }

  TestScopedAuth(Database database) {
    this.database = database;
    sessions = new SqlSessions(database);
    keyStore = new SqlKeys(database);
    keys = ring();
    votes = new SqlSignalVotes(database);
    budget = new SignalBudget(votes, ledger, clock);
    service = node(clock);
  }

  /** Another node over the same store, with a clock of its own. */
  ScopedAuthService node(InstantSource itsClock) {
    return new ScopedAuthService(
        sessions,
        keys,
        new LocalRateLimiter(() -> 0),
        new LocalRateLimiter(() -> 0),
        events,
        nonces,
        budget,
        ledger,
        itsClock,
        random);
  }

  /** Another node's key ring over the same store. */
  TokenKeys ring() {
    return new TokenKeys(keyStore, MasterKey.parse(masterKey), clock, random);
  }

  /** The end of a session whose newest token is used now. */
  Instant idleEnd() {
    return clock.instant().plus(IDLE_TTL).plus(IDLE_TTL.dividedBy(Limits.IDLE_TTL_STEPS));
  }

  GuestToken start() {
    return start(HOME);
  }

  GuestToken start(Fingerprint fingerprint) {
    return start(fingerprint, TOKEN_TTL, SESSION_TTL).token();
  }

  /** A guest in a session that is bound to a key. */
  record BoundGuest(Sid.Session session, GuestToken token, TestBrowserKey key) {}

  BoundGuest startBound() {
    return startBound(TOKEN_TTL, IDLE_TTL, Limits.BOUND_SESSION_TTL_DEFAULT);
  }

  BoundGuest startBound(Duration tokenTtl, Duration idleTtl, Duration sessionTtl) {
    TestBrowserKey key = new TestBrowserKey();
    NewSession wanted = new NewSession(
        Sid.Session.random(random),
        new SessionOwner(
            audience.account(),
            audience.deployment(),
            new Identity("guest_1"),
            Sid.Conversation.random(random)),
        Guest.GRANTS,
        HOME,
        Optional.of(new BindingRequest(key.text(), idleTtl)),
        tokenTtl,
        sessionTtl);
    IssuedToken issued = service.generate(wanted);
    Sid.Conversation conversation = wanted.owner().conversation();
    return new BoundGuest(
        wanted.sid(), issued.token(), key.agree(issued.proofKey().orElseThrow(), conversation));
  }

  IssuedToken start(Fingerprint fingerprint, Duration tokenTtl, Duration sessionTtl) {
    return service.generate(new NewSession(
        Sid.Session.random(random),
        new SessionOwner(
            audience.account(),
            audience.deployment(),
            new Identity("guest_1"),
            Sid.Conversation.random(random)),
        Guest.GRANTS,
        fingerprint,
        Optional.empty(),
        tokenTtl,
        sessionTtl));
  }

  Verdict validate(GuestToken token) {
    return validate(token, HOME);
  }

  /** Presents a token with a good proof. */
  Verdict validate(GuestToken token, TestBrowserKey key, Purpose purpose) {
    return service.validate(
        new Presented(token, HOME, Optional.of(key.proof(token))), audience, purpose);
  }

  /** Renews a token as FederatedAuthService does. */
  GuestToken renew(GuestToken token, TestBrowserKey key) {
    return switch (validate(token, key, Purpose.RENEWAL)) {
      case Verdict.Authorized(Guest guest) ->
        service.generate(guest, HOME, TOKEN_TTL).token();
      case Verdict.Refused refused -> throw new AssertionError(refused);
    };
  }

  Verdict validate(GuestToken token, Fingerprint fingerprint) {
    return service.validate(new Presented(token, fingerprint), audience, Purpose.CALL);
  }

  /** Refreshes a token as FederatedAuthService does. */
  GuestToken refresh(GuestToken token) {
    return refresh(token, HOME);
  }

  GuestToken refresh(GuestToken token, Fingerprint fingerprint) {
    return service.generate(guest(token, fingerprint), fingerprint, TOKEN_TTL).token();
  }

  /** Refreshes, and uses the new token once. */
  GuestToken reload(GuestToken token) {
    GuestToken next = refresh(token);
    guest(next);
    return next;
  }

  Guest guest(GuestToken token) {
    return guest(token, HOME);
  }

  Guest guest(GuestToken token, Fingerprint fingerprint) {
    return switch (validate(token, fingerprint)) {
      case Verdict.Authorized(Guest guest) -> guest;
      case Verdict.Refused refused -> throw new AssertionError(refused);
    };
  }

  Session session(GuestToken token) {
    return switch (new Tokens(keys).open(token)) {
      case Tokens.Opened.Genuine(Claims claims) ->
        sessions.find(new Sid.Session(claims.session())).orElseThrow();
      case Tokens.Opened.Rejected rejected -> throw new AssertionError(rejected);
    };
  }

  /** The last arrow that a validation records in the trace. */
  Arrow seen(GuestToken token, Fingerprint fingerprint) {
    return seen(() -> validate(token, fingerprint));
  }

  static Arrow seen(Supplier<Verdict> check) {
    Trace trace = Trace.begin();
    List<Arrow> arrows = trace.during(() -> {
      var _ = check.get();
      return trace.arrows();
    });
    return arrows.getLast();
  }

  static Fingerprint fingerprint(Sensitivity sensitivity, Signal... differing) {
    Set<Signal> others = Set.of(differing);
    Map<Signal, byte[]> digests = new EnumMap<>(Signal.class);
    for (Signal signal : Signal.values()) {
      byte[] digest = new byte[Fingerprint.DIGEST_BYTES];
      digest[0] = (byte) signal.place();
      digest[Fingerprint.DIGEST_BYTES - 1] = (byte) (others.contains(signal) ? 1 : 0);
      digests.put(signal, digest);
    }
    return Fingerprint.of(sensitivity, digests);
  }

  @Override
  public void close() {
    database.close();
  }

  /** The lines that ScopedAuthService logs during an action, which go nowhere else. */
  static List<ILoggingEvent> logged(Runnable action) {
    Logger logger = (Logger) LoggerFactory.getLogger(ScopedAuthService.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Level level = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    lines.start();
    logger.addAppender(lines);
    try {
      action.run();
    } finally {
      logger.detachAppender(lines);
      logger.setAdditive(true);
      logger.setLevel(level);
    }
    return lines.list;
  }
}
