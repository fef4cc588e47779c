package parlour.scopedauth;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.events.BusEvent;
import parlour.events.EventBus;

/** The sessions in the store of this process. */
public final class StoredGuestSessions implements GuestSessions {
  private final Sessions sessions;
  private final SqlSessionPages pages;
  private final ScopedAuth scopedAuth;
  private final EventBus events;
  private final InstantSource clock;

  public StoredGuestSessions(
      Sessions sessions,
      SqlSessionPages pages,
      ScopedAuth scopedAuth,
      EventBus events,
      InstantSource clock) {
    this.sessions = sessions;
    this.pages = pages;
    this.scopedAuth = scopedAuth;
    this.events = events;
    this.clock = clock;
  }

  @Override
  public Optional<Session> find(Sid.Session session) {
    return sessions.find(session);
  }

  @Override
  public Optional<Session> newestOf(Sid.Conversation conversation) {
    return sessions.of(List.of(conversation)).stream().findFirst();
  }

  @Override
  public long countLive(Sid.Deployment deployment) {
    return sessions.countLive(new Sessions.Scope.OfDeployment(deployment), clock.instant());
  }

  @Override
  public boolean revoke(Sid.Session session, String why) {
    return scopedAuth.revoke(session, why);
  }

  @Override
  public int end(Sid.Deployment deployment, String why) {
    int ended = sessions.revokeLive(
        new Sessions.Scope.OfDeployment(deployment), why, clock.instant(), Limits.SWEEP_BATCH);
    if (ended > 0) {
      events.publish(new BusEvent.SessionRevoked());
    }
    return ended;
  }

  @Override
  public SessionPage page(SessionQuery query) {
    return pages.page(query, clock.instant());
  }
}
