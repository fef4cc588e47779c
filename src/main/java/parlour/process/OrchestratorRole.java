package parlour.process;

import java.time.Duration;
import java.util.List;
import parlour.Limits;
import parlour.accounts.AccountAuthenticator;
import parlour.accounts.CachedDirectory;
import parlour.accounts.Reopening;
import parlour.accounts.Retention;
import parlour.accounts.SqlAccounts;
import parlour.accounts.SqlApiKeys;
import parlour.config.OidcSettings;
import parlour.config.Role;
import parlour.console.ConsoleHttp;
import parlour.console.GuestCheck;
import parlour.console.SettingsHttp;
import parlour.errors.Errors;
import parlour.events.BusEvent;
import parlour.federatedauth.RecordedFederatedAuth;
import parlour.guests.GuestHttp;
import parlour.guests.GuestStream;
import parlour.http.client.Nodes;
import parlour.http.client.PostingHttpClient;
import parlour.http.server.Routes;
import parlour.inbox.AdminHttp;
import parlour.inbox.AgentAuthenticator;
import parlour.inbox.AgentPushRecipients;
import parlour.inbox.AgentPushSubscriptions;
import parlour.inbox.AgentPushWatch;
import parlour.inbox.AgentPushes;
import parlour.inbox.InboxAdmins;
import parlour.inbox.InboxHttp;
import parlour.inbox.InboxPresence;
import parlour.inbox.ProviderAuthenticator;
import parlour.inbox.SecondFactorCheck;
import parlour.inbox.SqlAgentLogins;
import parlour.inbox.SqlAgentPushes;
import parlour.inbox.SqlAgentRoster;
import parlour.inbox.SqlAgents;
import parlour.inbox.SqlCannedReplies;
import parlour.inbox.SqlDeskMembers;
import parlour.inbox.SqlSecondFactors;
import parlour.ledger.LedgerHttp;
import parlour.media.MediaContent;
import parlour.media.MediaLinks;
import parlour.media.Uploads;
import parlour.oidc.Provider;
import parlour.orchestrator.AdmittedSockets;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.orchestrator.FlexWebchatOrchestratorHttp;
import parlour.orchestrator.FlexWebchatOrchestratorService;
import parlour.orchestrator.NotedRefusals;
import parlour.orchestrator.SignedCalls;
import parlour.orchestrator.StartCheck;
import parlour.push.PushDelivery;
import parlour.push.PushRequest;
import parlour.push.PushServices;
import parlour.realtime.RealtimeFiles;
import parlour.realtime.RealtimeSockets;
import parlour.samples.Plot;
import parlour.samples.SamplesHttp;
import parlour.serverapi.ServerHttp;
import parlour.starship.Forward;
import parlour.starship.Starship;
import parlour.store.Database;
import parlour.trace.SecurityLog.Event;
import parlour.webhooks.SqlGivenUpEvents;
import parlour.webhooks.SqlWebhookStore;
import parlour.webhooks.WebhookDelivery;
import parlour.webhooks.WebhookRequest;

/** FlexWebchatOrchestratorService, and the APIs of guests, agents and servers beside it. */
final class OrchestratorRole {
  /** The orchestrator waits for FederatedAuthService, and must still be able to answer. */
  private static final Duration LEDGER_DEADLINE =
      Limits.FEDERATED_AUTH_DEADLINE.plus(Limits.SCOPED_AUTH_DEADLINE);

  private final SharedParts parts;
  private final Services services;
  private final Database database;
  private final SqlAccounts accounts;
  private final CachedDirectory directory;
  private final Reopening reopening;
  private final SqlAgents agents;
  private final SecondFactorCheck secondFactors;
  private final AgentAuthenticator signIn;
  private final AdmittedSockets admitted = new AdmittedSockets();
  private final FlexWebchatOrchestrator service;
  private final MediaLinks links;
  private final WebhookRequest webhookRequest;
  private final ConsoleWebhooks consoleWebhooks;

  /** An edge in this process calls these; edges in other processes call the internal listener. */
  private final Routes routes = new Routes(Errors.PLAIN);

  private OrchestratorRole(SharedParts parts, Services services) {
    this.parts = parts;
    this.services = services;
    database = parts.stores.of(Role.ORCHESTRATOR);
    accounts = new SqlAccounts(database);
    directory = new CachedDirectory(accounts);
    reopening = new Reopening(directory);
    agents = new SqlAgents(database);
    secondFactors = new SecondFactorCheck(
        new SqlSecondFactors(database),
        services.sealedSecrets().orElseThrow(),
        parts.security,
        parts.clock,
        parts.random);
    signIn = new AgentAuthenticator(
        agents, secondFactors, parts.rateLimiter(), parts.security, parts.clock, parts.random);
    NotedRefusals noted = new NotedRefusals(
        new FlexWebchatOrchestratorService(
            directory,
            new RecordedFederatedAuth(services.federatedAuth()),
            services.conversations(),
            new InboxPresence(agents, parts.clock),
            parts.rateLimiterIfEnabled(),
            parts.clock,
            parts.disk,
            parts.random),
        parts.ledger);
    service = noted;
    parts.metrics.counters(
        "parlour_page_refusals_total",
        "Calls of guests that were refused before their token was checked.",
        "cause",
        noted::counts);
    parts.sampler.add(Plot.REFUSALS, noted::counts);
    links = new MediaLinks(parts.secrets, parts.config.mediaUrl(), parts.clock);
    PostingHttpClient client = new PostingHttpClient();
    parts.closeAtTheEnd(client);
    webhookRequest = new WebhookRequest(client, parts.clock);
    consoleWebhooks = new ConsoleWebhooks(
        accounts,
        new SqlWebhookStore(database),
        new SqlGivenUpEvents(database),
        webhookRequest,
        parts.clock,
        parts.random);
  }

  static void local(SharedParts parts, Services services) {
    new OrchestratorRole(parts, services).start();
  }

  static void remote(SharedParts parts, Services services) {
    Nodes nodes = parts.nodes(Role.ORCHESTRATOR, "the orchestrator");
    services.addOrchestrator(
        new Forward(nodes, parts.clientTls(), parts.secrets.sent(), Starship::callOf));
    SharedSettings.compareWithOrchestrators(parts);
    if (services.ledger().isEmpty()) { // a shorter way may be known
      services.add(new LedgerHttp(parts.client(nodes, LEDGER_DEADLINE)));
      services.add(new SamplesHttp(parts.client(nodes, LEDGER_DEADLINE)));
    }
  }

  private void start() {
    watchDirectory();
    parts.everyMinute("delete expired agent sessions", signIn::sweep);
    deliverWebhooks();
    Retention retention =
        new Retention(accounts, services.conversations(), parts.ledger, parts.clock);
    parts.retentionScheduler.every(
        Limits.RETENTION_INTERVAL,
        "erase conversations whose retention time is over",
        parts.clock.sweeping(retention::sweep));
    List<Routes> listeners = List.of(routes, parts.internalRoutes);
    serveGuests(listeners);
    serveServers(listeners);
    serveInbox(listeners);
    serveConsole(listeners);
    serveConsoleOfAgents(listeners);
    services.addOrchestrator(routes);
    SharedSettings.serve(parts.config, parts.internalRoutes);
    if (!parts.config.runs(Role.SCOPED_AUTH) && !parts.config.runs(Role.FEDERATED_AUTH)) {
      LedgerHttp.serveEntries(services.ledger().orElseThrow(), parts.internalRoutes); // of edges
      SamplesHttp.serveWrites(services.samples().orElseThrow(), parts.internalRoutes);
    }
  }

  /** The guests' calls and streams, and the sockets and files of pages with the Conversations SDK. */
  private void serveGuests(List<Routes> listeners) {
    GuestStream stream = new GuestStream(
        service, services.guestConversations(), reopening, admitted, parts.clock, parts.random);
    RealtimeSockets realtime = new RealtimeSockets(
        service,
        services.guestConversations(),
        admitted,
        parts.rateLimiterIfEnabled(),
        parts.config.publicUrl(),
        parts.clock,
        parts.random);
    SignedCalls signedCalls = new SignedCalls(parts.clock);
    Uploads uploads = new Uploads(services.media(), parts.random);
    RealtimeFiles realtimeFiles = new RealtimeFiles(
        service, services.guestConversations(), uploads, links, parts.config.publicUrl());
    for (Routes served : listeners) {
      FlexWebchatOrchestratorHttp.serve(service, signedCalls, served);
      GuestHttp.serve(
          service,
          services.guestConversations(),
          reopening,
          uploads,
          links,
          signedCalls,
          parts.clock,
          served);
      MediaContent.serve(services.media(), links, served);
      stream.serve(served);
      realtime.serve(served);
      realtimeFiles.serve(served);
    }
  }

  private void serveServers(List<Routes> listeners) {
    AccountAuthenticator authenticator =
        new AccountAuthenticator(accounts, new SqlApiKeys(database), parts.security, parts.clock);
    parts.scheduler.every(
        Limits.API_KEY_USE_INTERVAL, "record the last use of API keys", authenticator::recordUses);
    for (Routes served : listeners) {
      ServerHttp.serve(
          authenticator,
          directory,
          services.conversations(),
          services.media(),
          links,
          parts.config.publicUrl(),
          parts.random,
          served);
    }
  }

  private void serveInbox(List<Routes> listeners) {
    InboxHttp.serve(
        signIn,
        parts.config.oidc().map(this::provider),
        secondFactors,
        agents,
        new SqlDeskMembers(database),
        new SqlCannedReplies(database),
        services.conversations(),
        reopening,
        services.teamConversations(),
        services.media(),
        links,
        pushSubscriptions(),
        parts.events,
        parts.ledger,
        parts.config.publicUrl(),
        parts.clock,
        parts.random,
        listeners);
  }

  private ProviderAuthenticator provider(OidcSettings settings) {
    Provider provider =
        new Provider(settings, parts.config.publicUrl().orElseThrow() + "/inbox", parts.clock);
    parts.closeAtTheEnd(provider);
    ProviderAuthenticator authenticator = new ProviderAuthenticator(
        settings,
        provider,
        new SqlAgentLogins(database),
        accounts,
        parts.security,
        parts.clock,
        parts.random);
    parts.metrics.counters(
        "parlour_provider_calls_total",
        "Steps of sign-ins that the identity provider has answered, or has not.",
        "outcome",
        authenticator::outcomes);
    authenticator.warnOfSeveralAccounts();
    parts.everyMinute("delete old attempts to sign in", authenticator::sweep);
    return authenticator;
  }

  /** Starts to push to agents, if the operator has switched Web Push on. */
  private AgentPushSubscriptions pushSubscriptions() {
    AgentPushes pushes = new SqlAgentPushes(database);
    PushServices known = new PushServices(parts.config.pushServices());
    parts.config.pushContact().ifPresent(contact -> deliverPushes(pushes, known, contact));
    return new AgentPushSubscriptions(
        pushes,
        known,
        parts.config.pushContact().map(_ -> services.pushKeys()::publicKey),
        parts.clock);
  }

  private void deliverPushes(AgentPushes pushes, PushServices known, String contact) {
    PostingHttpClient client = new PostingHttpClient();
    parts.closeAtTheEnd(client);
    AgentPushWatch watch = new AgentPushWatch(pushes, services.conversations(), parts.clock);
    parts.closeAtTheEnd(watch);
    PushDelivery<AgentPushes.Owner> delivery = new PushDelivery<>(
        "agent pushes",
        pushes,
        new AgentPushRecipients(pushes, signIn, services.conversations(), watch),
        known,
        new PushRequest(client, services.pushKeys(), contact, parts.clock, parts.random),
        parts.clock,
        parts.random);
    parts.closeAtTheEnd(delivery);
    parts.metrics.counters(
        "parlour_agent_pushes_total",
        "Calls of push services for agents.",
        "outcome",
        delivery::outcomes);
    parts.metrics.gauge(
        "parlour_agent_pushes_waiting",
        "Pushes to agents that wait in the store, as counted in the last minute.",
        delivery::waiting);
    parts.everyMinute("count the pushes to agents that wait", delivery::count);
    parts.everyMinute("delete the records of messages that asked for pushes", watch::sweep);
  }

  private void serveConsole(List<Routes> listeners) {
    new ConsoleHttp(
            new ConsoleAdmins(admins()),
            accounts,
            consoleWebhooks,
            services.keyRing().orElseThrow(),
            services.ledger().orElseThrow(),
            services.guestSessions().orElseThrow(),
            services.samples().orElseThrow(),
            parts.traces,
            parts.ledger,
            parts.events,
            parts.config.publicUrl(),
            parts.clock)
        .serve(listeners);
  }

  /** Reads the store, so that an admin sees at once what a change does. */
  private GuestCheck guestCheck() {
    StartCheck check = new StartCheck(accounts);
    return (deployment, origin, hasKey) ->
        check.refusal(deployment.account(), deployment.key(), origin, hasKey);
  }

  private void serveConsoleOfAgents(List<Routes> listeners) {
    new SettingsHttp(
            new ConsoleAdmins(admins()),
            accounts,
            guestCheck(),
            services.signalRules().orElseThrow(),
            parts.ledger,
            parts.events,
            parts.clock)
        .serve(listeners);
    new AdminHttp(
            admins(),
            new SqlAgentRoster(database),
            new SqlDeskMembers(database),
            accounts,
            services.conversations(),
            services.teamConversations(),
            parts.ledger,
            parts.events,
            parts.clock,
            parts.random)
        .serve(listeners);
  }

  private InboxAdmins admins() {
    return new InboxAdmins(signIn, parts.config.publicUrl(), parts.ledger);
  }

  /** Applies the changes of commands and of the console: at once after an event, and otherwise by polling. */
  private void watchDirectory() {
    Runnable poll = parts.scheduler.every(Limits.DIRECTORY_POLL, "poll for changes", () -> {
      long before = directory.version();
      directory.poll();
      admitted.directoryIs(directory.version());
      if (before > 0 && directory.version() != before) {
        parts.security.write(Event.DIRECTORY_CHANGED, "operator", "");
      }
    });
    parts.events.subscribe(event -> {
      if (event instanceof BusEvent.DirectoryChanged || event instanceof BusEvent.EventsMissed) {
        poll.run();
      }
    });
  }

  private void deliverWebhooks() {
    WebhookDelivery delivery = new WebhookDelivery(
        new SqlWebhookStore(database),
        new SqlGivenUpEvents(database),
        services.conversations(),
        webhookRequest,
        parts.clock,
        parts.random);
    parts.closeAtTheEnd(delivery);
    parts.metrics.counters(
        "parlour_webhook_calls_total", "Calls of webhooks.", "outcome", delivery::outcomes);
    parts.metrics.gauge(
        "parlour_webhooks_waiting",
        "Conversations with events that wait for a webhook, as counted in the last minute.",
        delivery::waiting);
    parts.metrics.gauge(
        "parlour_webhooks_failing_seconds",
        "For how long the event of a webhook that has failed longest has failed.",
        delivery::failingSeconds);
    parts.sampler.add(Plot.WEBHOOKS, delivery::backlog);
    parts.everyMinute("count the events that wait for webhooks", delivery::count);
    parts.everyMinute("delete the records of old deliveries", delivery::sweep);
  }
}
