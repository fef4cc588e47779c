package parlour.redis;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A thread with its own connection, which it opens again when it is lost: after a growing pause,
 * with a random part, so that the nodes do not all reconnect at the same time.
 */
abstract class RedisThread implements AutoCloseable {
  private final RedisAddress address;
  private final RedisOutage outage;
  private final Duration silence;
  private final SecureRandom random;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable RedisConnection connection;

  RedisThread(
      RedisAddress address,
      RedisOutage outage,
      String what,
      Duration silence,
      SecureRandom random) {
    this.address = address;
    this.outage = outage;
    this.silence = silence;
    this.random = random;
    this.thread = Thread.ofPlatform().name("redis: " + what).daemon().unstarted(this::serve);
  }

  final void start() {
    thread.start();
  }

  /** Uses a new connection until it throws a {@link JedisException}, because it is lost. */
  abstract void serve(RedisConnection connection) throws InterruptedException;

  /** Called after the connection was lost and {@link #serve} has ended. */
  abstract void lost();

  /** Must be called by {@link #serve} when the new connection works. */
  final void works() {
    outage.worked(this);
  }

  final RedisAddress address() {
    return address;
  }

  final boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void serve() {
    Duration pause = Limits.REDIS_RETRY_PAUSE;
    while (!isClosed()) {
      long began = System.nanoTime();
      try (RedisConnection opened = new RedisConnection(address, (int) silence.toMillis())) {
        connection = opened;
        if (!isClosed()) {
          serve(opened);
        }
      } catch (InterruptedException e) {
        // close() did this: the loop ends
      } catch (Throwable e) { // also undeclared exceptions of the library: the thread must continue
        if (!isClosed()) {
          outage.failed(this, e);
        }
      }
      connection = null;
      lost();
      if (System.nanoTime() - began > Limits.MAX_REDIS_RETRY_PAUSE.toNanos()) {
        pause = Limits.REDIS_RETRY_PAUSE; // the connection worked
      }
      pause(pause);
      pause = Durations.min(Durations.times(pause, 2), Limits.MAX_REDIS_RETRY_PAUSE);
    }
  }

  /** Waits for a random part of the pause, at least half of it. */
  private void pause(Duration pause) {
    long millis = pause.toMillis();
    try {
      var _ = closed.await(millis / 2 + random.nextLong(millis / 2 + 1), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    RedisConnection open = connection;
    if (open != null) {
      open.close();
    }
    try {
      thread.join(Limits.CONNECT_TIMEOUT.plus(Limits.REDIS_READ_TIMEOUT));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
