package parlour.redis;

import java.time.Duration;
import java.time.Instant;
import parlour.Limits;
import parlour.proof.Nonces;
import parlour.proof.Proof;

/**
 * Remembers nonces in Redis, too, so that a proof which one node has answered is not answered by
 * another one. While Redis does not answer, each node only knows what it saw itself.
 */
final class RedisNonces implements Nonces {
  private final RedisPublisher publisher;
  private final Nonces local;
  private final String secret;

  /**
   * @param local knows what this node saw, and has the bounds: a nonce goes to Redis only if it has
   *     room for it
   * @param secret the same on every node; sessions and nonces are stored in Redis only as digests
   *     under it
   */
  RedisNonces(RedisPublisher publisher, Nonces local, String secret) {
    this.publisher = publisher;
    this.local = local;
    this.secret = secret;
  }

  @Override
  public Use use(String session, Proof.Once once, Instant now) {
    Use here = local.use(session, once, now);
    if (here != Use.FIRST) {
      return here;
    }
    // A node whose clock is behind accepts the proof for longer.
    Instant end = once.created().plus(Limits.PROOF_WINDOW).plus(Limits.CLOCK_SKEW);
    long millis = Math.max(1, Duration.between(now, end).toMillis());
    boolean isFirst = publisher.setIfAbsent(key(session, once.nonce()), millis).orElse(true);
    return isFirst ? Use.FIRST : Use.SEEN;
  }

  private String key(String session, String nonce) {
    return "parlour:1:nonce:" + RedisRateLimiter.digest(secret, "nonce " + session + " " + nonce);
  }
}
