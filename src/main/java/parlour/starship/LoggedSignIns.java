package parlour.starship;

import java.time.Duration;
import java.util.Optional;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.trace.SecurityLog;
import parlour.trace.SecurityLog.Event;

/**
 * Logs the digest of an address whose sign-ins are limited, because only the edge knows addresses.
 *
 * @param limiter where calls are counted
 */
public record LoggedSignIns(RateLimiter limiter, SecurityLog security) implements RateLimiter {
  @Override
  public Optional<Duration> tryAcquire(Rate rate, String whose, int drops) {
    Optional<Duration> wait = limiter.tryAcquire(rate, whose, drops);
    if (rate == Rate.SIGN_INS && wait.isPresent()) {
      security.writeOfAddress(Event.SIGN_INS_LIMITED, whose);
    }
    return wait;
  }

  @Override
  public boolean isCounting() {
    return limiter.isCounting();
  }
}
