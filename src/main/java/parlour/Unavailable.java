package parlour;

import org.jspecify.annotations.Nullable;

/**
 * A call that could not be decided, because a service or store failed. It is answered 503 with
 * Retry-After, and never as a refusal: whether the token is valid is not known.
 */
public class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param who the participant or store that did not decide, as the diagram names it
   * @param why one sentence for the log; no token, signal, address or body in it
   */
  public Unavailable(String who, String why, @Nullable Throwable cause) {
    super(who + ": " + why, cause);
  }

  /** A service was reached, and answered 503: it cannot work now, or a service that it calls. */
  public static final class Answered extends Unavailable {
    private static final long serialVersionUID = 1L;

    public Answered(String who) {
      super(who, "it answered 503", null);
    }
  }
}
