package parlour.scopedauth;

import java.util.Optional;
import parlour.Sid;

/**
 * The sessions of guests for an operator: why one ended, and ending one or all of a deployment. The
 * caller checks whose they are. Every method throws {@link parlour.Unavailable}.
 */
public interface GuestSessions {
  /** Finds a session ({@code POST /v1/GuestSessions/find}). */
  Optional<Session> find(Sid.Session session);

  /** The newest session of a conversation ({@code POST /v1/GuestSessions/conversation}). */
  Optional<Session> newestOf(Sid.Conversation conversation);

  /** Counts the live sessions of a deployment ({@code POST /v1/GuestSessions/live}). */
  long countLive(Sid.Deployment deployment);

  /**
   * Revokes a session at once and for good ({@code POST /v1/GuestSessions/revoke}).
   *
   * @return false if there is no such session, or it was revoked before
   */
  boolean revoke(Sid.Session session, String why);

  /**
   * Revokes live sessions of a deployment ({@code POST /v1/GuestSessions/end}).
   *
   * @return how many; fewer than {@link parlour.Limits#SWEEP_BATCH} if there were no more
   */
  int end(Sid.Deployment deployment, String why);

  /**
   * Lists sessions of a deployment, newest first ({@code POST /v1/GuestSessions/page}).
   *
   * @throws parlour.TooManyRequests if other searches run
   */
  SessionPage page(SessionQuery query);
}
