package parlour.honest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.federatedauth.Refusal;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.scopedauth.GuestToken;
import parlour.spec.GuestKey;

/**
 * One guest with one browser, whose tabs share a storage, and what happens to them. The browser
 * does what the widget does: it calls with the newest stored token, renews it when the server says
 * so, corrects its time, and tries again after an outage.
 */
final class HonestGuest {
  private static final Duration YEAR = Duration.ofDays(365);
  private static final Duration SAFARI_DELETES = Duration.ofDays(7);

  /** More attempts would be a loop: the server must have decided by then. */
  private static final int ATTEMPTS = 4;

  /** The tokens that a backup can contain. */
  private static final int TOKENS_BACKED_UP = 40;

  /** A page load in six is one from the browser's cache, or of a tab that slept: no reload. */
  private static final int CACHED = 6;

  private final HonestServer server;
  private final Counts counts;
  private final Random random;
  private final HonestBrowser browser;
  private final Simulation simulation;
  private final Route route;

  /** The guest's clock less the true one. */
  private Duration clockError;

  /** The server's clock less the guest's, as the widget has learned it. */
  private Duration learned = Duration.ZERO;

  private @Nullable Stored stored;
  private final Deque<Stored> earlier = new ArrayDeque<>();
  private @Nullable GuestKey key;
  private boolean isKeyLost;
  private boolean lastAnswerWasLost;
  private boolean mustRetry;
  private Instant waitsSince;
  private Instant lastChange;
  private @Nullable Stored lastUsed;

  /** When a token was last used for the first time, by the server's clock: a sign of life. */
  private Instant lastFirstUse;

  private Instant nextVisit;
  private int loadsLeft;

  /** Why the stored token is not the newest one, if it is not. */
  private @Nullable Cause stale;

  /** The changes since the stored token was issued. */
  private final Set<Cause> changes = EnumSet.noneOf(Cause.class);

  /**
   * What the tabs share.
   *
   * @param began when the session began, by the server's clock
   * @param issued when the token was issued, by the server's clock
   */
  private record Stored(
      GuestToken token,
      Instant began,
      Instant issued,
      int timezoneOffset,
      long version,
      long loginTimestamp) {}

  HonestGuest(
      HonestServer server,
      Counts counts,
      Random random,
      Simulation simulation,
      Route route,
      Instant now) {
    this.server = server;
    this.counts = counts;
    this.random = random;
    this.simulation = simulation;
    this.route = route;
    browser = new HonestBrowser(random);
    clockError = random.nextInt(100) == 0
        ? wrongByYears()
        : Duration.ofMillis((long) (random.nextGaussian() * 2_000));
    lastChange = now;
    waitsSince = now;
    lastFirstUse = now;
    nextVisit = now;
  }

  private Duration wrongByYears() {
    return Duration.ofDays(random.nextInt(20 * 365) - 10 * 365);
  }

  /** Does the next thing, and returns when to do the one after it. */
  Instant step(Instant now) {
    change(now);
    boolean isRetry = mustRetry;
    mustRetry = false;
    if (isRetry) {
      load(now, false);
    } else if (stored == null) {
      startChat(now);
    } else if (now.isBefore(nextVisit)) {
      refresh(now); // a tab that is open and awake renews its token in time
    } else if (random.nextInt(CACHED) == 0) {
      counts.otherCalls++;
      var _ = reads(now);
    } else {
      load(now, true);
    }
    if (mustRetry && !isRetry) {
      waitsSince = now;
    } else if (isRetry && !mustRetry) {
      counts.waited(Duration.between(waitsSince, now));
    }
    return mustRetry ? now.plusSeconds(2 + random.nextInt(60)) : next(now);
  }

  private Instant next(Instant now) {
    if (lastAnswerWasLost) { // the guest reloads again
      return now.plusSeconds(1 + random.nextInt(90));
    }
    if (now.isBefore(nextVisit)) {
      return wakes(now);
    }
    if (loadsLeft > 0) {
      loadsLeft--;
      return now.plusMillis(2_000 + (long) (-Math.log(1 - random.nextDouble()) * 40_000));
    }
    loadsLeft = (int) (-Math.log(1 - random.nextDouble()) * 6);
    nextVisit = now.plus(absence());
    return wakes(now);
  }

  /** Minutes to weeks. */
  private Duration absence() {
    int kind = random.nextInt(100);
    if (kind < 40) {
      return Duration.ofSeconds(600 + random.nextInt(3_000));
    } else if (kind < 65) {
      return Duration.ofMinutes(60 + random.nextInt(300));
    } else if (kind < 85) {
      return Duration.ofMinutes(360 + random.nextInt(1_800));
    } else if (kind < 95) {
      return Duration.ofHours(48 + random.nextInt(120));
    }
    return Duration.ofHours(168 + random.nextInt(7 * 168));
  }

  /** The next visit, or before it the renewal of a tab that is open: of three in ten at night. */
  private Instant wakes(Instant now) {
    boolean isAwake = stored != null
        && Duration.between(now, nextVisit).compareTo(Duration.ofHours(12)) < 0
        && random.nextInt(10) < 3;
    if (!isAwake) {
      return nextVisit;
    }
    Instant renewal = now.plus(Limits.TOKEN_TTL_DEFAULT).minus(Limits.TOKEN_REFRESH_AHEAD);
    return renewal.isBefore(nextVisit) ? renewal : nextVisit;
  }

  // ---- changes of the browser and of its storage

  private void change(Instant now) {
    Duration passed = Duration.between(lastChange, now);
    lastChange = now;
    if (happens(Cause.TRAVEL, passed)) {
      browser.travel();
    }
    if (happens(Cause.LANGUAGE, passed)) {
      browser.changeLanguage();
    }
    if (happens(Cause.COOKIES, passed)) {
      browser.switchCookies();
    }
    if (browser.family.isFirefox() && happens(Cause.PRIVACY_MODE, passed)) {
      browser.switchPrivacyMode();
    }
    if (happens(Cause.GUEST_CLOCK, passed)) {
      clockError = random.nextBoolean() ? Duration.ZERO : wrongByYears();
    }
    boolean isSafarisRule = browser.family.isSafari() && passed.compareTo(SAFARI_DELETES) > 0;
    if (stored != null && (isSafarisRule || happens(Cause.CLEARED, passed))) {
      if (isSafarisRule) {
        counts.happened(Cause.CLEARED);
      }
      forget();
    }
    if (stored != null && happens(Cause.BACKUP, passed)) {
      restore(Cause.BACKUP);
    }
    if (stored != null && key != null && happens(Cause.KEY_LOST, passed)) {
      isKeyLost = true;
    }
    observe(now);
  }

  /** Sees what has changed by itself since the token was issued. */
  private void observe(Instant now) {
    if (stored == null) {
      return;
    }
    if (stored.version() != browser.version(now) && changes.add(Cause.UPDATE)) {
      counts.happened(Cause.UPDATE);
    }
    if (stored.timezoneOffset() != browser.timezoneOffset(now.plus(clockError))
        && !changes.contains(Cause.TRAVEL)
        && !changes.contains(Cause.PRIVACY_MODE)
        && !changes.contains(Cause.GUEST_CLOCK)
        && changes.add(Cause.DAYLIGHT_SAVING)) {
      counts.happened(Cause.DAYLIGHT_SAVING);
    }
  }

  private boolean happens(Cause cause, Duration passed) {
    double expected = simulation.rate(cause) * passed.toMillis() / YEAR.toMillis();
    return happened(cause, random.nextDouble() < 1 - Math.exp(-expected));
  }

  private boolean happens(Cause cause) {
    return happened(cause, random.nextDouble() < simulation.rate(cause));
  }

  private boolean happened(Cause cause, boolean happened) {
    if (happened) {
      counts.happened(cause);
      changes.add(cause);
    }
    return happened;
  }

  /** The storage is as it was some tokens ago; the key is there. */
  private void restore(Cause cause) {
    int back = cause == Cause.CRASH ? 1 : 1 + random.nextInt(TOKENS_BACKED_UP);
    Stored older = stored;
    for (int i = 0; i < back && !earlier.isEmpty(); i++) {
      older = earlier.removeLast();
    }
    if (!Objects.equals(older, stored)) {
      stored = older;
      stale = cause;
    }
  }

  private void forget() {
    stored = null;
    earlier.clear();
    key = null;
    isKeyLost = false;
    stale = null;
    changes.clear();
  }

  // ---- pages

  private void startChat(Instant now) {
    GuestKey offered = simulation.hasKeys() ? GuestKey.next() : null;
    long loginTimestamp = now.plus(clockError).toEpochMilli();
    FlexWebchatOrchestrator.Chat chat = server.init(
        headers(now, loginTimestamp), Optional.ofNullable(offered).map(GuestKey::publicKey));
    counts.chats++;
    learn(now);
    if (offered != null) {
      offered.agree(chat.proofKey().orElseThrow(), chat.conversation().text());
    }
    forget();
    key = offered;
    store(chat.token(), server.clock.instant(), now, loginTimestamp);
    lastUsed = stored;
    lastFirstUse = server.clock.instant();
  }

  private void store(GuestToken token, Instant began, Instant now, long loginTimestamp) {
    if (stored != null) {
      earlier.addLast(stored);
      if (earlier.size() > TOKENS_BACKED_UP) {
        earlier.removeFirst();
      }
    }
    stored = new Stored(
        token,
        began,
        server.clock.instant(),
        browser.timezoneOffset(now.plus(clockError)),
        browser.version(now),
        loginTimestamp);
    changes.clear();
    stale = null;
  }

  /**
   * The page is loaded.
   *
   * @param isNew false if this page load has begun before, and an outage delayed it
   */
  private void load(Instant now, boolean isNew) {
    if (stored == null) {
      return;
    }
    counts.reloads += isNew ? 1 : 0;
    if (browser.family.isOnPhone() && happens(Cause.DESKTOP_SITE)) {
      browser.switchDesktopSite();
    }
    if (happens(Cause.USER_AGENT)) {
      browser.switchUserAgent();
    }
    if (happens(Cause.CRASH)) {
      restore(Cause.CRASH);
    }
    if (happens(Cause.LATE_TAB) && !earlier.isEmpty()) {
      lateCall(now);
    }
    Stored before = stored;
    lastAnswerWasLost = happens(Cause.LOST_ANSWER);
    if (lastAnswerWasLost) {
      var _ = call(now, "POST", before);
      return;
    }
    if (happens(Cause.PROXY_RETRY)) {
      var _ = call(now, "POST", before);
    }
    if (happens(Cause.TABS)) {
      // All of them have read the storage before.
      if (!refresh(now) || !reads(now) || !refreshWith(now, before) || !refreshWith(now, before)) {
        return;
      }
    }
    if (refresh(now)) {
      var _ = reads(now);
    }
  }

  /** Another tab's call was under way for minutes; the widget sees that its token is outdated. */
  private void lateCall(Instant now) {
    if (call(now, "GET", earlier.getLast()) instanceof HonestServer.Answer.Refused) {
      counts.ignored++;
    }
  }

  private boolean refresh(Instant now) {
    return stored != null && refreshWith(now, stored);
  }

  /** Renews a token and stores the next one. Returns whether the page can go on. */
  private boolean refreshWith(Instant now, Stored with) {
    return switch (call(now, "POST", with)) {
      case HonestServer.Answer.Issued(GuestToken token, Instant _) -> {
        Instant expires = with.issued().plus(Limits.TOKEN_TTL_DEFAULT);
        counts.changedButLetIn += route.hasChangedSince(with.issued(), now) ? 1 : 0;
        counts.renewals += server.clock.instant().isBefore(expires) ? 0 : 1;
        store(token, with.began(), now, with.loginTimestamp());
        yield true;
      }
      case HonestServer.Answer.Refused(Refusal refusal) -> {
        interrupted(refusal);
        yield false;
      }
      case HonestServer.Answer answer -> {
        demandLater(answer);
        yield false;
      }
    };
  }

  /** Reads the messages; if the answer says so, with the next token. Whether the page can go on. */
  private boolean reads(Instant now) {
    for (int attempt = 1; attempt <= ATTEMPTS && stored != null; attempt++) {
      switch (call(now, "GET", stored)) {
        case HonestServer.Answer.Done _ -> {
          return true;
        }
        case HonestServer.Answer.Refused(Refusal refusal) -> {
          interrupted(refusal);
          return false;
        }
        case HonestServer.Answer.Renew _ -> {
          if (!refresh(now)) {
            return false;
          }
        }
        case HonestServer.Answer answer -> {
          demandLater(answer);
          return false;
        }
      }
    }
    if (stored != null) {
      interrupted(Refusal.TOKEN); // it was answered the same again and again
    }
    return false;
  }

  private void demandLater(HonestServer.Answer answer) {
    if (!(answer instanceof HonestServer.Answer.Later)) {
      throw new AssertionError("not an answer to this call: " + answer);
    }
    counts.undecided++;
    mustRetry = true;
  }

  // ---- calls

  private HonestServer.Answer call(Instant now, String method, Stored with) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      GuestKey.Call call = signed(now, method, with);
      Optional<String> network = Optional.of(route.network());
      HonestServer.Answer answer = server.answer(call, with.token(), network);
      if (method.equals("GET") && happens(Cause.PROXY_RETRY)) {
        answer = server.answer(call, with.token(), network); // the first answer is lost
      }
      learn(now);
      if (!(answer instanceof HonestServer.Answer.OutOfTime)) {
        use(with, answer);
        return answer;
      }
      counts.correctedTimes++;
    }
    throw new AssertionError("the server's own time was refused as a proof's time");
  }

  private void use(Stored with, HonestServer.Answer answer) {
    boolean isAuthorized =
        answer instanceof HonestServer.Answer.Issued || answer instanceof HonestServer.Answer.Done;
    if (isAuthorized && !with.equals(lastUsed)) {
      lastUsed = with;
      lastFirstUse = server.clock.instant();
    }
  }

  private GuestKey.Call signed(Instant now, String method, Stored with) {
    Map<String, String> headers = new HashMap<>(headers(now, with.loginTimestamp()));
    boolean isRead = method.equals("GET");
    if (isRead) {
      headers.putAll(server.bearer(with.token()));
    }
    GuestKey.Call call = new GuestKey.Call(
        method,
        isRead ? HonestServer.MESSAGES : HonestServer.REFRESH,
        isRead ? "" : "{\"token\":\"" + with.token().text() + "\"}",
        headers,
        now.plus(clockError).plus(learned).getEpochSecond(),
        GuestKey.nonce());
    if (key != null && !isKeyLost) {
      headers.putAll(key.sign(call));
    }
    return call;
  }

  private Map<String, String> headers(Instant now, long loginTimestamp) {
    return route.pass(browser.headers(now, now.plus(clockError), loginTimestamp), now);
  }

  /** From the header {@code Parlour-Time} of an answer. */
  private void learn(Instant now) {
    learned = Duration.between(now.plus(clockError), server.clock.instant());
  }

  // ---- refusals

  private void interrupted(Refusal refusal) {
    counts.refused(cause(refusal));
    counts.otherBrowsers += refusal == Refusal.FINGERPRINT ? 1 : 0;
    forget();
  }

  private Cause cause(Refusal refusal) {
    if (isKeyLost) {
      return Cause.KEY_LOST;
    }
    return refusal == Refusal.FINGERPRINT ? changed() : outdated();
  }

  private Cause changed() {
    for (Cause cause : new Cause[] {
      Cause.DESKTOP_SITE,
      Cause.USER_AGENT,
      Cause.PRIVACY_MODE,
      Cause.LANGUAGE,
      Cause.COOKIES,
      Cause.TRAVEL,
      Cause.GUEST_CLOCK,
      Cause.DAYLIGHT_SAVING,
      Cause.UPDATE
    }) {
      if (changes.contains(cause)) {
        return cause;
      }
    }
    return Cause.UNEXPLAINED;
  }

  private Cause outdated() {
    Instant now = server.clock.instant();
    Stored refused = Objects.requireNonNull(stored);
    boolean isBound = key != null;
    Duration sessionTtl =
        isBound ? Limits.BOUND_SESSION_TTL_DEFAULT : Limits.UNBOUND_SESSION_TTL_DEFAULT;
    boolean isIdle = isBound && !now.isBefore(lastFirstUse.plus(Limits.IDLE_TTL_DEFAULT));
    if (!now.isBefore(refused.began().plus(sessionTtl)) || isIdle) {
      return Cause.SESSION_OVER;
    }
    if (stale != null) {
      return stale;
    }
    if (!now.isBefore(refused.issued().plus(Limits.TOKEN_TTL_DEFAULT).minusSeconds(1))) {
      return Cause.AWAY;
    }
    return changes.contains(Cause.LOST_ANSWER)
        ? Cause.LOST_ANSWER
        : changes.contains(Cause.TABS) ? Cause.TABS : Cause.UNEXPLAINED;
  }
}
