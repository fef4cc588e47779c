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
 * A thread with a connection of its own, which it opens again whenever it is lost: after a pause
 * that grows, and is another one on each node.
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

  /** Works on a new connection until it is lost, which is told by a {@link JedisException}. */
  abstract void serve(RedisConnection connection) throws InterruptedException;

  /** The connection is gone, and {@link #serve} has ended. */
  abstract void lost();

  /** {@link #serve} calls this when the new connection works. */
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
        // by close(): the loop ends
      } catch (Throwable e) { // also what a library does not announce: the thread must go on
        if (!isClosed()) {
          outage.failed(this, e);
        }
      }
      connection = null;
      lost();
      if (System.nanoTime() - began > Limits.MAX_REDIS_RETRY_PAUSE.toNanos()) {
        pause = Limits.REDIS_RETRY_PAUSE; // it did work
      }
      pause(pause);
      pause = Durations.min(pause.multipliedBy(2), Limits.MAX_REDIS_RETRY_PAUSE);
    }
  }

  /** Between half of it and all of it. */
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
