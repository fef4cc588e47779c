package parlour.spec.wrong.conversations;

import io.github.bucket4j.Bucket;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/** Speaks to Redis itself, and counts by itself. */
final class Connected {
  @Nullable
  HostAndPort redis;

  @Nullable
  Bucket bucket;
}
