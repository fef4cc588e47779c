package parlour.redis;

import java.nio.charset.StandardCharsets;
import parlour.Limits;
import parlour.Sha256;
import parlour.proof.NonceBits;
import parlour.proof.Nonces;
import parlour.proof.Proof;

/**
 * Remembers nonces in Redis, too, so that a proof which one node has answered is not answered by
 * another one. While Redis does not answer, each node only knows what it saw itself.
 */
final class RedisNonces implements Nonces {
  private final RedisPublisher publisher;
  private final Nonces local;
  private final byte[] key;

  /**
   * @param local knows what this node saw: what it has seen is not sent to Redis
   * @param secret the same on every node; Redis gets numbers of bits only, which depend on it
   */
  RedisNonces(RedisPublisher publisher, Nonces local, String secret) {
    this.publisher = publisher;
    this.local = local;
    this.key = Sha256.keyed(secret.getBytes(StandardCharsets.UTF_8), "nonces");
  }

  @Override
  public Use use(String session, Proof.Nonce nonce) {
    Use here = local.use(session, nonce);
    if (here != Use.FIRST) {
      return here;
    }
    NonceBits bits = NonceBits.of(key, session, nonce.text());
    String part = "parlour:1:nonces:" + bits.part(Limits.NONCE_PARTS);
    return publisher.remember(part, bits.bits()).orElse(true) ? Use.FIRST : Use.SEEN;
  }

  /** Counts what one node sees, because nobody waits for Redis only to count. */
  @Override
  public boolean isRepeated(String session, Proof.Nonce nonce) {
    return local.isRepeated(session, nonce);
  }
}
