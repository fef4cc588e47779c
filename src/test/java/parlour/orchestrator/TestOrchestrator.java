package parlour.orchestrator;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Configuration;
import parlour.accounts.Directory;
import parlour.accounts.Lifetimes;
import parlour.accounts.ProofRule;
import parlour.accounts.TokenRules;
import parlour.conversations.Conversations;
import parlour.conversations.ConversationsService;
import parlour.conversations.SqlConversationStore;
import parlour.events.EventBus;
import parlour.events.LocalEventBus;
import parlour.federatedauth.FederatedAuthService;
import parlour.federatedauth.Outcome;
import parlour.ledger.Ledger;
import parlour.proof.MemoryNonces;
import parlour.rates.LocalRateLimiter;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.MasterKey;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.ScopedAuthService;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.Session;
import parlour.scopedauth.Sessions;
import parlour.scopedauth.SignalBudget;
import parlour.scopedauth.SqlKeys;
import parlour.scopedauth.SqlSessions;
import parlour.scopedauth.SqlSignalVotes;
import parlour.scopedauth.TokenKeys;
import parlour.spec.Browser;
import parlour.spec.StoppedClock;
import parlour.store.DiskSpace;
import parlour.store.Outage;
import parlour.store.Sqlite;
import parlour.store.SqliteDatabase;

/**
 * A real FlexWebchatOrchestratorService with real services behind it. Tests change its
 * configuration.
 */
public final class TestOrchestrator implements Directory, AutoCloseable {
  static final String PAGE = "https://shop.example.com";

  public final StoppedClock clock = new StoppedClock();
  public final SecureRandom random = new SecureRandom();
  final FlexWebchatOrchestratorService service;
  final ScopedAuth scopedAuth;
  public final Conversations conversations;
  /** The calls that the service has counted. */
  final Queue<Rate> counted = new ConcurrentLinkedQueue<>();

  public final AtomicBoolean scopedAuthIsDown = new AtomicBoolean();
  private final SqliteDatabase database;
  private final SqliteDatabase conversationStore;
  private final SqlSessions sessions;
  private Configuration configuration;
  private boolean isForgotten;
  volatile boolean directoryIsDown;

  public TestOrchestrator(Path folder, Sensitivity sensitivity) {
    database = Sqlite.open(folder.resolve("scoped-auth.db"), SqlSessions.SCHEMA);
    sessions = new SqlSessions(new Outage(database, scopedAuthIsDown::get));
    MasterKey masterKey = MasterKey.parse(MasterKey.random(random));
    TokenKeys keys = new TokenKeys(new SqlKeys(database), masterKey, clock, random);
    configuration = configuration(random, sensitivity);
    EventBus events = new LocalEventBus(Limits.FOLLOW_TIMEOUT);
    scopedAuth = new ScopedAuthService(
        sessions,
        keys,
        new LocalRateLimiter(() -> 0),
        RateLimiter.UNLIMITED,
        events,
        new MemoryNonces(clock.instant(), random),
        new SignalBudget(new SqlSignalVotes(database), Ledger.NONE, clock),
        Ledger.NONE,
        clock,
        random);
    conversationStore =
        Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
    conversations = new ConversationsService(
        new SqlConversationStore(conversationStore),
        events,
        scopedAuth,
        DiskSpace.unknown(),
        clock,
        random);
    service = new FlexWebchatOrchestratorService(
        this,
        new FederatedAuthService(scopedAuth),
        conversations,
        (_, _) -> false,
        (rate, whose, drops) -> {
          counted.add(rate);
          return Optional.empty();
        },
        clock,
        DiskSpace.unknown(),
        random);
  }

  public static Configuration configuration(SecureRandom random, Sensitivity sensitivity) {
    byte[] key = new byte[AccountKey.BYTES];
    random.nextBytes(key);
    return new Configuration(
        Sid.Account.random(random),
        Sid.Deployment.random(random),
        settings(Optional.of(Sid.Address.random(random)), AllowedOrigins.any(), sensitivity),
        Optional.empty(),
        new AccountKey(key));
  }

  public Configuration configuration() {
    return configuration;
  }

  void configure(Sensitivity sensitivity) {
    configure(sensitivity, configuration.allowedOrigins());
  }

  void configure(Sensitivity sensitivity, AllowedOrigins allowedOrigins) {
    configuration = new Configuration(
        configuration.account(),
        configuration.deployment(),
        settings(configuration.address(), allowedOrigins, sensitivity),
        configuration.greeter(),
        configuration.accountKey());
  }

  void configure(TokenRules rules) {
    Accounts.Settings before = configuration.settings();
    configuration = new Configuration(
        configuration.account(),
        configuration.deployment(),
        new Accounts.Settings(before.address(), before.allowedOrigins(), rules, before.lifetimes()),
        configuration.greeter(),
        configuration.accountKey());
  }

  void configureWithoutAddress() {
    configuration = new Configuration(
        configuration.account(),
        configuration.deployment(),
        settings(Optional.empty(), AllowedOrigins.any(), Sensitivity.MEDIUM),
        configuration.greeter(),
        configuration.accountKey());
  }

  private static Accounts.Settings settings(
      Optional<Sid.Address> address, AllowedOrigins origins, Sensitivity sensitivity) {
    return new Accounts.Settings(
        address,
        origins,
        new TokenRules(sensitivity, ProofRule.PREFER, false).withRealtime(),
        Lifetimes.DEFAULT);
  }

  public FlexWebchatOrchestrator.Chat init(Browser browser) {
    return init(browser, Optional.empty());
  }

  public FlexWebchatOrchestrator.Chat init(Browser browser, Optional<String> identity) {
    return init(browser, identity, Optional.empty());
  }

  FlexWebchatOrchestrator.Chat initWithKey(Browser browser, String proofKey) {
    return init(browser, Optional.empty(), Optional.of(proofKey));
  }

  private FlexWebchatOrchestrator.Chat init(
      Browser browser, Optional<String> identity, Optional<String> proofKey) {
    clock.pass(Duration.ofMillis(1)); // so that no two chats begin at the same instant
    return service.init(
        new FlexWebchatOrchestrator.ChatRequest(
            configuration.deployment(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            identity,
            Optional.empty(),
            proofKey),
        request(browser));
  }

  Outcome refresh(GuestToken token, Browser browser) {
    return service.refresh(configuration.deployment(), token, request(browser));
  }

  /** Returns the next token; fails if the refresh was refused. */
  GuestToken refreshed(GuestToken token, Browser browser) {
    return switch (refresh(token, browser)) {
      case Outcome.Issued issued -> issued.token().token();
      case Outcome.Refused refused -> throw new AssertionError(refused);
    };
  }

  /** Returns the session that began last. */
  Session lastSession() {
    return sessions.newest(new Sessions.Scope.All(), 1).getFirst();
  }

  public static BrowserRequest request(Browser browser) {
    return request(browser.headers(), new HashMap<>());
  }

  /** A call with these headers, in any case. */
  public static BrowserRequest request(Map<String, String> headers, Map<String, String> answer) {
    Map<String, String> sent = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    sent.putAll(headers);
    return new BrowserRequest(sent::get, answer::put, Optional.empty(), Optional.empty());
  }

  /** Deletes the deployment. */
  void forgetDeployment() {
    isForgotten = true;
  }

  private Optional<Configuration> known() {
    if (directoryIsDown) {
      var _ = new Outage(database, () -> true).scrub(); // throws as every store that is down
    }
    return isForgotten ? Optional.empty() : Optional.of(configuration);
  }

  @Override
  public Optional<Sid.Account> accountOf(Sid.Deployment deployment) {
    return known()
        .filter(known -> known.deployment().equals(deployment))
        .map(Configuration::account);
  }

  @Override
  public Optional<Configuration> configurationOf(Sid.Account account, Sid.Deployment deployment) {
    return known()
        .filter(
            known -> known.deployment().equals(deployment) && known.account().equals(account));
  }

  @Override
  public void close() {
    conversationStore.close();
    database.close();
  }
}
