package parlour;

import org.jspecify.annotations.Nullable;

/**
 * The fault of this program: a service or a store behind cannot decide now.
 *
 * <p>It is answered 503 with Retry-After and is never a refusal: nobody learned whether the token is
 * good.
 */
public class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String who;

  /**
   * @param who the participant or store that did not decide, as the diagram names it
   * @param why one sentence for the log; no token, signal, address or body in it
   */
  public Unavailable(String who, String why, @Nullable Throwable cause) {
    super(who + ": " + why, cause);
    this.who = who;
  }

  public String who() {
    return who;
  }
}
