package parlour;

import java.time.Duration;

/** A call that exceeds a rate, and was not decided: answered 429 with Retry-After. */
public final class TooManyRequests extends Unavailable {
  private static final long serialVersionUID = 1L;

  private final Duration retryAfter;

  public TooManyRequests(String who, Duration retryAfter) {
    super(who, "too many requests", null);
    this.retryAfter = retryAfter;
  }

  public Duration retryAfter() {
    return retryAfter;
  }
}
