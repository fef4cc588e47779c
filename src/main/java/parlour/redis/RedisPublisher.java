package parlour.redis;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Sends all commands of this process on one connection. All queued commands are sent together and
 * answered together, so that each costs only a share of a round trip. Only this thread ever waits
 * for a connection.
 */
final class RedisPublisher extends RedisThread {
  private static final Logger log = LoggerFactory.getLogger(RedisPublisher.class);

  /**
   * {@link parlour.rates.Bucket} as a script, which gives the same answers: a bucket is the
   * instant at which it is full again. A full bucket has no key, and keys expire by themselves.
   * The clock is Redis's own. All numbers are whole microseconds below 2^53, which Lua's doubles
   * hold exactly.
   *
   * <p>No bucket is full later than a window from now. If the stored instant is later, then Redis's
   * clock has gone backwards, or another program wrote it: it counts as an empty bucket
   * until that instant is a window away. A value of another type counts as a full bucket and is
   * replaced.
   *
   * <p>A negative cost gives drops back.
   */
  static final String ACQUIRE = """
      local clock = redis.call('TIME')
      local now = clock[1] * 1000000 + clock[2]
      local cost = tonumber(ARGV[1])
      local window = tonumber(ARGV[2])
      local known = redis.pcall('GET', KEYS[1])
      local full = type(known) == 'string' and tonumber(known) or now
      if not (full >= now) then full = now end
      if full > now + window then full = now + window end
      local used = full - now + cost
      if used > window then return used - window end
      if used <= 0 then
        redis.call('DEL', KEYS[1])
        return 0
      end
      redis.call('SET', KEYS[1], string.format('%.0f', now + used), 'PX', math.ceil(used / 1000))
      return -used
      """;

  /**
   * The Bloom filters of {@link parlour.proof.NonceBits}, one key for each part and slice of time.
   * Sets the bits in the newest one and returns 1, unless all of them are set in one of the slices:
   * then it returns 0. The clock is Redis's own.
   */
  static final String REMEMBER = """
      local seconds = tonumber(ARGV[1])
      local slices = tonumber(ARGV[2])
      local newest = math.floor(redis.call('TIME')[1] / seconds)
      local get = {}
      local set = {}
      for i = 3, #ARGV do
        for _, word in ipairs({'GET', 'u1', ARGV[i]}) do table.insert(get, word) end
        for _, word in ipairs({'SET', 'u1', ARGV[i], '1'}) do table.insert(set, word) end
      end
      for age = 0, slices - 1 do
        local bits = redis.call('BITFIELD', KEYS[1] .. ':' .. (newest - age), unpack(get))
        local all = true
        for _, bit in ipairs(bits) do all = all and bit == 1 end
        if all then return 0 end
      end
      local key = KEYS[1] .. ':' .. newest
      redis.call('BITFIELD', key, unpack(set))
      redis.call('EXPIRE', key, seconds * slices)
      return 1
      """;

  private final BlockingQueue<QueuedCommand> waiting = new ArrayBlockingQueue<>(Limits.REDIS_QUEUE);
  private final AtomicLong dropped = new AtomicLong();
  private final LongAdder roundTrips = new LongAdder();
  private final LongAdder roundTripNanos = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder late = new LongAdder();
  private final String heartbeatChannel;
  private final String node;
  private final Duration timeout;
  private volatile QueuedCommand heartbeat;
  private final QueuedCommand eventsMissed;
  private final LogInterval refusalLog = new LogInterval();
  private boolean scriptsKnown;
  private volatile boolean connected;
  private volatile boolean missed;
  private volatile long bypassedUntil = System.nanoTime();

  /** A command that waits to be sent. */
  private sealed interface QueuedCommand {
    record Publish(String channel, String text) implements QueuedCommand {}

    record Acquire(String key, String drop, String window, CompletableFuture<Long> answer)
        implements QueuedCommand {}

    record Remember(String part, List<Integer> bits, CompletableFuture<Boolean> answer)
        implements QueuedCommand {}
  }

  /**
   * @param heartbeatChannel the channel for heartbeats, which prove to this process that it
   *     receives
   * @param missedChannel the channel on which other processes learn that they missed events
   * @param timeout the longest wait of a call
   * @param readTimeout the time without an answer after which the connection is closed
   */
  RedisPublisher(
      RedisAddress address,
      RedisOutage outage,
      String heartbeatChannel,
      String missedChannel,
      String node,
      SecureRandom random,
      Duration timeout,
      Duration readTimeout) {
    super(address, outage, "publisher", readTimeout, random);
    this.timeout = timeout;
    this.heartbeatChannel = heartbeatChannel;
    this.node = node;
    heartbeat = new QueuedCommand.Publish(heartbeatChannel, node);
    eventsMissed = new QueuedCommand.Publish(missedChannel, node);
  }

  /** Publishes these words with each heartbeat from now on. */
  void announce(String words) {
    heartbeat = new QueuedCommand.Publish(heartbeatChannel, node + " " + words);
  }

  boolean isConnected() {
    return connected;
  }

  /** Whether a command that is queued now will probably be answered in time. */
  boolean isAnswering() {
    return connected && System.nanoTime() - bypassedUntil >= 0;
  }

  /** Queues a message. It is dropped if the queue is full or Redis is not connected. */
  void publish(String channel, String text) {
    if (!connected || !waiting.offer(new QueuedCommand.Publish(channel, text))) {
      dropped.incrementAndGet();
      missed = true;
    }
  }

  /** How many groups of commands were answered. */
  long roundTrips() {
    return roundTrips.sum();
  }

  /** The time until the answers of these groups, together. */
  long roundTripNanos() {
    return roundTripNanos.sum();
  }

  /** The number of commands that failed, or whose callers did not wait for the answer any longer. */
  long failures() {
    return failed.sum() + late.sum();
  }

  /** The number of messages that were dropped. */
  long dropped() {
    return dropped.get();
  }

  /**
   * Takes drops from a bucket, or nothing if it holds too few; waits for the answer.
   *
   * @param costMicros the microseconds in which the drops are refilled; negative to give them back
   * @param windowMicros the microseconds in which an empty bucket is refilled
   * @return microseconds to wait; or, if the drops were taken, minus the microseconds until the
   *     bucket is full again; empty if Redis did not answer in time
   */
  OptionalLong acquire(String key, long costMicros, long windowMicros) {
    return acquireLater(key, costMicros, windowMicros)
        .flatMap(this::await)
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  /**
   * Sends an {@link #acquire} without waiting for the answer.
   *
   * @return the answer of {@link #acquire}, or a failure if the connection is lost; empty if the
   *     command cannot be sent now
   */
  Optional<CompletableFuture<Long>> acquireLater(String key, long costMicros, long windowMicros) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    boolean isSent = offer(new QueuedCommand.Acquire(
        key, Long.toString(costMicros), Long.toString(windowMicros), answer));
    return isSent ? Optional.of(answer) : Optional.empty();
  }

  /**
   * Adds a nonce to a part of the filter; waits for the answer.
   *
   * @return whether it was new; empty if Redis did not answer in time
   */
  Optional<Boolean> remember(String part, List<Integer> bits) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    return offer(new QueuedCommand.Remember(part, bits, answer)) ? await(answer) : Optional.empty();
  }

  /** Queues a command, unless it cannot be answered now. */
  private boolean offer(QueuedCommand command) {
    return isAnswering() && waiting.offer(command);
  }

  private <T> Optional<T> await(CompletableFuture<T> answer) {
    try {
      return Optional.of(answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      late.increment();
      bypassedUntil = System.nanoTime() + Limits.REDIS_BYPASS.toNanos();
    } catch (ExecutionException e) {
      // the connection was lost, which is logged there
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  @Override
  void serve(RedisConnection connection) throws InterruptedException {
    Scripts scripts = load(connection);
    connected = true;
    long heartbeatAt = System.nanoTime();
    while (!isClosed()) {
      if (!scriptsKnown) {
        scripts = load(connection);
      }
      List<QueuedCommand> commands = new ArrayList<>();
      long now = System.nanoTime();
      if (heartbeatAt - now <= 0) {
        commands.add(heartbeat);
        heartbeatAt = now + Limits.REDIS_HEARTBEAT.toNanos();
      } else {
        QueuedCommand next = waiting.poll(heartbeatAt - now, TimeUnit.NANOSECONDS);
        if (next == null) {
          continue;
        }
        commands.add(next);
        waiting.drainTo(commands, Limits.REDIS_BATCH - 2);
      }
      if (missed) {
        missed = false; // before it is sent: an event that is dropped meanwhile is announced again
        commands.add(eventsMissed);
      }
      send(commands, scripts, connection);
      works();
    }
  }

  /** The digests by which Redis knows the scripts. */
  private record Scripts(String acquire, String remember) {}

  private Scripts load(RedisConnection connection) {
    Scripts scripts = new Scripts(load(connection, ACQUIRE), load(connection, REMEMBER));
    scriptsKnown = true;
    return scripts;
  }

  private static String load(RedisConnection connection, String script) {
    connection.send(Command.SCRIPT, "LOAD", script);
    return text(connection.next());
  }

  private void send(List<QueuedCommand> commands, Scripts scripts, RedisConnection connection) {
    long begin = System.nanoTime();
    try {
      for (QueuedCommand command : commands) {
        switch (command) {
          case QueuedCommand.Publish(String channel, String text) ->
            connection.send(Command.PUBLISH, channel, text);
          case QueuedCommand.Acquire(
              String key,
              String drop,
              String window,
              CompletableFuture<Long> _) ->
            connection.send(Command.EVALSHA, scripts.acquire(), "1", key, drop, window);
          case QueuedCommand.Remember(
              String part,
              List<Integer> bits,
              CompletableFuture<Boolean> _) ->
            connection.send(Command.EVALSHA, remembering(scripts, part, bits));
        }
      }
      List<Object> answers = connection.next(commands.size());
      roundTripNanos.add(System.nanoTime() - begin);
      roundTrips.increment();
      for (int i = 0; i < commands.size(); i++) {
        answered(commands.get(i), answers.get(i));
      }
    } catch (JedisException e) {
      fail(commands, e);
      throw e;
    }
  }

  private static String[] remembering(Scripts scripts, String part, List<Integer> bits) {
    Stream<String> words = Stream.of(
        scripts.remember(),
        "1",
        part,
        String.valueOf(Limits.NONCE_SLICE.toSeconds()),
        String.valueOf(Limits.NONCE_SLICES));
    return Stream.concat(words, bits.stream().map(String::valueOf)).toArray(String[]::new);
  }

  private void answered(QueuedCommand command, @Nullable Object answer) {
    if (answer instanceof JedisDataException refusal) {
      refused(command, refusal);
      return;
    }
    switch (command) {
      case QueuedCommand.Publish _ -> {} // the number of receivers
      case QueuedCommand.Acquire acquire -> acquire.answer().complete((Long) answer);
      case QueuedCommand.Remember remember ->
        remember.answer().complete(Long.valueOf(1).equals(answer));
    }
  }

  /**
   * Redis refused one command: it has lost the script, its memory is full, or it is a read-only
   * replica. The connection stays open, because everything else works on it.
   */
  private void refused(QueuedCommand command, JedisDataException refusal) {
    fail(List.of(command), refusal);
    switch (command) {
      case QueuedCommand.Publish _ -> missed = true;
      case QueuedCommand.Acquire _, QueuedCommand.Remember _ ->
        scriptsKnown &= !String.valueOf(refusal.getMessage()).startsWith("NOSCRIPT ");
    }
    if (refusalLog.isDue()) {
      log.warn("redis {}: refused a command ({})", address(), refusal.getMessage());
    }
  }

  @Override
  void lost() {
    connected = false;
    missed = true; // the commands that were being sent
    List<QueuedCommand> commands = new ArrayList<>();
    waiting.drainTo(commands);
    fail(commands, new JedisException("not connected"));
  }

  /** A message that failed may have arrived; it counts as dropped. */
  private void fail(List<QueuedCommand> commands, JedisException why) {
    failed.add(commands.size());
    for (QueuedCommand command : commands) {
      switch (command) {
        case QueuedCommand.Publish publish -> dropped.incrementAndGet();
        case QueuedCommand.Acquire acquire -> acquire.answer().completeExceptionally(why);
        case QueuedCommand.Remember remember -> remember.answer().completeExceptionally(why);
      }
    }
  }

  static String text(@Nullable Object answer) {
    return answer instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(answer);
  }
}
