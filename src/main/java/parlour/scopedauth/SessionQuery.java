package parlour.scopedauth;

import java.time.Instant;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;

/**
 * A choice of sessions of a deployment, newest first.
 *
 * @param before the query finds only sessions older than this place; empty: from the newest one
 * @param reader the account that searches; its searches run one after the other
 */
public record SessionQuery(
    Sid.Deployment deployment,
    State state,
    Binding binding,
    Optional<Place> before,
    int limit,
    Sid.Account reader) {

  /** The sessions that fit. */
  public enum State {
    ALL,
    /** Neither revoked nor at their end. */
    LIVE,
    REVOKED,
    /** A token of it was refused at least once. */
    REFUSED
  }

  /** The sessions that fit, by whether they are bound to a key of their browsers. */
  public enum Binding {
    ANY,
    BOUND,
    UNBOUND
  }

  /** The place of a session in the order. */
  public record Place(Instant created, Sid.Session session) {}

  public SessionQuery {
    if (limit < 1 || limit > Limits.SESSION_PAGE) {
      throw new IllegalArgumentException("a list of %d sessions".formatted(limit));
    }
  }
}
