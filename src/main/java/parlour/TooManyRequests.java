package parlour;

import java.time.Duration;

/** Not decided, because too much was asked: answered 429 with Retry-After, never a refusal. */
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
