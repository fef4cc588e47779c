package parlour.conversations;

import java.util.Optional;
import parlour.Sid;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.Routes;

/** WakeUps over HTTP: the endpoints of the internal listener, and their client. */
public final class WakeUpsHttp implements WakeUps {
  private static final InternalCalls<WakeUps> CALLS = new InternalCalls<>("/v1/WakeUps");

  record Follow(Ticket ticket, GuestSession session, Cursor cursor, Amount amount) {}

  private static final InternalCalls<WakeUps>.Call<Follow, Followed<PollResult>> FOLLOW =
      CALLS.declare(
          "/follow",
          Follow.class,
          "followed",
          new JsonType<>() {},
          (service, call) ->
              service.follow(call.ticket(), call.session(), call.cursor(), call.amount()));

  record Watch(Ticket ticket, Sid.Account account, AccountCursor cursor, Amount amount) {}

  private static final InternalCalls<WakeUps>.Call<Watch, Followed<AccountNews>> WATCH =
      CALLS.declare(
          "/watch",
          Watch.class,
          "followed",
          new JsonType<>() {},
          (service, call) ->
              service.watch(call.ticket(), call.account(), call.cursor(), call.amount()));

  record Next(String process, String stream, long received) {}

  private static final InternalCalls<WakeUps>.Call<Next, Optional<Woken>> NEXT = CALLS.declare(
      "/next",
      Next.class,
      "woken",
      new JsonType<>() {},
      (service, call) -> service.next(call.process(), call.stream(), call.received()));

  private final InternalClient conversations;

  /** The client of another process. */
  public WakeUpsHttp(InternalClient conversations) {
    this.conversations = conversations;
  }

  /** The endpoints for the service of this process. */
  public static void serve(WakeUps service, Routes routes) {
    CALLS.serve(service, routes);
  }

  @Override
  public Followed<PollResult> follow(
      Ticket ticket, GuestSession session, Cursor cursor, Amount amount) {
    return FOLLOW.ask(conversations, new Follow(ticket, session, cursor, amount));
  }

  @Override
  public Followed<AccountNews> watch(
      Ticket ticket, Sid.Account account, AccountCursor cursor, Amount amount) {
    return WATCH.ask(conversations, new Watch(ticket, account, cursor, amount));
  }

  @Override
  public Optional<Woken> next(String process, String stream, long received) {
    return NEXT.ask(conversations, new Next(process, stream, received));
  }
}
