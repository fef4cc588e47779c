package parlour.orchestrator;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import parlour.DisplayName;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Configuration;
import parlour.accounts.Directory;
import parlour.accounts.OpeningHours;
import parlour.accounts.Presence;
import parlour.conversations.Conversations;
import parlour.conversations.GuestCredentials;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.federatedauth.FederatedAuth;
import parlour.federatedauth.NewGuest;
import parlour.federatedauth.Outcome;
import parlour.http.json.JsonText;
import parlour.proof.BrowserKey;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Audience;
import parlour.scopedauth.BindingRequest;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.NetworkDigest;
import parlour.scopedauth.Presented;
import parlour.scopedauth.SessionOwner;
import parlour.scopedauth.TokenAudience;
import parlour.store.DiskSpace;
import parlour.store.StoreUnavailable;
import parlour.trace.Lifeline;
import parlour.trace.Trace;

/** FlexWebchatOrchestratorService (FWO): finds the account of a call and its configuration. */
public final class FlexWebchatOrchestratorService implements FlexWebchatOrchestrator {
  /** As the ledger calls it wherever a token is refused. */
  private static final String MALFORMED_TOKEN = "malformed";

  private static final OutageLog outages = new OutageLog(
      LoggerFactory.getLogger(FlexWebchatOrchestratorService.class),
      "the configuration cannot be read");

  private final Directory directory;
  private final FederatedAuth federatedAuth;
  private final Conversations conversations;
  private final Presence presence;
  private final RateLimiter limiter;
  private final InstantSource clock;
  private final DiskSpace disk;
  private final ChatStarts starts;
  private final UnlistedOrigins unlistedOrigins = new UnlistedOrigins(System::nanoTime);
  private final RealtimeSwitch realtimeSwitch;
  private final FingerprintMaker fingerprints = new FingerprintMaker(new UserAgents());

  /**
   * @param presence whether agents have the inbox open
   * @param limiter counts the calls of each deployment, and of each of its pages
   * @param disk the disk that stores new chats
   */
  public FlexWebchatOrchestratorService(
      Directory directory,
      FederatedAuth federatedAuth,
      Conversations conversations,
      Presence presence,
      RateLimiter limiter,
      InstantSource clock,
      DiskSpace disk,
      SecureRandom random) {
    this.directory = directory;
    this.federatedAuth = federatedAuth;
    this.conversations = conversations;
    this.presence = presence;
    this.limiter = limiter;
    this.clock = clock;
    this.disk = disk;
    this.realtimeSwitch = new RealtimeSwitch(clock);
    this.starts = new ChatStarts(conversations, clock, random);
  }

  /** Not counted here: the answer needs no read of a store, and the edge counts client addresses. */
  @Override
  public Availability availability(Sid.Deployment deployment, BrowserRequest request) {
    Configuration configuration = configurationOf(accountOf(deployment), deployment);
    if (request.origin().isPresent()) {
      admit(request, configuration);
    }
    return configuration
        .answering()
        .map(answering -> availability(configuration, answering))
        .orElse(Availability.OPEN);
  }

  private Availability availability(
      Configuration configuration, Configuration.Answering answering) {
    Instant now = clock.instant();
    Optional<String> awayText = answering.attendance().awayText();
    Optional<OpeningHours> closed =
        answering.attendance().hours().filter(hours -> !hours.isOpen(now));
    if (closed.isPresent()) {
      return new Availability(false, closed.flatMap(hours -> hours.nextOpening(now)), awayText);
    }
    return answering.isInbox() && isInboxDeserted(configuration)
        ? new Availability(false, Optional.empty(), awayText)
        : Availability.OPEN;
  }

  private boolean isInboxDeserted(Configuration configuration) {
    return configuration
        .address()
        .filter(address -> read(() -> presence.isInboxDeserted(configuration.account(), address)))
        .isPresent();
  }

  @Override
  public Outcome refresh(Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
    Sid.Account account = accountOf(deployment); // arrow 4
    Configuration configuration = configurationOf(account, deployment); // arrow 5
    admit(request, configuration);
    count(Rate.ORIGIN_REFRESHES, Rate.DEPLOYMENT_REFRESHES, deployment, request);
    Audience audience = audience(configuration, false);
    Presented presented = presented(token, request, configuration);
    return federatedAuth.refresh(audience, presented, configuration.tokenTtl()); // arrow 6
  }

  @Override
  public GuestCredentials credentials(
      Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
    Configuration configuration = configurationOf(accountOf(deployment), deployment);
    if (request.origin().isPresent()) { // a GET to the page's own server has none
      admit(request, configuration);
    }
    count(Rate.ORIGIN_CALLS, Rate.DEPLOYMENT_CALLS, deployment, request);
    return credentials(configuration, presented(token, request, configuration));
  }

  @Override
  public GuestCredentials longCallCredentials(
      Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
    GuestCredentials credentials = credentials(deployment, token, request);
    if (!token.isWellFormed()) {
      throw refused(MALFORMED_TOKEN);
    }
    return credentials;
  }

  @Override
  public GuestCredentials socketCredentials(
      Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
    Configuration configuration = configurationOf(accountOf(deployment), deployment);
    admit(request, configuration);
    count(Rate.ORIGIN_STREAMS, Rate.DEPLOYMENT_STREAMS, deployment, request);
    // A socket does not vote: the refreshes of its client do.
    return credentials(configuration, presented(token, request, configuration, Optional.empty()));
  }

  @Override
  public GuestCredentials realtimeCredentials(GuestToken token, BrowserRequest request) {
    Configuration configuration = realtimeConfiguration(token);
    admit(request, configuration);
    count(Rate.ORIGIN_STREAMS, Rate.DEPLOYMENT_STREAMS, configuration.deployment(), request);
    return realtimeCredentials(configuration, token, request);
  }

  @Override
  public GuestCredentials realtimeUpdateCredentials(GuestToken token, BrowserRequest request) {
    Configuration configuration = realtimeConfiguration(token);
    admit(request, configuration);
    return realtimeCredentials(configuration, token, request);
  }

  @Override
  public GuestCredentials realtimeCallCredentials(GuestToken token, BrowserRequest request) {
    Configuration configuration = realtimeConfiguration(token);
    if (request.origin().isPresent()) { // as for the calls of our own client
      admit(request, configuration);
    }
    count(Rate.ORIGIN_CALLS, Rate.DEPLOYMENT_CALLS, configuration.deployment(), request);
    return realtimeCredentials(configuration, token, request);
  }

  /** The configuration of the deployment that the token names, if it lets such clients in. */
  private Configuration realtimeConfiguration(GuestToken token) {
    if (!token.isWellFormed()) {
      throw refused(MALFORMED_TOKEN);
    }
    TokenAudience audience = federatedAuth
        .audienceOf(token)
        .orElseThrow(() -> refused("not sealed by a key of this installation"));
    Configuration configuration = read(() ->
            directory.configurationOf(audience.account(), audience.deployment()))
        .orElseThrow(
            () -> refused("its deployment was deleted").ofDeployment(audience.deployment()));
    demandRealtime(configuration);
    return configuration;
  }

  private void demandRealtime(Configuration configuration) {
    if (!realtimeSwitch.isOn(configuration)) {
      throw refused("the realtime socket is off").ofDeployment(configuration.deployment());
    }
  }

  /** The client learns no more than of any other bad token; the ledger keeps the cause. */
  private static Problem refused(String cause) {
    return new Problem(ErrorCode.TOKEN_REFUSED).because(cause);
  }

  private GuestCredentials realtimeCredentials(
      Configuration configuration, GuestToken token, BrowserRequest request) {
    return new GuestCredentials(
        new Presented(
            token,
            fingerprints.makeWithoutClient(request, configuration),
            Optional.empty(),
            Optional.empty(),
            request.page(),
            request.network()),
        audience(configuration, true));
  }

  @Override
  public void readmit(Sid.Deployment deployment, BrowserRequest request) {
    admit(request, configurationOf(accountOf(deployment), deployment));
  }

  @Override
  public void readmitRealtime(Sid.Deployment deployment, BrowserRequest request) {
    Configuration configuration = configurationOf(accountOf(deployment), deployment);
    demandRealtime(configuration);
    admit(request, configuration);
  }

  private static GuestCredentials credentials(Configuration configuration, Presented presented) {
    return new GuestCredentials(presented, audience(configuration, false));
  }

  private static Audience audience(Configuration configuration, boolean tellsExpiry) {
    return new Audience(
        configuration.account(),
        configuration.deployment(),
        configuration.revokeOnReplay(),
        tellsExpiry);
  }

  private Presented presented(
      GuestToken token, BrowserRequest request, Configuration configuration) {
    return presented(token, request, configuration, fingerprints.network(request, configuration));
  }

  private Presented presented(
      GuestToken token,
      BrowserRequest request,
      Configuration configuration,
      Optional<NetworkDigest> voter) {
    return new Presented(
        token,
        fingerprints.make(request, configuration),
        request.proof(),
        voter,
        request.page(),
        request.network());
  }

  @Override
  public Chat init(ChatRequest chat, BrowserRequest request) {
    Sid.Account account = accountOf(chat.deployment());
    Configuration configuration = configurationOf(account, chat.deployment());
    admit(request, configuration);
    count(Rate.ORIGIN_CREATES, Rate.DEPLOYMENT_CREATES, chat.deployment(), request);
    if (disk.isScarce()) {
      throw new Problem(ErrorCode.CREATE_UNAVAILABLE);
    }
    Sid.Address address = StartRules.address(configuration);
    String customerFriendlyName = customerFriendlyName(chat);
    JsonText preEngagementData = preEngagementData(chat);
    Optional<BindingRequest> binding = binding(chat.proofKey(), configuration);
    Fingerprint fingerprint = fingerprints.make(request, configuration);
    ChatStarts.ChatStart start = starts.of(chat, binding, configuration);
    // The token first: agents would wait for a guest who has a conversation but no token.
    Outcome.Issued issued = federatedAuth.create(new NewGuest(
        start.session(),
        new SessionOwner(account, chat.deployment(), start.identity(), start.conversation()),
        fingerprint,
        binding,
        configuration.tokenTtl(),
        configuration.sessionTtl(binding.isPresent())));
    create(new Conversations.NewConversation(
        issued.conversation(),
        account,
        address,
        chat.deployment(),
        start.identity(),
        customerFriendlyName,
        preEngagementData,
        chat.firstMessage(),
        configuration.greeter().map(greeter -> greeter.greet(customerFriendlyName))));
    return new Chat(
        issued.token().token(),
        issued.token().expiration(),
        start.identity(),
        issued.conversation(),
        issued.token().proofKey());
  }

  /** Whether to bind the new session to the key that the browser offers. */
  private static Optional<BindingRequest> binding(
      Optional<String> proofKey, Configuration configuration) {
    return StartRules.key(proofKey, configuration)
        .map(offered -> new BindingRequest(checked(offered), configuration.idleTtl()));
  }

  private static String checked(String proofKey) {
    try {
      var _ = BrowserKey.parse(proofKey);
      return proofKey;
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "The field " + e.getMessage() + ".");
    }
  }

  private void admit(BrowserRequest request, Configuration configuration) {
    AllowedOrigins allowed = configuration.allowedOrigins();
    if (!request.mayUse(allowed)) {
      throw unlistedOrigins.refuse(configuration.deployment(), allowed, request.origin());
    }
  }

  /**
   * Counts the page before the deployment, so that a page that floods uses up only its own part of
   * the deployment's limit. Only pages that were admitted are counted, and each under its
   * deployment: any account can accept any origin in its own deployments.
   */
  private void count(Rate ofPage, Rate ofAll, Sid.Deployment deployment, BrowserRequest request) {
    request
        .origin()
        .flatMap(origin -> limiter.tryAcquire(ofPage, deployment.text() + " " + origin))
        .or(() -> limiter.tryAcquire(ofAll, deployment.text()))
        .ifPresent(wait -> {
          throw new TooManyRequests("the calls of one deployment", wait);
        });
  }

  private void create(Conversations.NewConversation conversation) {
    Trace.current()
        .exchange(
            Lifeline.FWO,
            Lifeline.CNV,
            "POST /v1/Accounts/{AccountSid}/Conversations"
                + " {conversation_sid, address_sid, identity}",
            () -> {
              conversations.create(conversation);
              return conversation;
            },
            created -> "201 {conversation_sid}");
  }

  private Sid.Account accountOf(Sid.Deployment deployment) {
    saw("finds the account sid of the deployment key", deployment.text());
    return known(() -> directory.accountOf(deployment));
  }

  private Configuration configurationOf(Sid.Account account, Sid.Deployment deployment) {
    saw("reads the account's configuration", account.text());
    return known(() -> directory.configurationOf(account, deployment));
  }

  private static <T> T known(Supplier<Optional<T>> lookup) {
    return read(lookup).orElseThrow(() -> new Problem(ErrorCode.UNKNOWN_DEPLOYMENT_KEY));
  }

  private static <T> T read(Supplier<T> lookup) {
    try {
      return lookup.get();
    } catch (StoreUnavailable e) {
      outages.failed(e, Trace.current().id());
      throw new Problem(ErrorCode.CONFIGURATION_UNAVAILABLE);
    }
  }

  private static String customerFriendlyName(ChatRequest chat) {
    String name = chat.customerFriendlyName().map(DisplayName::of).orElse("");
    if (name.length() > Limits.FRIENDLY_NAME_CHARACTERS) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"customerFriendlyName\" has more than %d characters; send a shorter name."
              .formatted(Limits.FRIENDLY_NAME_CHARACTERS));
    }
    return name.isEmpty() ? "Customer" : name;
  }

  private static JsonText preEngagementData(ChatRequest chat) {
    String data = chat.preEngagementData().orElse(JsonText.EMPTY.text());
    if (data.getBytes(StandardCharsets.UTF_8).length > Limits.PRE_ENGAGEMENT_BYTES) {
      throw new Problem(ErrorCode.PRE_ENGAGEMENT_TOO_LARGE);
    }
    return JsonText.of(data, Limits.PRE_ENGAGEMENT_BYTES)
        .orElseThrow(() -> new Problem(ErrorCode.PRE_ENGAGEMENT_NOT_JSON));
  }

  private static void saw(String text, String detail) {
    Trace.current().action(Lifeline.FWO, text, detail);
  }
}
