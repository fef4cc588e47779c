package parlour.spec.wrong.conversations;

import org.jspecify.annotations.Nullable;
import parlour.rates.Bucket;
import redis.clients.jedis.HostAndPort;

/** Connects to Redis itself, and counts by itself. */
final class Connected {
  @Nullable
  HostAndPort redis;

  @Nullable
  Bucket bucket;
}
