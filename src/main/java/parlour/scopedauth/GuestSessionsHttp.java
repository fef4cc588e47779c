package parlour.scopedauth;

import java.util.Optional;
import parlour.Sid;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.Routes;

/** Both ends of GuestSessions over HTTP: the endpoints of the internal listener, and their client. */
public final class GuestSessionsHttp implements GuestSessions {
  private static final InternalCalls<GuestSessions> CALLS =
      new InternalCalls<>("/v1/GuestSessions");

  record Find(Sid.Session session) {}

  private static final InternalCalls<GuestSessions>.Call<Find, Optional<Session>> FIND =
      CALLS.declare(
          "/find",
          Find.class,
          "session",
          new JsonType<>() {},
          (service, request) -> service.find(request.session()));

  record OfConversation(Sid.Conversation conversation) {}

  private static final InternalCalls<GuestSessions>.Call<OfConversation, Optional<Session>>
      OF_CONVERSATION = CALLS.declare(
          "/conversation",
          OfConversation.class,
          "session",
          new JsonType<>() {},
          (service, request) -> service.newestOf(request.conversation()));

  record CountLive(Sid.Deployment deployment) {}

  private static final InternalCalls<GuestSessions>.Call<CountLive, Long> COUNT_LIVE =
      CALLS.declare(
          "/live",
          CountLive.class,
          "sessions",
          Long.class,
          (service, request) -> service.countLive(request.deployment()));

  record Revoke(Sid.Session session, String why) {}

  private static final InternalCalls<GuestSessions>.Call<Revoke, Boolean> REVOKE = CALLS.declare(
      "/revoke",
      Revoke.class,
      "revoked",
      Boolean.class,
      (service, request) -> service.revoke(request.session(), request.why()));

  record End(Sid.Deployment deployment, String why) {}

  private static final InternalCalls<GuestSessions>.Call<End, Integer> END = CALLS.declare(
      "/end",
      End.class,
      "ended",
      Integer.class,
      (service, request) -> service.end(request.deployment(), request.why()));

  record ListPage(SessionQuery query) {}

  private static final InternalCalls<GuestSessions>.Call<ListPage, SessionPage> PAGE =
      CALLS.declare(
          "/page",
          ListPage.class,
          "page",
          SessionPage.class,
          (service, request) -> service.page(request.query()));

  private final InternalClient client;

  /**
   * @param client of FederatedAuthService, which passes the calls on, or of ScopedAuthService
   */
  public GuestSessionsHttp(InternalClient client) {
    this.client = client;
  }

  /** Serves the sessions of this process, or passes the calls on. */
  public static void serve(GuestSessions sessions, Routes routes) {
    CALLS.serve(sessions, routes);
  }

  @Override
  public Optional<Session> find(Sid.Session session) {
    return FIND.ask(client, new Find(session));
  }

  @Override
  public Optional<Session> newestOf(Sid.Conversation conversation) {
    return OF_CONVERSATION.ask(client, new OfConversation(conversation));
  }

  @Override
  public long countLive(Sid.Deployment deployment) {
    return COUNT_LIVE.ask(client, new CountLive(deployment));
  }

  @Override
  public boolean revoke(Sid.Session session, String why) {
    return REVOKE.ask(client, new Revoke(session, why));
  }

  @Override
  public int end(Sid.Deployment deployment, String why) {
    return END.ask(client, new End(deployment, why));
  }

  @Override
  public SessionPage page(SessionQuery query) {
    return PAGE.ask(client, new ListPage(query));
  }
}
