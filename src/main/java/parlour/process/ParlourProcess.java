package parlour.process;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.LoggerFactory;
import parlour.ClockWatch;
import parlour.Housekeeping;
import parlour.Limits;
import parlour.StartupError;
import parlour.accounts.AccountSignIn;
import parlour.accounts.CachedDirectory;
import parlour.accounts.Retention;
import parlour.accounts.SqlAccounts;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.InternalSecret;
import parlour.config.Role;
import parlour.conversations.ConversationLog;
import parlour.conversations.Conversations;
import parlour.conversations.ConversationsHttp;
import parlour.conversations.ConversationsService;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversationsHttp;
import parlour.conversations.GuestConversationsService;
import parlour.conversations.Revocations;
import parlour.conversations.SqlConversationStore;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.federatedauth.FederatedAuth;
import parlour.federatedauth.FederatedAuthHttp;
import parlour.federatedauth.FederatedAuthService;
import parlour.federatedauth.RecordedFederatedAuth;
import parlour.guests.GuestHttp;
import parlour.guests.GuestStream;
import parlour.http.Header;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.client.Outgoing;
import parlour.http.client.Outside;
import parlour.http.server.Answer;
import parlour.http.server.Call;
import parlour.http.server.Health;
import parlour.http.server.InternalOnly;
import parlour.http.server.Listener;
import parlour.http.server.Proxies;
import parlour.http.server.Readiness;
import parlour.http.server.Routes;
import parlour.http.tls.Tls;
import parlour.inbox.AgentSignIn;
import parlour.inbox.InboxHttp;
import parlour.inbox.SqlAgents;
import parlour.notices.NearNotices;
import parlour.notices.Notice;
import parlour.notices.Notices;
import parlour.orchestrator.FlexWebchatOrchestratorHttp;
import parlour.orchestrator.FlexWebchatOrchestratorService;
import parlour.rates.Buckets;
import parlour.rates.NearBuckets;
import parlour.redis.Redis;
import parlour.scopedauth.Keys;
import parlour.scopedauth.MasterKey;
import parlour.scopedauth.RecordedScopedAuth;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.ScopedAuthHttp;
import parlour.scopedauth.ScopedAuthService;
import parlour.scopedauth.Sessions;
import parlour.scopedauth.SqlKeys;
import parlour.scopedauth.SqlSessions;
import parlour.scopedauth.TokenKeys;
import parlour.scopedauth.WrongMasterKey;
import parlour.serverapi.ServerHttp;
import parlour.starship.Forward;
import parlour.starship.NotedSignIns;
import parlour.starship.Pages;
import parlour.starship.Starship;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.store.SchemaMismatch;
import parlour.store.StoreUnavailable;
import parlour.trace.Participant;
import parlour.trace.SecurityLog;
import parlour.trace.SecurityLog.Event;
import parlour.trace.Traces;
import parlour.webhooks.SqlWebhooks;
import parlour.webhooks.WebhookCall;
import parlour.webhooks.WebhookDelivery;

/**
 * One process of Parlour: which parts it runs, what they are made of, and who asks whom.
 *
 * <p>A part that runs here is called directly; one that runs elsewhere is asked over HTTP, through
 * the same interface. Reads as the deployment plan.
 */
public final class ParlourProcess implements AutoCloseable {
  private final Config config;
  private final Doors doors;
  private final ClockWatch clock;
  private final SecureRandom random = new SecureRandom();
  private final DataFolder folder;
  private final DataFolder.Claim claim;
  private final String secret;
  private final Housekeeping housekeeping = new Housekeeping();
  // Beside the other chores, some of which take their second.
  private final Housekeeping noticing = new Housekeeping();
  // Beside both: it asks about every open socket, perhaps over a distance.
  private final Housekeeping asking = new Housekeeping();
  // Beside all others, because it erases for minutes after a retention time was shortened.
  private final Housekeeping erasing = new Housekeeping();
  private final List<Runnable> farewells = new ArrayList<>();
  private final Routes internalRoutes = new Routes();
  private final Traces traces = new Traces();
  private final SecurityLog security;
  private final Buckets countedHere = new NearBuckets();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final DiskSpace disk;
  private final Stores stores;
  private final Readiness readiness;
  private final Tls<SslContextFactory.Client> calling;
  private final HttpClient http;
  private final Optional<Redis> redis;
  private final Notices notices;
  private final Optional<Listener> publicListener;
  private final Listener internalListener;

  /**
   * Starts the roles that the configuration names, and returns when they answer.
   *
   * @throws StartupError with the remedy, when it cannot
   */
  public static ParlourProcess start(Config config, InstantSource clock, Doors doors) {
    return start(config, clock, doors, Stores.Unexpected.REFUSE);
  }

  /**
   * Starts the roles that the configuration names, and returns when they answer.
   *
   * @param unexpected whether to start although a store is missing that existed before
   * @throws StartupError with the remedy, when it cannot start
   */
  public static ParlourProcess start(
      Config config, InstantSource clock, Doors doors, Stores.Unexpected unexpected) {
    return new ParlourProcess(config, ClockWatch.of(clock), doors, unexpected);
  }

  private ParlourProcess(
      Config config, ClockWatch clock, Doors doors, Stores.Unexpected unexpected) {
    this.config = config;
    this.clock = clock;
    this.doors = doors;
    folder = DataFolder.create(config.data());
    claim =
        config.database().isPresent() ? folder.share(config.roles()) : folder.claim(config.roles());
    opened.push(claim);
    // Parlour cannot see the disk of a PostgreSQL server.
    disk = config.database().isPresent() ? DiskSpace.unknown() : DiskSpace.of(config.data());
    disk.check();
    housekeeping.every(Limits.DISK_LOOK, "check the free space of the disk", disk::check);
    try {
      var file = config.internalSecretFile();
      Supplier<String> kept =
          () -> DataFolder.secretOrNew(file, () -> InternalSecret.random(random));
      secret = InternalSecret.fit(config.internalSecret().orElseGet(kept), file);
      security = new SecurityLog(clock, secret);
      calling = kept(Tls.ofCaller(config.internalAuthorities(), config.internalTls(), clock));
      http = Outgoing.start(calling.factory());
      opened.push(http::stop);
      redis = config.redis().map(address -> Redis.start(address, random));
      redis.ifPresent(opened::push);
      notices = redis.map(Redis::notices).orElseGet(this::noticesHere);
      stores = Stores.open(config, folder, doors, clock, random, unexpected);
      opened.push(stores);
      redis.ifPresent(shared -> stores.installation().ifPresent(id -> shared.announce(id, secret)));
      readiness = new Readiness(stores::notReady, this::warning);
      stores
          .all()
          .forEach(database -> housekeeping.every(
              Limits.STORE_SCRUB, "remove deleted data from the disk", database::scrub));
      housekeeping.every(
          Duration.ofMinutes(1), "record that the stores are in use", stores::noteInUse);
      Optional<Handler> edge = wire();
      internalRoutes.get("/v1/Traces/{Id}", this::trace);
      internalListener = Listener.start(
          Listener.Settings.internal(config.internalHost(), config.internalPort()),
          internalFront(),
          new Health(readiness, new InternalOnly(secret, traces, clock, internalRoutes)));
      opened.push(internalListener);
      publicListener = edge.map(this::listen);
      publicListener.ifPresent(opened::push);
      claim.announce(internalAddress());
    } catch (WrongMasterKey | SchemaMismatch | StoreUnavailable e) {
      closeAll();
      throw new StartupError(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      closeAll();
      throw e;
    }
  }

  /**
   * Only this process changes an embedded store of conversations, so no follower looks unasked; a
   * shared one is changed by other nodes, of which nothing is heard without Redis.
   */
  private Notices noticesHere() {
    return new NearNotices(
        config.database().isPresent() ? Limits.FOLLOW_UNTOLD : Limits.FOLLOW_PATIENCE);
  }

  /** Where calls are counted that are limited whatever the settings say. */
  private Buckets buckets() {
    return redis.map(shared -> shared.buckets(countedHere, secret)).orElse(countedHere);
  }

  private Buckets bucketsIfAny() {
    return config.rateLimits() ? buckets() : Buckets.BOTTOMLESS;
  }

  /** The plan: each part, here or elsewhere, and what it needs. Callers below what they call. */
  private Optional<Handler> wire() {
    boolean starship = config.runs(Role.STARSHIP);
    boolean orchestrator = config.runs(Role.ORCHESTRATOR);
    boolean federatedAuth = config.runs(Role.FEDERATED_AUTH);

    boolean conversing = config.runs(Role.CONVERSATIONS);

    Optional<ScopedAuth> scopedAuth = config.runs(Role.SCOPED_AUTH)
        ? Optional.of(scopedAuthHere())
        : when(
            federatedAuth || conversing,
            () -> new ScopedAuthHttp(
                client(Role.SCOPED_AUTH, "ScopedAuthService", Limits.SCOPED_AUTH_DEADLINE)));

    Optional<FederatedAuth> federated = federatedAuth
        ? scopedAuth.map(this::federatedAuthHere)
        : when(
            orchestrator,
            () -> new FederatedAuthHttp(client(
                Role.FEDERATED_AUTH, "FederatedAuthService", Limits.FEDERATED_AUTH_DEADLINE)));

    Optional<ConversationDoors> conversations = conversing
        ? scopedAuth.map(this::conversationsHere)
        : when(orchestrator, this::conversationsElsewhere);

    Optional<Handler> near = orchestrator
        ? Optional.of(orchestratorHere(federated.orElseThrow(), conversations.orElseThrow()))
        : Optional.empty();

    return when(starship, () -> edge(near.orElseGet(this::orchestratorElsewhere)));
  }

  private ScopedAuth scopedAuthHere() {
    Database database = stores.of(Role.SCOPED_AUTH);
    Sessions sessions = new SqlSessions(database);
    SqlKeys keyStore = new SqlKeys(database);
    TokenKeys keys = new TokenKeys(keyStore, masterKey(keyStore), clock, random);
    ScopedAuth service =
        new ScopedAuthService(sessions, keys, buckets(), bucketsIfAny(), notices, clock, random);
    ScopedAuth door = doors.scopedAuth(service);
    ScopedAuthHttp.serve(door, internalRoutes);
    housekeeping.every(Limits.KEY_RING_REREAD, "read the key ring again", keys::reload);
    everyMinute("rotate keys by age", () -> {
      keys.rotateIfOlderThan(config.keyRotation());
      keys.retire();
    });
    everyMinute("forget old sessions", () -> sweep(sessions));
    return door;
  }

  /** Sweeps that delete by age, and cannot be undone: they wait while the clock may be wrong. */
  private void everyMinute(String chore, Runnable sweep) {
    housekeeping.every(Duration.ofMinutes(1), chore, clock.sweeping(sweep));
  }

  private FederatedAuth federatedAuthHere(ScopedAuth scopedAuth) {
    FederatedAuth service =
        new FederatedAuthService(new RecordedScopedAuth(Participant.FAS, scopedAuth));
    FederatedAuth door = doors.federatedAuth(service);
    FederatedAuthHttp.serve(door, internalRoutes);
    return door;
  }

  /** The two doors of Conversations: the account's and the guest's. */
  private record ConversationDoors(Conversations accounts, GuestConversations guests) {}

  private ConversationDoors conversationsHere(ScopedAuth scopedAuth) {
    Database database = stores.of(Role.CONVERSATIONS);
    ConversationLog log =
        new ConversationLog(new SqlConversationStore(database), notices, clock, random);
    ScopedAuth recorded = new RecordedScopedAuth(Participant.CNV, scopedAuth);
    Revocations revocations = new Revocations(scopedAuth, log, clock); // nobody's request
    farewells.add(log::dismiss);
    Runnable look =
        noticing.every(Limits.REVOCATION_NOTICE, "notice revocations", revocations::notice);
    notices.listen(notice -> {
      if (notice instanceof Notice.SessionRevoked || notice instanceof Notice.SomeMissed) {
        look.run();
      }
    });
    asking.every(
        Limits.SUPERSEDED_NOTICE, "poll for superseded tokens", revocations::noticeSuperseded);
    everyMinute("forget erased conversations", log::forgetErased);
    Conversations accounts = doors.conversations(new ConversationsService(log, recorded, disk));
    GuestConversations guests = doors.guestConversations(
        new GuestConversationsService(log, recorded, revocations, bucketsIfAny()));
    ConversationsHttp.serve(accounts, internalRoutes);
    GuestConversationsHttp.serve(guests, internalRoutes);
    return new ConversationDoors(accounts, guests);
  }

  private ConversationDoors conversationsElsewhere() {
    Nodes nodes = nodes(Role.CONVERSATIONS, "Conversations");
    HttpClient patient = Outgoing.start(calling.factory(), Limits.FOLLOWERS);
    opened.push(patient::stop);
    InternalClient calls = conversationsClient(http, nodes, Limits.CONVERSATIONS_DEADLINE);
    InternalClient follows = conversationsClient(patient, nodes, Limits.FOLLOW_DEADLINE);
    return new ConversationDoors(
        new ConversationsHttp(calls, follows), new GuestConversationsHttp(calls, follows));
  }

  private InternalClient conversationsClient(HttpClient client, Nodes nodes, Duration deadline) {
    return new InternalClient(client, nodes, secret, deadline, Limits.CONVERSATIONS_ANSWER_BYTES);
  }

  private Handler orchestratorHere(FederatedAuth federatedAuth, ConversationDoors conversations) {
    Database database = stores.of(Role.ORCHESTRATOR);
    SqlAccounts accounts = new SqlAccounts(database);
    CachedDirectory directory = new CachedDirectory(accounts);
    FlexWebchatOrchestratorService service = new FlexWebchatOrchestratorService(
        directory,
        new RecordedFederatedAuth(federatedAuth),
        conversations.accounts(),
        bucketsIfAny(),
        clock,
        disk,
        random);
    GuestStream stream = new GuestStream(service, conversations.guests(), clock);
    Runnable look = housekeeping.every(Limits.DIRECTORY_NOTICE, "notice changes", () -> {
      long before = directory.version();
      directory.notice();
      stream.directoryIs(directory.version());
      if (before > 0 && directory.version() != before) {
        security.write(Event.DIRECTORY_CHANGED, "command-line", "");
      }
    });
    notices.listen(notice -> {
      if (notice instanceof Notice.DirectoryChanged || notice instanceof Notice.SomeMissed) {
        look.run();
      }
    });
    AgentSignIn signIn =
        new AgentSignIn(new SqlAgents(database), buckets(), security, clock, random);
    everyMinute("forget signed-out agents", signIn::sweep);
    webhooks(database, conversations.accounts());
    Retention retention = new Retention(accounts, conversations.accounts(), clock);
    erasing.every(
        Limits.RETENTION_PACE,
        "erase conversations whose retention time is over",
        clock.sweeping(retention::sweep));
    Routes routes = new Routes();
    List<Routes> listeners = List.of(routes, internalRoutes);
    for (Routes listener : listeners) {
      FlexWebchatOrchestratorHttp.serve(service, listener);
      GuestHttp.serve(service, conversations.guests(), listener);
      stream.serve(listener);
      ServerHttp.serve(
          new AccountSignIn(accounts, security),
          conversations.accounts(),
          config.publicUrl(),
          listener);
    }
    InboxHttp.serve(signIn, conversations.accounts(), config.publicUrl(), clock, listeners);
    return routes;
  }

  private void webhooks(Database database, Conversations conversations) {
    Outside outside = new Outside();
    opened.push(outside);
    WebhookDelivery delivery = new WebhookDelivery(
        new SqlWebhooks(database), conversations, new WebhookCall(outside, clock), clock, random);
    opened.push(delivery);
    everyMinute("forget old deliveries", delivery::sweep);
  }

  private Handler orchestratorElsewhere() {
    return new Forward(
        nodes(Role.ORCHESTRATOR, "the orchestrator"),
        calling.factory(),
        secret,
        Limits.FORWARD_DEADLINE,
        Limits.MESSAGE_CALL_BODY,
        Starship::outageOf);
  }

  private Handler edge(Handler orchestrator) {
    return new Health(
        readiness,
        new Handler.Sequence(
            new Pages(),
            new Starship(
                orchestrator,
                new Proxies(config.trustedProxies()),
                new NotedSignIns(bucketsIfAny(), security),
                traces,
                clock)));
  }

  private Listener listen(Handler root) {
    return Listener.start(
        Listener.Settings.forBrowsers(config.publicHost(), config.publicPort()),
        new Listener.Front(
            config
                .publicTls()
                .map(own -> kept(Tls.ofListener(own, Optional.empty(), clock)).factory()),
            new Proxies(config.trustedProxies()),
            config.rateLimits()
                ? OptionalInt.of(Limits.CONNECTIONS_PER_ADDRESS)
                : OptionalInt.empty(),
            httpsOnly()),
        root);
  }

  /** Only who says by which https address this is reached can mean that address for a year. */
  private List<Header> httpsOnly() {
    return config
        .publicUrl()
        .filter(url -> url.startsWith("https:"))
        .map(_ -> new Header(
            "Strict-Transport-Security",
            "max-age=" + Limits.HTTPS_ONLY.toSeconds() + "; includeSubDomains"))
        .stream()
        .toList();
  }

  private Listener.Front internalFront() {
    return new Listener.Front(
        config
            .internalTls()
            .map(own ->
                kept(Tls.ofListener(own, config.internalCallers(), clock)).factory()),
        Proxies.NONE,
        OptionalInt.empty(),
        List.of());
  }

  /** In use until the end, with what its files hold by then. */
  private <F extends SslContextFactory> Tls<F> kept(Tls<F> tls) {
    housekeeping.every(Limits.CERTIFICATE_REREAD, "look at certificates", tls::readAgain);
    return tls;
  }

  private InternalClient client(Role role, String who, Duration deadline) {
    return new InternalClient(http, nodes(role, who), secret, deadline, Limits.AUTH_ANSWER_BYTES);
  }

  private Nodes nodes(Role role, String who) {
    Nodes nodes = new Nodes(who, config.elsewhere(role)).watch(http);
    opened.push(nodes);
    return nodes;
  }

  /** Never made anew where there are keys that only the old one opens. */
  private MasterKey masterKey(Keys keys) {
    try {
      return MasterKey.parse(config.masterKey().orElseGet(() -> masterKeyInFile(keys)));
    } catch (IllegalArgumentException e) {
      throw new StartupError(e.getMessage() + " (master-key, " + config.masterKeyFile() + ")", e);
    }
  }

  private String masterKeyInFile(Keys keys) {
    if (!keys.all().isEmpty() && DataFolder.secret(config.masterKeyFile()).isEmpty()) {
      throw new StartupError(
          "%s is missing, and the token keys in the store were made with it: put it back, or set"
                  .formatted(config.masterKeyFile())
              + " master-key (docs/operating.md, \"A lost master key\")");
    }
    return DataFolder.secretOrNew(config.masterKeyFile(), () -> MasterKey.random(random));
  }

  private void sweep(Sessions sessions) {
    Instant before = clock.instant().minus(Limits.SESSION_RETENTION);
    int batches = 0;
    while (batches < Limits.SWEEP_BATCHES
        && sessions.sweep(before, Limits.SWEEP_BATCH) == Limits.SWEEP_BATCH) {
      batches++; // there may be more of them
    }
  }

  private Optional<String> warning() {
    return disk.isScarce()
        ? Optional.of("the disk is nearly full: no new chat can begin")
        : Optional.empty();
  }

  private Answer trace(Call call) {
    return traces
        .find(call.parameter("Id"))
        .map(kept -> Answer.text(200, kept.toMermaid()))
        .orElseThrow(() -> new Problem(ErrorCode.NOT_FOUND));
  }

  /** Where browsers connect, for the process that runs Starship. */
  public Optional<URI> publicAddress() {
    return publicListener.map(
        listener -> address(config.publicTls().isPresent(), config.publicHost(), listener.port()));
  }

  public URI internalAddress() {
    return address(
        config.internalTls().isPresent(), config.internalHost(), internalListener.port());
  }

  private static URI address(boolean tls, String host, int port) {
    boolean any = host.equals("0.0.0.0") || host.equals("::");
    String shown = any ? "localhost" : host;
    return URI.create("%s://%s:%d"
        .formatted(tls ? "https" : "http", shown.contains(":") ? "[" + shown + "]" : shown, port));
  }

  /**
   * Reports that it is not ready and closes each connection after its answer, for as long as a
   * balancer needs to notice; then accepts no new calls, finishes the running ones, and closes its
   * parts in the reverse order of their start.
   */
  @Override
  public void close() {
    readiness.drain();
    publicListener.ifPresent(Listener::closeAfterAnswers);
    if (readiness.isWatched() || !config.trustedProxies().isEmpty()) {
      pause(Limits.DRAIN_NOTICE);
    }
    farewells.forEach(Runnable::run);
    Instant end = Instant.now().plus(Limits.DRAIN);
    publicListener.ifPresent(listener -> listener.drain(Limits.DRAIN));
    Duration left = Duration.between(Instant.now(), end);
    internalListener.drain(left.isNegative() ? Duration.ZERO : left);
    closeAll();
  }

  private static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // who interrupts is in a hurry
    }
  }

  private void closeAll() {
    erasing.close();
    asking.close();
    noticing.close();
    housekeeping.close(); // first of all: its chores use what is closed next
    while (!opened.isEmpty()) {
      AutoCloseable next = opened.pop();
      try {
        next.close();
      } catch (Exception e) {
        // Looked up here: as a constant it would make `parlour version` load the logging.
        LoggerFactory.getLogger(ParlourProcess.class).warn("could not close {}", next, e);
      }
    }
  }

  private static <T> Optional<T> when(boolean needed, Supplier<T> made) {
    return needed ? Optional.of(made.get()) : Optional.empty();
  }
}
