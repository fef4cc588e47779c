package parlour.redis;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The one connection on which this process speaks. All that waits is sent at once and answered at
 * once, so a question costs a share of a round trip; and nobody but this thread ever waits for a
 * connection, whatever the network does.
 */
final class RedisSpeaker extends RedisThread {

  /**
   * A bucket as one instant, "when it is full again" (the theoretical arrival time of the generic
   * cell rate algorithm, ITU-T I.371): a bucket that is full needs no record and expires by itself.
   * The clock is Redis's own. Numbers are microseconds, below 2^53, which Lua's doubles hold.
   */
  private static final String TAKE = """
      local clock = redis.call('TIME')
      local now = clock[1] * 1000000 + clock[2]
      local full = tonumber(redis.call('GET', KEYS[1]) or now)
      if full < now then full = now end
      local next = full + tonumber(ARGV[1])
      local wait = next - now - tonumber(ARGV[2])
      if wait > 0 then return math.ceil(wait) end
      redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000))
      return 0
      """;

  private final BlockingQueue<Line> waiting = new ArrayBlockingQueue<>(Limits.REDIS_QUEUE);
  private final AtomicLong dropped = new AtomicLong();
  private final Line beat;
  private final Line someMissed;
  private volatile boolean speaking;
  private volatile boolean missed;
  private volatile long spareUntil = System.nanoTime();

  /** Something to be said. */
  private sealed interface Line {
    record Publish(String channel, String text) implements Line {}

    record Take(String key, String drop, String window, CompletableFuture<Long> answer)
        implements Line {}
  }

  /**
   * @param beatChannel where this process hears itself, which says that all is well
   * @param missedChannel where others are told that they were not told everything
   */
  RedisSpeaker(
      RedisAddress address,
      String beatChannel,
      String missedChannel,
      String node,
      SecureRandom random) {
    super(address, "speaking", Limits.REDIS_ANSWER, random);
    beat = new Line.Publish(beatChannel, node);
    someMissed = new Line.Publish(missedChannel, node);
  }

  boolean isSpeaking() {
    return speaking;
  }

  /** Says it soon, or never: when too much waits already, or there is nobody to say it to. */
  void publish(String channel, String text) {
    if (!speaking || !waiting.offer(new Line.Publish(channel, text))) {
      dropped.incrementAndGet();
      missed = true;
    }
  }

  /** What was not said. */
  long dropped() {
    return dropped.get();
  }

  /**
   * Takes a drop from a bucket that loses nothing when asked in vain.
   *
   * @param dropMicros after which time a drop is there again
   * @return microseconds to wait, 0 when there was one; empty when Redis did not say so in time
   */
  OptionalLong take(String key, double dropMicros, long windowMicros) {
    if (!speaking || System.nanoTime() - spareUntil < 0) {
      return OptionalLong.empty();
    }
    CompletableFuture<Long> answer = new CompletableFuture<>();
    if (!waiting.offer(
        new Line.Take(key, Double.toString(dropMicros), Long.toString(windowMicros), answer))) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(answer.get(Limits.REDIS_PATIENCE.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      spareUntil = System.nanoTime() + Limits.REDIS_SPARED.toNanos();
    } catch (ExecutionException e) {
      // the connection was lost: it says so itself
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return OptionalLong.empty();
  }

  @Override
  void serve(RedisConnection connection) throws InterruptedException {
    connection.send(Command.SCRIPT, "LOAD", TAKE);
    String script = text(connection.next());
    speaking = true;
    long beatAt = System.nanoTime();
    while (!isClosed()) {
      List<Line> lines = new ArrayList<>();
      long now = System.nanoTime();
      if (beatAt - now <= 0) {
        lines.add(beat);
        beatAt = now + Limits.REDIS_BEAT.toNanos();
      } else {
        Line next = waiting.poll(beatAt - now, TimeUnit.NANOSECONDS);
        if (next == null) {
          continue;
        }
        lines.add(next);
        waiting.drainTo(lines, Limits.REDIS_BATCH - 2);
      }
      if (missed) {
        missed = false; // before it is said: what is dropped meanwhile is said again
        lines.add(someMissed);
      }
      say(lines, script, connection);
      works();
    }
  }

  private void say(List<Line> lines, String script, RedisConnection connection) {
    try {
      for (Line line : lines) {
        switch (line) {
          case Line.Publish(String channel, String text) ->
            connection.send(Command.PUBLISH, channel, text);
          case Line.Take(String key, String drop, String window, CompletableFuture<Long> _) ->
            connection.send(Command.EVALSHA, script, "1", key, drop, window);
        }
      }
      List<Object> answers = connection.next(lines.size());
      for (int i = 0; i < lines.size(); i++) {
        if (answers.get(i) instanceof JedisDataException refused) {
          throw refused; // a forgotten script, a full memory, a read-only replica
        }
        if (lines.get(i) instanceof Line.Take take && answers.get(i) instanceof Long wait) {
          take.answer().complete(wait);
        }
      }
    } catch (JedisException e) {
      fail(lines, e);
      throw e;
    }
  }

  @Override
  void lost() {
    speaking = false;
    missed = true; // whatever was on its way
    List<Line> lines = new ArrayList<>();
    waiting.drainTo(lines);
    fail(lines, new JedisException("not connected"));
  }

  /** What was published may have come through; it counts as not sent. */
  private void fail(List<Line> lines, JedisException why) {
    for (Line line : lines) {
      switch (line) {
        case Line.Publish publish -> dropped.incrementAndGet();
        case Line.Take take -> take.answer().completeExceptionally(why);
      }
    }
  }

  static String text(@Nullable Object answer) {
    return answer instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(answer);
  }
}
