package parlour.honest;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.accounts.Configuration;
import parlour.accounts.Directory;
import parlour.conversations.ConversationsService;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversationsService;
import parlour.conversations.GuestCredentials;
import parlour.conversations.GuestOutcome;
import parlour.conversations.Revocations;
import parlour.conversations.Sent;
import parlour.conversations.SqlConversationStore;
import parlour.events.LocalEventBus;
import parlour.federatedauth.FederatedAuthService;
import parlour.federatedauth.Outcome;
import parlour.federatedauth.Refusal;
import parlour.http.json.Json;
import parlour.http.json.JsonText;
import parlour.ledger.Ledger;
import parlour.media.MediaService;
import parlour.orchestrator.BrowserRequest;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.orchestrator.FlexWebchatOrchestratorService;
import parlour.orchestrator.TestOrchestrator;
import parlour.proof.MalformedProof;
import parlour.proof.MemoryNonces;
import parlour.proof.Nonces;
import parlour.proof.Proof;
import parlour.proof.ProofOutOfTime;
import parlour.proof.SignedCall;
import parlour.proof.SocketChallenge;
import parlour.push.NoPushes;
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
 * The real services behind the edge, over SQLite in memory, on a stopped clock. It can be
 * restarted, and return to an earlier state.
 */
final class HonestServer implements Directory, AutoCloseable {
  final StoppedClock clock = new StoppedClock();
  private final SecureRandom random = new SecureRandom();
  private final MasterKey masterKey = MasterKey.parse(MasterKey.random(random));
  private final InMemoryDatabase database = new InMemoryDatabase(SqlSessions.SCHEMA);
  private final InMemoryDatabase conversationStore =
      new InMemoryDatabase(SqlConversationStore.SCHEMA);
  private final Mechanism missing;
  private final boolean hasRates;
  private final Configuration configuration;
  private ClockWatch watch;
  private SignalBudget budget;
  private Instant updated;
  private ScopedAuth scopedAuth;
  private ConversationsService conversations;
  private GuestConversations guests;
  private FlexWebchatOrchestrator orchestrator;
  private Instant kept;

  /** The kinds of a guest's calls. */
  enum Action {
    READ("GET", "/v2/Webchat/Messages"),
    SEND("POST", "/v2/Webchat/Messages"),
    REFRESH("POST", "/v2/Webchat/Token/Refresh"),
    END("POST", "/v2/Webchat/End"),
    REOPEN("POST", "/v2/Webchat/Reopen");

    final String method;
    final String target;

    Action(String method, String target) {
      this.method = method;
      this.target = target;
    }

    /** Whether a copy of the call would do harm. */
    private boolean isForOneAnswer() {
      return this == READ || this == END || this == REOPEN;
    }

    private static Action of(GuestKey.Call call) {
      return Arrays.stream(values())
          .filter(one -> one.method.equals(call.method()) && one.target.equals(call.target()))
          .findFirst()
          .orElseThrow();
    }
  }

  /**
   * The hello of a socket.
   *
   * @param challenge of the server to this socket
   * @param mac the answer to a challenge, not necessarily to this one
   */
  record Hello(
      SocketChallenge challenge,
      GuestToken token,
      Optional<String> mac,
      Map<String, String> headers) {}

  /** The facts that the browser learns from an answer. */
  sealed interface Answer {
    record Issued(GuestToken token, Instant expires) implements Answer {}

    /**
     * @param addsMessage whether the conversation has one message more
     */
    record Done(boolean addsMessage) implements Answer {}

    /** 400. */
    record Malformed() implements Answer {}

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
   * @param hasRates whether the calls and the refusals of a session are counted
   */
  HonestServer(Mechanism missing, boolean hasRates) {
    this.missing = missing;
    this.hasRates = hasRates;
    configuration = TestOrchestrator.configuration(random, Sensitivity.MEDIUM);
    updated = clock.instant();
    watch = ClockWatch.of(clock);
    budget = budget();
    RateLimiter rates = rates();
    scopedAuth = scopedAuth(rates);
    conversations = conversations();
    guests = guests(rates);
    orchestrator = orchestrator();
    kept = clock.instant();
  }

  /** Starts the services again: all that is only in memory is lost. */
  void restart() {
    watch = ClockWatch.of(clock);
    budget = budget();
    RateLimiter rates = rates();
    scopedAuth = scopedAuth(rates);
    conversations = conversations();
    guests = guests(rates);
    orchestrator = orchestrator();
  }

  /** Keeps the sessions and the time as they are now, in place of what was kept before. */
  void keep() {
    database.keep();
    conversationStore.keep();
    kept = clock.instant();
  }

  /** Starts again with the sessions and at the time that were kept. */
  void goBack() {
    database.goBack();
    conversationStore.goBack();
    clock.set(kept);
    restart();
  }

  /** Ends the sessions of a conversation, as its account does. */
  void revoke(Sid.Conversation conversation) {
    scopedAuth.revokeAllOf(conversation, "its account ended it");
  }

  private SignalBudget budget() {
    return new SignalBudget(new SqlSignalVotes(database), Ledger.NONE, watch);
  }

  /** Does what a periodic task of the process does. */
  private void updateBudget() {
    Instant now = clock.instant();
    if (now.isBefore(updated) || !now.isBefore(updated.plus(Limits.SIGNAL_UPDATE))) {
      budget.update();
      updated = now;
    }
  }

  private RateLimiter rates() {
    return hasRates ? new LocalRateLimiter(clock::nanoTime) : RateLimiter.UNLIMITED;
  }

  private ScopedAuth scopedAuth(RateLimiter rates) {
    return missing.without(
        new ScopedAuthService(
            new SqlSessions(database),
            new TokenKeys(new SqlKeys(database), masterKey, watch, random),
            rates,
            rates,
            new LocalEventBus(Limits.FOLLOW_TIMEOUT),
            missing == Mechanism.NONCES
                ? new ForgetfulNonces()
                : new MemoryNonces(clock.instant(), random),
            budget,
            Ledger.NONE,
            watch,
            random),
        clock);
  }

  private ConversationsService conversations() {
    return new ConversationsService(
        new SqlConversationStore(conversationStore),
        new LocalEventBus(Limits.FOLLOW_TIMEOUT),
        scopedAuth,
        DiskSpace.unknown(),
        watch,
        random);
  }

  private GuestConversations guests(RateLimiter rates) {
    return new GuestConversationsService(
        conversations,
        MediaService.inDatabase(conversationStore, DiskSpace.unknown(), watch),
        scopedAuth,
        new Revocations(scopedAuth, conversations, watch),
        NoPushes.over(conversationStore),
        rates);
  }

  private FlexWebchatOrchestrator orchestrator() {
    return new FlexWebchatOrchestratorService(
        this,
        new FederatedAuthService(scopedAuth),
        conversations,
        (_, _) -> false,
        RateLimiter.UNLIMITED,
        watch,
        DiskSpace.unknown(),
        random);
  }

  /**
   * Starts a chat.
   *
   * @param start a secret of the browser: with the same one, the same chat starts again
   */
  FlexWebchatOrchestrator.Chat init(
      Map<String, String> headers, Optional<String> proofKey, String start) {
    return orchestrator.init(
        new FlexWebchatOrchestrator.ChatRequest(
            configuration.deployment(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(start),
            proofKey),
        new BrowserRequest(
            insensitive(headers)::get, (_, _) -> {}, Optional.empty(), Optional.empty()));
  }

  /**
   * Makes a call of a browser, without its signature, for which its headers have room.
   *
   * @param body what it sends; a refresh sends the token
   * @param headers those with which the browser describes itself
   * @param created in seconds since 1970
   */
  GuestKey.Call call(
      Action action, GuestToken token, String body, Map<String, String> headers, long created) {
    Map<String, String> all = new HashMap<>(headers);
    if (action != Action.REFRESH) {
      all.putAll(bearer(token));
    }
    return new GuestKey.Call(
        action.method,
        action.target,
        action == Action.REFRESH ? "{\"token\":\"" + token.text() + "\"}" : body,
        all,
        created,
        GuestKey.nonce());
  }

  /** The body of a message. */
  static String message(String clientId) {
    return "{\"body\":\"Hello\",\"client_id\":\"" + clientId + "\"}";
  }

  /** Opens a socket. */
  SocketChallenge challenge() {
    return SocketChallenge.next(random);
  }

  /** The answer of a browser to the challenge of a socket. */
  String answer(GuestKey key, SocketChallenge challenge, GuestToken token) {
    return key.answer(
        challenge.nonce(), token.text(), configuration.deployment().text());
  }

  /** The headers of a call about the conversation, without those of the browser. */
  Map<String, String> bearer(GuestToken token) {
    return Map.of(
        "Authorization",
        "Bearer " + token.text(),
        "Webchat-Deployment-Key",
        configuration.deployment().text());
  }

  /** Answers a call from an unknown network. */
  Answer answer(GuestKey.Call call, GuestToken token) {
    return answer(call, token, Optional.empty());
  }

  /**
   * Answers a call.
   *
   * @param network the network that the call comes from
   */
  Answer answer(GuestKey.Call call, GuestToken token, Optional<String> network) {
    if (network.isPresent() && missing != Mechanism.BUDGET) {
      updateBudget();
    }
    var _ = watch.isInDoubt(); // the calls of other guests make the process notice a jump, too
    Instant now = clock.instant();
    try {
      BrowserRequest request = browserRequest(call, now, network);
      return switch (Action.of(call)) {
        case READ -> read(token, request);
        case REFRESH -> refresh(token, request);
        case SEND -> send(credentials(token, request), call);
        case END -> answer(guests.end(credentials(token, request), call.body().contains("true")));
        case REOPEN -> {
          Duration within = configuration.settings().lifetimes().reopen();
          yield answer(guests.reopen(credentials(token, request), within));
        }
      };
    } catch (ProofOutOfTime e) {
      return new Answer.OutOfTime(now);
    } catch (MalformedProof e) {
      return new Answer.Malformed();
    } catch (Unavailable e) {
      return new Answer.Later();
    }
  }

  /** Answers the hello of a socket. */
  Answer answer(Hello hello, Optional<String> network) {
    var _ = watch.isInDoubt();
    Optional<Proof> proof = hello
        .mac()
        .map(mac -> hello
            .challenge()
            .proofOf(hello.token().text(), configuration.deployment().text(), mac));
    var request =
        new BrowserRequest(insensitive(hello.headers())::get, (_, _) -> {}, proof, network);
    try {
      return answer(guests.enter(
          orchestrator.socketCredentials(configuration.deployment(), hello.token(), request)));
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
        Action.of(call).isForOneAnswer() ? signed.proofForOneAnswer(now) : signed.proof(now),
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

  private GuestCredentials credentials(GuestToken token, BrowserRequest request) {
    return orchestrator.credentials(configuration.deployment(), token, request);
  }

  /** Without the messages, which take longer than all else. */
  private Answer read(GuestToken token, BrowserRequest request) {
    GuestCredentials guest = credentials(token, request);
    return switch (scopedAuth.validate(guest.presented(), guest.audience(), Purpose.CALL)) {
      case Verdict.Authorized _ -> new Answer.Done(false);
      case Verdict.Refused refused -> refused(refused);
    };
  }

  private Answer send(GuestCredentials guest, GuestKey.Call call) {
    String clientId = String.valueOf(Json.object(call.body()).orElseThrow().get("client_id"));
    return answer(guests.send(guest, "Hello", JsonText.EMPTY, List.of(), clientId));
  }

  private static Answer answer(GuestOutcome<?> outcome) {
    return switch (outcome) {
      case GuestOutcome.Done<?>(Object value) -> new Answer.Done(value instanceof Sent.Added);
      case GuestOutcome.Refused<?>(Verdict.Refused refusal) -> refused(refusal);
    };
  }

  private static Answer refused(Verdict.Refused refused) {
    if (refused.renewable()) {
      return new Answer.Renew();
    }
    return new Answer.Refused(
        refused.failure() == Verdict.Failure.TOKEN_VALIDATION_FAILED
            ? Refusal.TOKEN
            : Refusal.FINGERPRINT);
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

  /** Remembers nothing. */
  private static final class ForgetfulNonces implements Nonces {
    @Override
    public Use use(String session, Proof.Nonce nonce) {
      return Use.FIRST;
    }

    @Override
    public boolean isRepeated(String session, Proof.Nonce nonce) {
      return false;
    }
  }
}
