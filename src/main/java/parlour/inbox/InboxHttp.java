package parlour.inbox;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import parlour.accounts.Origin;
import parlour.accounts.Reopening;
import parlour.conversations.Conversations;
import parlour.conversations.TeamConversations;
import parlour.errors.Errors;
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
  private final ViewingAgents looking;
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
    this.looking = new ViewingAgents(events, clock);
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
    routes.post(API + "/sign-in", signIn.fromOurPage(signIn::signIn), Errors.PLAIN);
    routes.post(API + "/sign-out", signIn.fromOurPage(signIn::signOut), Errors.PLAIN);
    routes.get(API + "/oidc", provider::show, Errors.PLAIN);
    routes.post(API + "/oidc/begin", signIn.fromOurPage(provider::begin), Errors.PLAIN);
    routes.post(API + "/oidc/finish", signIn.fromOurPage(provider::finish), Errors.PLAIN);
    routes.post(API + "/here", signIn.using((_, _) -> ApiResponse.empty(204)), Errors.PLAIN);
    routes.get(API + "/me", signIn::me, Errors.PLAIN);
    routes.post(API + "/me", signIn.using(own::rename), Errors.PLAIN);
    routes.post(API + "/password", signIn.using(own::replacePassword), Errors.PLAIN);
    routes.get(API + "/second-factor", signIn.readingSetUp(secondFactor::show), Errors.PLAIN);
    routes.post(API + "/second-factor/begin", signIn.settingUp(secondFactor::begin), Errors.PLAIN);
    routes.post(
        API + "/second-factor/confirm", signIn.settingUp(secondFactor::confirm), Errors.PLAIN);
    routes.post(
        API + "/second-factor/remove", signIn.settingUp(secondFactor::remove), Errors.PLAIN);
    routes.get(API + "/browsers", signIn.reading(own::browsers), Errors.PLAIN);
    routes.post(API + "/browsers/end", signIn.using(own::endBrowser), Errors.PLAIN);
    routes.post(API + "/browsers/end-others", signIn.using(own::endOtherBrowsers), Errors.PLAIN);
    routes.get(API + "/push", signIn.reading(push::offer), Errors.PLAIN);
    routes.post(API + "/push", signIn.using(push::subscribe), Errors.PLAIN);
    routes.post(API + "/push/end", signIn.using(push::end), Errors.PLAIN);
    routes.get(API + "/origin", signIn.signedIn(signIn::origin), Errors.PLAIN);
    routes.get(API + "/replies", signIn.signedIn(replies::list), Errors.PLAIN);
    routes.post(API + "/replies", signIn.administering(replies::put), Errors.PLAIN);
    routes.post(API + "/replies/remove", signIn.administering(replies::remove), Errors.PLAIN);
    routes.get(API + "/conversations", signIn.signedIn(endpoints::list), Errors.PLAIN);
    routes.get(API + "/counts", signIn.signedIn(endpoints::counts), Errors.PLAIN);
    routes.post(API + "/search", signIn.using(search::search), Errors.PLAIN);
    routes.get(ONE, signIn.signedIn(desks.ofOne(endpoints::open)), Errors.PLAIN);
    routes.get(ONE + "/messages", signIn.signedIn(desks.ofOne(endpoints::messages)), Errors.PLAIN);
    routes.get(ONE + "/changes", signIn.signedIn(desks.ofOne(endpoints::changes)), Errors.PLAIN);
    routes.get(API + "/agents", signIn.signedIn(team::agents), Errors.PLAIN);
    routes.post(
        API + "/agents/end-browsers", signIn.administering(own::endBrowsersOf), Errors.PLAIN);
    routes.post(ONE + "/assignee", signIn.acting(desks.ofOne(team::assign)), Errors.PLAIN);
    routes.get(ONE + "/notes", signIn.signedIn(desks.ofOne(team::notes)), Errors.PLAIN);
    routes.get(ONE + "/history", signIn.signedIn(desks.ofOne(team::history)), Errors.PLAIN);
    routes.post(ONE + "/notes", signIn.acting(desks.ofOne(team::addNote)), Errors.PLAIN);
    routes.post(ONE + "/notes/remove", signIn.acting(desks.ofOne(team::removeNote)), Errors.PLAIN);
    routes.get(API + "/desks", signIn.signedIn(team::desks), Errors.PLAIN);
    routes.get(API + "/labels", signIn.signedIn(team::labels), Errors.PLAIN);
    routes.post(ONE + "/labels", signIn.acting(desks.ofOne(team::label)), Errors.PLAIN);
    routes.post(ONE + "/labels/remove", signIn.acting(desks.ofOne(team::unlabel)), Errors.PLAIN);
    routes.post(ONE + "/messages", signIn.acting(desks.ofOne(endpoints::send)), Errors.PLAIN);
    routes.post(ONE + "/media", signIn.actingFor(files::upload), Errors.PLAIN); // checks the desk
    routes.get(ONE + "/media/{MediaSid}", signIn.signedIn(desks.ofOne(files::find)), Errors.PLAIN);
    routes.post(ONE + "/typing", signIn.acting(desks.ofOne(endpoints::typing)), Errors.PLAIN);
    routes.post(ONE + "/looking", signIn.changing(desks.ofOne(this::looks)), Errors.PLAIN);
    routes.post(ONE + "/read", signIn.changing(desks.ofOne(endpoints::read)), Errors.PLAIN);
    routes.post(ONE + "/close", signIn.acting(desks.ofOne(endpoints::close)), Errors.PLAIN);
    routes.post(ONE + "/reopen", signIn.acting(desks.ofOne(endpoints::reopen)), Errors.PLAIN);
    routes.socket(API + "/stream", this::stream, Errors.PLAIN);
  }

  /** An open page reports by itself, so this does not keep a browser signed in. */
  private ApiResponse looks(Agents.Agent agent, ApiRequest call) {
    looking.report(agent, ConversationEndpoints.conversation(call));
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
        looking);
    return socket -> sockets.within(browser.secret(), () -> stream.run(socket));
  }
}
