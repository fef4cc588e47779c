package parlour.honest;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.accounts.Configuration;
import parlour.accounts.Directory;
import parlour.conversations.ConversationsService;
import parlour.conversations.GuestCredentials;
import parlour.conversations.SqlConversationStore;
import parlour.federatedauth.FederatedAuthService;
import parlour.federatedauth.Outcome;
import parlour.federatedauth.Refusal;
import parlour.ledger.Ledger;
import parlour.notices.EventBus;
import parlour.notices.LocalEventBus;
import parlour.orchestrator.BrowserRequest;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.orchestrator.FlexWebchatOrchestratorService;
import parlour.orchestrator.TestOrchestrator;
import parlour.proof.MalformedProof;
import parlour.proof.MemoryNonces;
import parlour.proof.ProofOutOfTime;
import parlour.proof.SignedCall;
import parlour.rates.LocalRateLimiter;
import parlour.rates.RateLimiter;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.MasterKey;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.ScopedAuthService;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.SignalBudget;
import parlour.scopedauth.SqlKeys;
import parlour.scopedauth.SqlSessions;
import parlour.scopedauth.SqlSignalVotes;
import parlour.scopedauth.TokenKeys;
import parlour.scopedauth.Verdict;
import parlour.spec.GuestKey;
import parlour.spec.StoppedClock;
import parlour.store.DiskSpace;
import parlour.store.InMemoryDatabase;

/**
 * The real services behind the edge, over SQLite in memory, on a stopped clock. It can be restarted,
 * and return to an earlier state.
 */
final class HonestServer implements Directory, AutoCloseable {
  static final String REFRESH = "/v2/Webchat/Token/Refresh";
  static final String MESSAGES = "/v2/Webchat/Messages";

  final StoppedClock clock = new StoppedClock();
  private final SecureRandom random = new SecureRandom();
  private final MasterKey masterKey = MasterKey.parse(MasterKey.random(random));
  private final InMemoryDatabase database = new InMemoryDatabase(SqlSessions.SCHEMA);
  private final InMemoryDatabase conversationStore =
      new InMemoryDatabase(SqlConversationStore.SCHEMA);
  private final Mechanism missing;
  private final Configuration configuration;
  private SignalBudget budget;
  private Instant updated;
  private ScopedAuth scopedAuth;
  private FlexWebchatOrchestrator orchestrator;
  private Instant kept;

  /** What the browser learns from an answer. */
  sealed interface Answer {
    record Issued(GuestToken token, Instant expires) implements Answer {}

    record Done() implements Answer {}

    /** 401 or 403: the guest is interrupted. */
    record Refused(Refusal refusal) implements Answer {}

    /** 401 with the action {@code refresh}. */
    record Renew() implements Answer {}

    /** 428. */
    record OutOfTime(Instant serverTime) implements Answer {}

    /** 429 or 503. */
    record Later() implements Answer {}
  }

  /**
   * @param missing the mechanism that this server does without
   */
  HonestServer(Mechanism missing) {
    this.missing = missing;
    configuration = TestOrchestrator.configuration(random, Sensitivity.MEDIUM);
    updated = clock.instant();
    budget = budget();
    scopedAuth = scopedAuth();
    orchestrator = orchestrator();
    kept = clock.instant();
  }

  /** Starts the services again: all that is only in memory is lost. */
  void restart() {
    budget = budget();
    scopedAuth = scopedAuth();
    orchestrator = orchestrator();
  }

  /** Keeps the sessions and the time as they are now, in place of what was kept before. */
  void keep() {
    database.keep();
    kept = clock.instant();
  }

  /** Starts again with the sessions and at the time that were kept. */
  void goBack() {
    database.goBack();
    clock.set(kept);
    restart();
  }

  /** Ends the sessions of a conversation, as its account does. */
  void revoke(Sid.Conversation conversation) {
    scopedAuth.revokeAllOf(conversation, "its account ended it");
  }

  private SignalBudget budget() {
    return new SignalBudget(new SqlSignalVotes(database), Ledger.NONE, clock);
  }

  /** Does what a periodic task of the process does. */
  private void updateBudget() {
    Instant now = clock.instant();
    if (now.isBefore(updated) || !now.isBefore(updated.plus(Limits.SIGNAL_UPDATE))) {
      budget.update();
      updated = now;
    }
  }

  private ScopedAuth scopedAuth() {
    return missing.without(new ScopedAuthService(
        new SqlSessions(database),
        new TokenKeys(new SqlKeys(database), masterKey, clock, random),
        new LocalRateLimiter(),
        RateLimiter.UNLIMITED,
        new LocalEventBus(Limits.FOLLOW_TIMEOUT),
        new MemoryNonces(clock.instant(), random),
        budget,
        Ledger.NONE,
        clock,
        random));
  }

  private FlexWebchatOrchestrator orchestrator() {
    EventBus events = new LocalEventBus(Limits.FOLLOW_TIMEOUT);
    return new FlexWebchatOrchestratorService(
        this,
        new FederatedAuthService(scopedAuth),
        new ConversationsService(
            new SqlConversationStore(conversationStore),
            events,
            scopedAuth,
            DiskSpace.unknown(),
            clock,
            random),
        _ -> false,
        RateLimiter.UNLIMITED,
        clock,
        DiskSpace.unknown(),
        random);
  }

  FlexWebchatOrchestrator.Chat init(Map<String, String> headers, Optional<String> proofKey) {
    return orchestrator.init(
        new FlexWebchatOrchestrator.ChatRequest(
            configuration.deployment(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            proofKey),
        new BrowserRequest(
            insensitive(headers)::get, (_, _) -> {}, Optional.empty(), Optional.empty()));
  }

  /** The headers of a call about the conversation, without those of the browser. */
  Map<String, String> bearer(GuestToken token) {
    return Map.of(
        "Authorization",
        "Bearer " + token.text(),
        "Webchat-Deployment-Key",
        configuration.deployment().text());
  }

  /** Answers a refresh, or a call that reads messages, from an unknown network. */
  Answer answer(GuestKey.Call call, GuestToken token) {
    return answer(call, token, Optional.empty());
  }

  /**
   * Answers a refresh, or a call that reads messages.
   *
   * @param network the network that the call comes from
   */
  Answer answer(GuestKey.Call call, GuestToken token, Optional<String> network) {
    if (network.isPresent() && missing != Mechanism.BUDGET) {
      updateBudget();
    }
    Instant now = clock.instant();
    try {
      BrowserRequest request = browserRequest(call, now, network);
      return call.method().equals("GET") ? read(token, request) : refresh(token, request);
    } catch (ProofOutOfTime e) {
      return new Answer.OutOfTime(now);
    } catch (MalformedProof e) {
      throw new AssertionError(e);
    } catch (Unavailable e) {
      return new Answer.Later();
    }
  }

  private static BrowserRequest browserRequest(
      GuestKey.Call call, Instant now, Optional<String> network)
      throws MalformedProof, ProofOutOfTime {
    Map<String, String> headers = insensitive(call.headers());
    SignedCall signed = new SignedCall(
        call.method(),
        call.target(),
        "",
        name -> Optional.ofNullable(headers.get(name)).stream().toList(),
        !call.body().isEmpty());
    return new BrowserRequest(
        headers::get,
        (_, _) -> {},
        call.method().equals("GET") ? signed.proofForOneAnswer(now) : signed.proof(now),
        network);
  }

  private static Map<String, String> insensitive(Map<String, String> headers) {
    Map<String, String> any = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    any.putAll(headers);
    return any;
  }

  private Answer refresh(GuestToken token, BrowserRequest request) {
    return switch (orchestrator.refresh(configuration.deployment(), token, request)) {
      case Outcome.Issued issued ->
        new Answer.Issued(issued.token().token(), issued.token().expiration());
      case Outcome.Refused refused -> new Answer.Refused(refused.refusal());
    };
  }

  private Answer read(GuestToken token, BrowserRequest request) {
    GuestCredentials guest = orchestrator.credentials(configuration.deployment(), token, request);
    return switch (scopedAuth.validate(guest.presented(), guest.audience(), Purpose.CALL)) {
      case Verdict.Authorized _ -> new Answer.Done();
      case Verdict.Refused refused when refused.renewable() -> new Answer.Renew();
      case Verdict.Refused refused ->
        new Answer.Refused(
            refused.failure() == Verdict.Failure.TOKEN_VALIDATION_FAILED
                ? Refusal.TOKEN
                : Refusal.FINGERPRINT);
    };
  }

  @Override
  public Optional<Sid.Account> accountOf(Sid.Deployment deployment) {
    return Optional.of(configuration.account());
  }

  @Override
  public Optional<Configuration> configurationOf(Sid.Account account, Sid.Deployment deployment) {
    return Optional.of(configuration);
  }

  @Override
  public void close() {
    conversationStore.close();
    database.close();
  }
}
