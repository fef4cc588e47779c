package parlour.honest;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.federatedauth.Refusal;
import parlour.honest.HonestServer.Action;
import parlour.honest.HonestStorage.Stored;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.proof.SocketChallenge;
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

  /** How long a guest waits at most before another attempt, after an answer that decided nothing. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(62);

  /**
   * The longest wait of a guest with a key: until the clock is right after a jump, and until it is
   * believed again.
   */
  static final Duration LONGEST_WAIT =
      Simulation.CORRECTION.plus(Limits.CLOCK_SETTLING).plus(LONGEST_PAUSE);

  /** A guest sends a message after one page load in three. */
  private static final int LOADS_PER_MESSAGE = 3;

  /** A page load in six is one from the browser's cache, or of a tab that slept: no reload. */
  private static final int CACHED = 6;

  private final HonestServer server;
  private final Counts counts;
  private final Random random;
  private final HonestBrowser browser;
  private final Simulation simulation;
  private final HonestStorage storage = new HonestStorage();
  private Route route;

  /** The guest's clock less the true one. */
  private Duration clockError;

  /** The server's clock less the guest's, as the widget has learned it. */
  private Duration learned = Duration.ZERO;

  private boolean lastAnswerWasLost;
  private boolean mustRetry;

  /** Whether the page tries to read again, not to renew its token. */
  private boolean retriesRead;

  private Instant waitsSince;
  private Instant lastChange;
  private Instant nextVisit;
  private int loadsLeft;
  private boolean isAway = true;

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
    if (isRetry && retriesRead) {
      var _ = reads(now);
    } else if (isRetry) {
      load(now, false);
    } else if (!storage.hasToken()) {
      startChat(now);
    } else if (now.isBefore(nextVisit)) {
      if (refresh(now)) { // a tab that is open and awake renews its token in time
        var _ = enters(now); // and presents it on its socket
      }
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
    return mustRetry
        ? now.plusSeconds(2 + random.nextInt((int) LONGEST_PAUSE.toSeconds() - 2))
        : next(now);
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
    isAway = true;
    if (browser.isPrivate && storage.hasToken()) {
      counts.happened(Cause.PRIVATE_WINDOW);
      storage.closePrivateWindow();
    }
    return wakes(now);
  }

  /** The browser has been started again, perhaps elsewhere. */
  private void begin() {
    if (browser.describesItselfAnew()) {
      var _ = happened(Cause.OTHER_WEIGHT, true);
    }
    if (simulation.change() == HeaderChange.NONE && happens(Cause.NETWORK)) {
      route = route.elsewhere(random.nextLong());
    }
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
    boolean isAwake = storage.hasToken()
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
    if (browser.family.isSafari() && happens(Cause.LOCKDOWN_MODE, passed)) {
      browser.switchLockdownMode();
    }
    evict(passed);
    if (!browser.isPrivate && happens(Cause.BACKUP, passed)) {
      storage.restore(1 + random.nextInt(HonestStorage.TOKENS_BACKED_UP), Cause.BACKUP);
    }
    if (isAway && !now.isBefore(nextVisit)) {
      isAway = false;
      begin();
    }
    observe(now);
  }

  /** The browser deletes all of its storage, or a part. */
  private void evict(Duration passed) {
    boolean isSafarisRule = browser.family.isSafari() && passed.compareTo(SAFARI_DELETES) > 0;
    if (happened(Cause.CLEARED, isSafarisRule) || happens(Cause.CLEARED, passed)) {
      storage.clear();
    }
    if (simulation.hasKeys() && happens(Cause.TOKEN_LOST, passed)) {
      storage.loseToken();
    }
    if (simulation.hasKeys() && happens(Cause.KEY_LOST, passed)) {
      storage.loseKeys();
    }
  }

  /** Sees what has changed by itself since the token was issued. */
  private void observe(Instant now) {
    Stored stored = storage.stored();
    if (stored == null) {
      return;
    }
    Set<Cause> changes = storage.changes;
    if (stored.version() != browser.version(now) && changes.add(Cause.UPDATE)) {
      counts.happened(Cause.UPDATE);
    }
    if (stored.timezoneOffset() != browser.timezoneOffset(now.plus(clockError))
        && !changes.contains(Cause.TRAVEL)
        && !changes.contains(Cause.PRIVACY_MODE)
        && !changes.contains(Cause.GUEST_CLOCK)
        && changes.add(Cause.DAYLIGHT_SAVING)) {
      counts.happened(Cause.DAYLIGHT_SAVING);
      counts.inTheSouth += browser.isInTheSouth() ? 1 : 0;
    }
  }

  private boolean happens(Cause cause, Duration passed) {
    double expected = simulation.rate(cause) * passed.toMillis() / YEAR.toMillis();
    return happened(cause, random.nextDouble() < 1 - Math.exp(-expected));
  }

  private boolean happens(Cause cause) {
    return happened(cause, random.nextDouble() < simulation.rate(cause));
  }

  /** Counts what happens while there is a chat. */
  private boolean happened(Cause cause, boolean happened) {
    if (happened && (storage.hasToken() || cause.per == Cause.Per.CHAT)) {
      counts.happened(cause);
      storage.changes.add(cause);
    }
    return happened;
  }

  // ---- pages

  private void startChat(Instant now) {
    GuestKey offered = simulation.hasKeys() ? GuestKey.next() : null;
    long loginTimestamp = now.plus(clockError).toEpochMilli();
    String start = GuestKey.nonce();
    FlexWebchatOrchestrator.Chat first = init(now, offered, loginTimestamp, start);
    FlexWebchatOrchestrator.Chat chat = first;
    if (happens(Cause.LOST_START)) {
      chat = init(now, offered, loginTimestamp, start);
      if (!chat.conversation().equals(first.conversation())) {
        throw new AssertionError("the start that was repeated began another chat");
      }
    }
    counts.chats++;
    learn(now);
    if (offered != null) {
      offered.agree(chat.proofKey().orElseThrow(), chat.conversation().text());
    }
    var begun = new HonestStorage.Chat(chat.conversation().text(), offered, server.clock.instant());
    storage.store(stored(begun, chat.token(), now, loginTimestamp));
    begun.used(storage.newest(), server.clock.instant());
  }

  private FlexWebchatOrchestrator.Chat init(
      Instant now, @Nullable GuestKey offered, long loginTimestamp, String start) {
    return server.init(
        headers(now, loginTimestamp), Optional.ofNullable(offered).map(GuestKey::publicKey), start);
  }

  private Stored stored(
      HonestStorage.Chat chat, GuestToken token, Instant now, long loginTimestamp) {
    return new Stored(
        chat,
        token,
        server.clock.instant(),
        browser.timezoneOffset(now.plus(clockError)),
        browser.version(now),
        loginTimestamp);
  }

  /**
   * The page is loaded.
   *
   * @param isNew false if this page load has begun before, and an outage delayed it
   */
  private void load(Instant now, boolean isNew) {
    if (!storage.hasToken()) {
      return;
    }
    if (isNew) {
      counts.reloads++;
      countAbsence();
    }
    if (browser.family.isOnPhone() && happens(Cause.DESKTOP_SITE)) {
      browser.switchDesktopSite();
    }
    if (happens(Cause.USER_AGENT)) {
      browser.switchUserAgent();
    }
    if (storage.previous() != null && happens(Cause.CRASH)) {
      storage.restore(1, Cause.CRASH);
    }
    Stored previous = storage.previous();
    if (previous != null && happens(Cause.LATE_TAB)) {
      lateCall(now, previous);
    }
    Stored before = storage.newest();
    lastAnswerWasLost = happens(Cause.LOST_ANSWER);
    if (lastAnswerWasLost) {
      var _ = call(now, Action.REFRESH, before);
      return;
    }
    if (happens(Cause.TABS)) {
      // All of them have read the storage before.
      if (!refresh(now) || !reads(now) || !refreshWith(now, before) || !refreshWith(now, before)) {
        return;
      }
    }
    if (refresh(now) && reads(now) && enters(now) && random.nextInt(LOADS_PER_MESSAGE) == 0) {
      sends(now);
    }
  }

  private void countAbsence() {
    Instant now = server.clock.instant();
    if (isOver(storage.newest())) {
      counts.happened(Cause.SESSION_OVER);
    } else if (isExpired(storage.newest(), now)) {
      counts.happened(Cause.AWAY);
    }
  }

  /**
   * Another tab's call was under way for minutes. Without a key the widget sees that its token is
   * outdated, and ignores the refusal. With the key there must be none.
   */
  private void lateCall(Instant now, Stored with) {
    if (call(now, Action.READ, with) instanceof HonestServer.Answer.Refused && !isOver(with)) {
      if (storage.canProve(with.chat())) {
        counts.refused(Cause.LATE_TAB);
      } else {
        counts.ignored++;
      }
    }
  }

  private boolean refresh(Instant now) {
    return storage.hasToken() && refreshWith(now, storage.newest());
  }

  /** Renews a token and stores the next one. Returns whether the page can go on. */
  private boolean refreshWith(Instant now, Stored with) {
    return switch (call(now, Action.REFRESH, with)) {
      case HonestServer.Answer.Issued(GuestToken token, Instant _) -> {
        counts.changedButLetIn += route.hasChangedSince(with.issued(), now) ? 1 : 0;
        counts.renewals += isExpired(with, server.clock.instant()) ? 1 : 0;
        storage.store(stored(with.chat(), token, now, with.loginTimestamp()));
        yield true;
      }
      case HonestServer.Answer.Refused(Refusal refusal) -> {
        interrupted(refusal);
        yield false;
      }
      case HonestServer.Answer answer -> {
        demandLater(answer);
        retriesRead = false;
        yield false;
      }
    };
  }

  private boolean reads(Instant now) {
    return goesOn(now, () -> call(now, Action.READ, storage.newest()));
  }

  /** Opens a socket, or presents the newest token on the one that is open. */
  private boolean enters(Instant now) {
    counts.sockets++;
    return goesOn(now, () -> {
      Stored with = storage.newest();
      SocketChallenge challenge = server.challenge();
      var hello = new HonestServer.Hello(
          challenge,
          with.token(),
          Optional.ofNullable(storage.keyOf(with.chat()))
              .map(key -> server.answer(key, challenge, with.token())),
          headers(now, with.loginTimestamp()));
      HonestServer.Answer answer = server.answer(hello, Optional.of(route.network()));
      use(with, answer);
      return answer;
    });
  }

  /** Sends a message. If the answer is lost, the widget sends it again, as the same message. */
  private void sends(Instant now) {
    counts.messages++;
    String message = HonestServer.message(GuestKey.nonce());
    if (happens(Cause.LOST_MESSAGE)) {
      demandDuplicate(
          call(now, Action.SEND, storage.newest(), message),
          call(now, Action.SEND, storage.newest(), message));
    }
    var _ = goesOn(now, () -> call(now, Action.SEND, storage.newest(), message));
  }

  private static void demandDuplicate(HonestServer.Answer first, HonestServer.Answer second) {
    if (first instanceof HonestServer.Answer.Done(boolean isAdded)
        && isAdded
        && second instanceof HonestServer.Answer.Done(boolean isAddedAgain)
        && isAddedAgain) {
      throw new AssertionError("a message was sent twice");
    }
  }

  /** Repeats a call with the next token, if its answer says so. Returns whether the page can go on. */
  private boolean goesOn(Instant now, Supplier<HonestServer.Answer> call) {
    for (int attempt = 1; attempt <= ATTEMPTS && storage.hasToken(); attempt++) {
      switch (call.get()) {
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
          retriesRead = true;
          return false;
        }
      }
    }
    if (storage.hasToken()) {
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

  private HonestServer.Answer call(Instant now, Action action, Stored with) {
    return call(now, action, with, "");
  }

  private HonestServer.Answer call(Instant now, Action action, Stored with, String body) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      GuestKey.Call call = signed(now, action, with, body);
      Optional<String> network = Optional.of(route.network());
      HonestServer.Answer answer = server.answer(call, with.token(), network);
      if (happens(Cause.PROXY_RETRY)) { // the same bytes again, because the first answer is lost
        HonestServer.Answer first = answer;
        answer = server.answer(call, with.token(), network);
        demandDuplicate(first, answer);
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
    if (answer instanceof HonestServer.Answer.Issued
        || answer instanceof HonestServer.Answer.Done) {
      with.chat().used(with, server.clock.instant());
    }
  }

  private GuestKey.Call signed(Instant now, Action action, Stored with, String body) {
    GuestKey.Call call = server.call(
        action,
        with.token(),
        body,
        headers(now, with.loginTimestamp()),
        now.plus(clockError).plus(learned).getEpochSecond());
    GuestKey key = storage.keyOf(with.chat());
    if (key != null) {
      call.headers().putAll(key.sign(call));
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
    storage.loseToken();
  }

  private Cause cause(Refusal refusal) {
    HonestStorage.Chat chat = storage.newest().chat();
    if (chat.isBound() && !storage.canProve(chat)) {
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
      if (storage.changes.contains(cause)) {
        return cause;
      }
    }
    return Optional.ofNullable(storage.stale()).orElse(Cause.UNEXPLAINED);
  }

  private boolean isOver(Stored token) {
    Instant now = server.clock.instant();
    HonestStorage.Chat chat = token.chat();
    Duration sessionTtl =
        chat.isBound() ? Limits.BOUND_SESSION_TTL_DEFAULT : Limits.UNBOUND_SESSION_TTL_DEFAULT;
    boolean isIdle =
        chat.isBound() && !now.isBefore(chat.lastFirstUse().plus(Limits.IDLE_TTL_DEFAULT));
    return isIdle || !now.isBefore(chat.began.plus(sessionTtl));
  }

  private static boolean isExpired(Stored token, Instant now) {
    return !now.isBefore(token.issued().plus(Limits.TOKEN_TTL_DEFAULT).minusSeconds(1));
  }

  private Cause outdated() {
    Stored refused = storage.newest();
    if (isOver(refused)) {
      return Cause.SESSION_OVER;
    }
    Cause stale = storage.stale();
    if (stale != null) {
      return stale;
    }
    if (isExpired(refused, server.clock.instant())) {
      return Cause.AWAY;
    }
    return storage.changes.contains(Cause.LOST_ANSWER)
        ? Cause.LOST_ANSWER
        : storage.changes.contains(Cause.TABS) ? Cause.TABS : Cause.UNEXPLAINED;
  }
}
