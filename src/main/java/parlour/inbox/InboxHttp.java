package parlour.inbox;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import parlour.accounts.Origin;
import parlour.accounts.Reopening;
import parlour.conversations.Conversations;
import parlour.conversations.TeamConversations;
import parlour.events.EventBus;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.http.websocket.OpenSockets;
import parlour.http.websocket.SocketHandler;
import parlour.ledger.Ledger;
import parlour.media.Media;
import parlour.media.MediaLinks;

/**
 * The routes of the agents' inbox. A cookie that scripts cannot read identifies the browser. Calls
 * that change anything must come from the inbox's own page.
 */
public final class InboxHttp {
  static final String API = "/inbox/api";
  private static final String ONE = API + "/conversations/{ConversationSid}";

  private final SignInEndpoints signIn;
  private final ProviderEndpoints provider;
  private final OwnAccountEndpoints own;
  private final SecondFactorEndpoints secondFactor;
  private final ConversationEndpoints endpoints;
  private final TeamEndpoints team;
  private final SearchEndpoint search;
  private final ViewingAgents viewing;
  private final ReplyEndpoints replies;
  private final AgentFiles files;
  private final PushEndpoints push;
  private final Conversations conversations;
  private final Desks desks;
  private final Inbox inbox;
  private final InstantSource clock;
  private final OpenSockets<String> sockets = new OpenSockets<>();

  private InboxHttp(
      AgentAuthenticator authenticator,
      Optional<ProviderAuthenticator> provider,
      SecondFactorCheck secondFactors,
      Agents agents,
      DeskMembers members,
      CannedReplies replies,
      Conversations conversations,
      Reopening reopening,
      TeamConversations team,
      Media media,
      MediaLinks links,
      AgentPushSubscriptions push,
      EventBus events,
      Ledger notes,
      Optional<Origin> publicOrigin,
      InstantSource clock,
      SecureRandom random) {
    this.signIn = new SignInEndpoints(authenticator, publicOrigin, notes);
    this.provider = new ProviderEndpoints(signIn, provider, publicOrigin);
    this.secondFactor = new SecondFactorEndpoints(authenticator, secondFactors, publicOrigin);
    this.own = new OwnAccountEndpoints(signIn, authenticator, secondFactor, agents, notes);
    this.desks = new Desks(members, conversations);
    this.inbox = new Inbox(conversations, desks, reopening, clock);
    this.endpoints = new ConversationEndpoints(authenticator, conversations, inbox, reopening);
    this.team = new TeamEndpoints(agents, desks, team);
    this.search = new SearchEndpoint(team, desks, inbox);
    this.viewing = new ViewingAgents(events, clock);
    this.replies = new ReplyEndpoints(replies, notes);
    this.files = new AgentFiles(signIn, conversations, desks, media, links, random);
    this.push = new PushEndpoints(push);
    this.conversations = conversations;
    this.clock = clock;
  }

  /**
   * Serves the inbox at several listeners, with one count of its sockets.
   *
   * @param provider at which agents can sign in, too
   * @param reopening how long agents can reopen conversations
   * @param links to files
   * @param push of the agents' browsers
   * @param notes where the admins' changes are noted
   * @param publicUrl the address at which browsers open the inbox, if it is configured
   */
  public static void serve(
      AgentAuthenticator signIn,
      Optional<ProviderAuthenticator> provider,
      SecondFactorCheck secondFactors,
      Agents agents,
      DeskMembers members,
      CannedReplies replies,
      Conversations conversations,
      Reopening reopening,
      TeamConversations team,
      Media media,
      MediaLinks links,
      AgentPushSubscriptions push,
      EventBus events,
      Ledger notes,
      Optional<String> publicUrl,
      InstantSource clock,
      SecureRandom random,
      List<Routes> listeners) {
    InboxHttp http = new InboxHttp(
        signIn,
        provider,
        secondFactors,
        agents,
        members,
        replies,
        conversations,
        reopening,
        team,
        media,
        links,
        push,
        events,
        notes,
        publicUrl.flatMap(Origin::of),
        clock,
        random);
    listeners.forEach(http::serve);
  }

  private void serve(Routes routes) {
    routes.post(API + "/sign-in", signIn.fromOurPage(signIn::signIn));
    routes.post(API + "/sign-out", signIn.fromOurPage(signIn::signOut));
    routes.get(API + "/oidc", provider::show);
    routes.post(API + "/oidc/begin", signIn.fromOurPage(provider::begin));
    routes.post(API + "/oidc/finish", signIn.fromOurPage(provider::finish));
    routes.post(API + "/here", signIn.using((_, _) -> ApiResponse.empty(204)));
    routes.get(API + "/me", signIn::me);
    routes.post(API + "/me", signIn.using(own::rename));
    routes.post(API + "/password", signIn.using(own::replacePassword));
    routes.get(API + "/second-factor", signIn.readingSetUp(secondFactor::show));
    routes.post(API + "/second-factor/begin", signIn.settingUp(secondFactor::begin));
    routes.post(API + "/second-factor/confirm", signIn.settingUp(secondFactor::confirm));
    routes.post(API + "/second-factor/remove", signIn.settingUp(secondFactor::remove));
    routes.get(API + "/browsers", signIn.reading(own::browsers));
    routes.post(API + "/browsers/end", signIn.using(own::endBrowser));
    routes.post(API + "/browsers/end-others", signIn.using(own::endOtherBrowsers));
    routes.get(API + "/push", signIn.reading(push::offer));
    routes.post(API + "/push", signIn.fromOurPage(signIn.reading(push::subscribe))); // a worker's
    routes.post(API + "/push/end", signIn.using(push::end));
    routes.get(API + "/origin", signIn.signedIn(signIn::origin));
    routes.get(API + "/replies", signIn.signedIn(replies::list));
    routes.post(API + "/replies", signIn.administering(replies::put));
    routes.post(API + "/replies/remove", signIn.administering(replies::remove));
    routes.get(API + "/conversations", signIn.signedIn(endpoints::list));
    routes.get(API + "/counts", signIn.signedIn(endpoints::counts));
    routes.post(API + "/search", signIn.using(search::search));
    routes.get(ONE, signIn.signedIn(desks.ofOne(endpoints::open)));
    routes.get(ONE + "/messages", signIn.signedIn(desks.ofOne(endpoints::messages)));
    routes.get(ONE + "/changes", signIn.signedIn(desks.ofOne(endpoints::changes)));
    routes.get(API + "/agents", signIn.signedIn(team::agents));
    routes.post(API + "/agents/end-browsers", signIn.administering(own::endBrowsersOf));
    routes.post(ONE + "/assignee", signIn.acting(desks.ofOne(team::assign)));
    routes.get(ONE + "/notes", signIn.signedIn(desks.ofOne(team::notes)));
    routes.get(ONE + "/history", signIn.signedIn(desks.ofOne(team::history)));
    routes.post(ONE + "/notes", signIn.acting(desks.ofOne(team::addNote)));
    routes.post(ONE + "/notes/remove", signIn.acting(desks.ofOne(team::removeNote)));
    routes.get(API + "/desks", signIn.signedIn(team::desks));
    routes.get(API + "/labels", signIn.signedIn(team::labels));
    routes.post(ONE + "/labels", signIn.acting(desks.ofOne(team::label)));
    routes.post(ONE + "/labels/remove", signIn.acting(desks.ofOne(team::unlabel)));
    routes.post(ONE + "/messages", signIn.acting(desks.ofOne(endpoints::send)));
    routes.post(ONE + "/media", signIn.actingFor(files::upload)); // checks the desk
    routes.get(ONE + "/media/{MediaSid}", signIn.signedIn(desks.ofOne(files::find)));
    routes.post(ONE + "/typing", signIn.acting(desks.ofOne(endpoints::typing)));
    routes.post(ONE + "/looking", signIn.changing(desks.ofOne(this::looks)));
    routes.post(ONE + "/read", signIn.changing(desks.ofOne(endpoints::read)));
    routes.post(ONE + "/close", signIn.acting(desks.ofOne(endpoints::close)));
    routes.post(ONE + "/reopen", signIn.acting(desks.ofOne(endpoints::reopen)));
    routes.socket(API + "/stream", this::stream);
  }

  /** An open page reports by itself, so this does not keep a browser signed in. */
  private ApiResponse looks(Agents.Agent agent, ApiRequest call) {
    viewing.report(agent, ConversationEndpoints.conversation(call));
    return ApiResponse.empty(204);
  }

  private SocketHandler stream(ApiRequest handshake) {
    SignInEndpoints.Browser browser = signIn.opener(handshake);
    InboxStream stream = new InboxStream(
        browser.agent(),
        handshake.client(),
        () -> signIn.agentOf(browser),
        () -> signIn.recordOpen(browser),
        clock,
        inbox,
        desks,
        conversations,
        viewing);
    return socket -> sockets.within(browser.secret(), () -> stream.run(socket));
  }
}
