package parlour.realtime;

import java.time.Duration;
import java.time.Instant;
import parlour.Durations;
import parlour.Limits;
import parlour.api.GuestPolls;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestCredentials;

/**
 * The newest token that a client has presented, and its session.
 *
 * @param warnAt when the client is asked for a new token
 */
record Admission(GuestCredentials credentials, GuestSession session, Instant warnAt)
    implements GuestPolls.Admission {

  static Admission of(GuestCredentials credentials, GuestSession session, Instant now) {
    Duration part =
        Durations.part(Duration.between(now, session.expires()), Limits.REALTIME_REFRESH_PART);
    Duration ahead = Durations.min(part, Limits.REALTIME_REFRESH_AHEAD);
    return new Admission(credentials, session, session.expires().minus(ahead));
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Admission[" + session.session() + "]";
  }
}
