package parlour.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.rates.Bucket;
import parlour.rates.LocalRateLimiter;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.rates.RateLimiterContract;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;

/** Calls that all nodes count together while Redis answers. */
@Timeout(60)
class RedisRateLimiterTest extends RateLimiterContract {
  private static final SecureRandom random = new SecureRandom();
  private static final String SECRET = "a secret of all nodes";
  private static final Rate RATE = Rate.CREATES;

  /** The calls of a node of which Redis does not learn. */
  private static final int UNREPORTED = RATE.calls() / Limits.REDIS_UNREPORTED_PART;

  /** A rate whose calls wait for the answer of Redis. */
  private static final Rate GUESSES = Rate.REFUSALS;

  private static RealRedis server;
  private static Redis one;
  private static Redis other;

  /** Waits no longer for Redis than a node of an installation does. */
  private static Redis hasty;

  @BeforeAll
  static void start() {
    server = RealRedis.start();
    Duration patience = Duration.ofSeconds(60); // more than a loaded machine needs
    one = Redis.start(server.address(), random, patience, patience);
    other = Redis.start(server.address(), random, patience, patience);
    hasty = Redis.start(server.address(), random);
  }

  @AfterAll
  static void stop() {
    one.close();
    other.close();
    hasty.close();
    server.close();
  }

  @Override
  protected RateLimiter limiter() {
    server.ask(Command.FLUSHALL);
    until(RedisRateLimiterTest::shared);
    return one.rateLimiter((rate, whose, drops) -> fail(), SECRET);
  }

  @Override
  protected long nanos() {
    return System.nanoTime(); // Redis counts by the clock of this machine
  }

  @Override
  protected void pass(Duration time) throws InterruptedException {
    Thread.sleep(time);
  }

  private static Optional<Duration> fail() {
    throw new AssertionError("not counted in Redis");
  }

  /** The script with a clock that the test sets, and with keys that outlive that clock's jumps. */
  private static String scriptWithTestClock() {
    String script = RedisPublisher.ACQUIRE
        .replace("redis.call('TIME')", "{tonumber(ARGV[3]), tonumber(ARGV[4])}")
        .replace("math.ceil(used / 1000)", "600000");
    assertThat(script).contains("ARGV[4]", "600000");
    return script;
  }

  @Test
  void the_script_and_the_bucket_in_memory_give_the_same_answers() {
    long seed = new SecureRandom().nextLong();
    Random steps = new Random(seed);
    String script = scriptWithTestClock();
    long micros = 1_700_000_000_000_000L;
    Bucket bucket = new Bucket(micros * 1_000);
    int refused = 0;
    try (Connection connection = server.connect()) {
      for (int i = 0; i < 2_000; i++) {
        long cost = RATE.refillMicros(1 + steps.nextInt(RATE.calls() / 4));
        micros += steps.nextInt(100) == 0
            ? steps.nextLong(-200_000_000, 200_000_000) // a clock that somebody sets
            : steps.nextInt(4_000_000);
        connection.sendCommand(
            Command.EVAL,
            script,
            "1",
            "same answers",
            String.valueOf(cost),
            String.valueOf(Limits.RATE_WINDOW.toMillis() * 1_000),
            String.valueOf(micros / 1_000_000),
            String.valueOf(micros % 1_000_000));
        long wait = Math.max(0, (Long) connection.getOne());
        assertThat(bucket.tryAcquire(micros * 1_000, cost * 1_000))
            .as("step %d of seed %d", i, seed)
            .isEqualTo(wait * 1_000);
        refused += wait > 0 ? 1 : 0;
      }
    }
    assertThat(refused).as("refused, of seed %d", seed).isBetween(100, 1_900);
  }

  @Test
  void nodes_count_together() {
    RateLimiter here = limiter();
    RateLimiter there = other.rateLimiter((rate, whose, drops) -> fail(), SECRET);
    long began = nanos();
    int let = 0;
    for (int i = 0; i < RATE.calls(); i++) {
      let += allowed(here, RATE, "a", 1) + allowed(there, RATE, "a", 1);
    }
    // One call did not wait for the answer.
    assertThat(let).isBetween(RATE.calls(), RATE.calls() + 1 + refilledSince(began, RATE));
  }

  @ParameterizedTest
  @MethodSource("parlour.redis.RedisNoncesTest#nodes_side_by_side_while_the_secret_is_changed")
  void nodes_count_together_while_the_secret_is_changed(
      InternalSecrets mine, InternalSecrets others) {
    var _ = limiter(); // waits for Redis
    RateLimiter here = one.rateLimiter((rate, whose, drops) -> fail(), mine);
    RateLimiter there = other.rateLimiter((rate, whose, drops) -> fail(), others);
    long began = nanos();
    int let = 0;
    for (int i = 0; i < RATE.calls(); i++) {
      let += allowed(here, RATE, "a", 1) + allowed(there, RATE, "a", 1);
    }
    assertThat(let).isBetween(RATE.calls() - 1, RATE.calls() + 1 + refilledSince(began, RATE));
  }

  @Test
  void redis_holds_no_addresses_and_nothing_for_long() {
    RateLimiter limiter = limiter();
    var _ = limiter.tryAcquire(GUESSES, "[203, 0, 113, 7]");
    List<String> keys = server.list(Command.KEYS, "*:refusals:*");
    assertThat(keys).hasSize(1).allSatisfy(key -> {
      assertThat(key).matches("parlour:1:rate:[a-z-]+:[0-9a-f]{32}").doesNotContain("203");
      assertThat((Long) server.ask(Command.PTTL, key)).isBetween(1L, Limits.RATE_WINDOW.toMillis());
    });
    // Another secret gives another name, so a reader of Redis cannot guess addresses.
    var _ = one.rateLimiter((rate, whose, drops) -> fail(), "another")
        .tryAcquire(GUESSES, "[203, 0, 113, 7]");
    assertThat(server.list(Command.KEYS, "*:refusals:*")).hasSize(keys.size() + 1);
  }

  @Test
  void a_stored_instant_that_is_too_late_or_invalid_costs_the_wait_for_one_drop() {
    RateLimiter limiter = limiter();
    var _ = limiter.tryAcquire(GUESSES, "a");
    String key = server.list(Command.KEYS, "*:refusals:*").getFirst();
    for (String wrong :
        List.of("9999999999999999", "1e300", "inf", "nan", "-5", "not a number", "")) {
      server.ask(Command.SET, key, wrong);
      var _ = limiter.tryAcquire(GUESSES, "a");
      Duration drop = Limits.RATE_WINDOW.dividedBy(GUESSES.calls());
      assertThat(limiter.tryAcquire(GUESSES, "a").orElse(Duration.ZERO))
          .as(wrong)
          .isLessThanOrEqualTo(drop);
    }
  }

  @Test
  void a_value_of_another_type_is_replaced() {
    RateLimiter limiter = limiter();
    var _ = limiter.tryAcquire(GUESSES, "a");
    String key = server.list(Command.KEYS, "*:refusals:*").getFirst();
    server.ask(Command.DEL, key);
    server.ask(Command.RPUSH, key, "a list");
    assertThat(limiter.tryAcquire(GUESSES, "a")).isEmpty();
    assertThat(RedisPublisher.text(server.ask(Command.TYPE, key))).isEqualTo("string");
  }

  /** A Redis that never answers represents a very slow one. */
  @Test
  void an_ordinary_call_waits_for_no_answer_and_a_long_call_and_a_guess_do() {
    limiter();
    AtomicInteger near = new AtomicInteger();
    RateLimiter here = hasty.rateLimiter(
        (rate, whose, drops) -> {
          near.incrementAndGet();
          return Optional.empty();
        },
        SECRET);
    server.suspend();
    try {
      for (int i = 0; i < RATE.calls() / Limits.REDIS_ORDINARY_PART; i++) {
        assertThat(here.tryAcquire(RATE, "an ordinary guest")).isEmpty();
      }
      assertThat(near).as("calls that waited in vain").hasValue(0);
      assertThat(here.tryAcquire(RATE, "a long call", 2)).isEmpty();
      assertThat(near).as("calls of several drops are counted one by one").hasValue(1);
      assertThat(here.tryAcquire(Rate.REFUSALS, "a guess")).isEmpty();
      assertThat(near).as("guesses are counted one by one").hasValue(2);
    } finally {
      server.resume();
    }
    until(RedisRateLimiterTest::shared);
  }

  @Test
  void a_long_call_is_refused_if_other_nodes_have_emptied_the_bucket() {
    RateLimiter here = limiter();
    RateLimiter there = other.rateLimiter((rate, whose, drops) -> fail(), SECRET);
    int photo = Rate.UPLOADS.calls() / Limits.REDIS_ORDINARY_PART;
    long began;
    Optional<Duration> wait;
    int attempts = 0;
    do { // the bucket may be refilled meanwhile on a slow machine
      began = nanos();
      String client = "client " + attempts++;
      taken(there, Rate.UPLOADS, client, Rate.UPLOADS.calls());
      wait = here.tryAcquire(Rate.UPLOADS, client, photo);
    } while (wait.isEmpty() && refilledSince(began, Rate.UPLOADS) >= photo);
    assertThat(wait).isPresent();
  }

  @Test
  void drops_are_given_back_only_where_they_were_taken() {
    limiter();
    RateLimiter here = one.rateLimiter(new LocalRateLimiter(), SECRET);
    int calls = Rate.DAILY_UPLOADS.calls();
    RateLimiter.Reserved.Taken inRedis = taken(here, Rate.DAILY_UPLOADS, "a", calls);
    server.kill();
    until(() -> !shared());
    RateLimiter.Reserved.Taken locally = taken(here, Rate.DAILY_UPLOADS, "a", calls);
    inRedis.giveBack(calls);
    assertThat(here.tryAcquire(Rate.DAILY_UPLOADS, "a", calls / 2)).isPresent();
    server.startAgain(); // empty, so its bucket is full
    until(RedisRateLimiterTest::shared);
    assertThat(here.tryAcquire(Rate.DAILY_UPLOADS, "a", calls / 2)).isEmpty();
    locally.giveBack(calls);
    assertThat(here.tryAcquire(Rate.DAILY_UPLOADS, "a", calls * 3 / 4)).isPresent();
  }

  @Test
  void a_call_that_was_counted_without_waiting_counts_for_all_nodes() {
    RateLimiter here = limiter();
    RateLimiter there = other.rateLimiter((rate, whose, drops) -> fail(), SECRET);
    int ordinary = RATE.calls() / Limits.REDIS_ORDINARY_PART;
    long began = nanos();
    assertThat(allowed(here, RATE, "a", ordinary)).isEqualTo(ordinary);
    assertThat(shared()).as("everything before was sent and answered").isTrue();
    int let = allowed(there, RATE, "a", 2 * RATE.calls());
    int left = RATE.calls() - ordinary;
    assertThat(let).isBetween(left, left + UNREPORTED + 1 + refilledSince(began, RATE));
  }

  @Test
  void redis_learns_of_the_calls_of_a_node_when_they_are_a_part_of_the_bucket() {
    RateLimiter limiter = limiter();
    assertThat(allowed(limiter, RATE, "a", UNREPORTED)).isEqualTo(UNREPORTED);
    assertThat(shared()).as("everything before was sent and answered").isTrue();
    assertThat(server.list(Command.KEYS, "*:creates:*")).isEmpty();
    Duration all = Limits.RATE_WINDOW.dividedBy(RATE.calls()).multipliedBy(UNREPORTED);
    AtomicInteger attempts = new AtomicInteger();
    until(
        () -> { // a slow machine is too late to see a bucket that is nearly full
          allowed(limiter, RATE, "b" + attempts.incrementAndGet(), 2 * UNREPORTED);
          return shared()
              && server.list(Command.KEYS, "*:creates:*").stream()
                  .anyMatch(key -> (Long) server.ask(Command.PTTL, key) > all.toMillis());
        });
  }

  @Test
  void a_node_that_begins_to_wait_for_answers_first_reports_the_rest_of_its_calls() {
    RateLimiter here = limiter();
    RateLimiter there = other.rateLimiter((rate, whose, drops) -> fail(), SECRET);
    int ordinary = RATE.calls() / Limits.REDIS_ORDINARY_PART;
    long began = nanos();
    assertThat(allowed(here, RATE, "a", ordinary + 1)).isEqualTo(ordinary + 1);
    int let = allowed(there, RATE, "a", 2 * RATE.calls());
    int left = RATE.calls() - ordinary - 1;
    assertThat(let).isBetween(left, left + 1 + refilledSince(began, RATE));
  }

  @Test
  void without_redis_each_node_counts_for_itself_at_once_and_together_again_later() {
    limiter();
    RateLimiter here = one.rateLimiter(new LocalRateLimiter(), SECRET);
    RateLimiter there = other.rateLimiter(new LocalRateLimiter(), SECRET);
    allowed(here, RATE, "a", RATE.calls() * 2);
    until(() -> there.tryAcquire(RATE, "a").isPresent()); // one call did not wait for the answer
    server.kill();
    until(() -> !shared());
    for (RateLimiter alone : List.of(here, there)) {
      long began = nanos();
      assertThat(allowed(alone, RATE, "a", RATE.calls() * 2))
          .isBetween(RATE.calls(), RATE.calls() + 1 + refilledSince(began, RATE));
    }
    server.startAgain();
    until(RedisRateLimiterTest::shared);
    allowed(here, RATE, "b", RATE.calls() * 2);
    until(() -> there.tryAcquire(RATE, "b").isPresent()); // one call did not wait for the answer
  }

  /** Counts the calls that wait, because only those that were already queued may. */
  @Test
  void a_redis_that_hangs_delays_each_caller_once_and_for_a_bounded_time() throws Exception {
    limiter();
    RateLimiter here = hasty.rateLimiter(new LocalRateLimiter(), SECRET);
    server.suspend();
    try {
      AtomicInteger held = new AtomicInteger();
      AtomicInteger longest = new AtomicInteger();
      int callers = 8;
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        threads.add(Thread.ofVirtual().start(() -> {
          for (int call = 0; call < 500; call++) {
            long began = System.nanoTime();
            var _ = here.tryAcquire(Rate.SIGNS, "a");
            int millis = (int) ((System.nanoTime() - began) / 1_000_000);
            longest.accumulateAndGet(millis, Math::max);
            if (millis >= Limits.REDIS_TIMEOUT.toMillis()) {
              held.incrementAndGet();
            }
          }
        }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(held).hasValueBetween(1, 2 * callers);
      assertThat(longest.get()).as("ms, on a busy machine").isLessThan(5_000);
    } finally {
      server.resume();
    }
    until(RedisRateLimiterTest::shared);
  }

  @Test
  void limits_stay_in_force_while_redis_is_killed_and_started_again_under_load() throws Exception {
    limiter();
    RateLimiter here = one.rateLimiter(new LocalRateLimiter(), SECRET);
    long began = nanos();
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger let = new AtomicInteger();
    AtomicInteger asked = new AtomicInteger();
    List<Thread> load = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      load.add(Thread.ofVirtual().start(() -> {
        while (!over.get()) {
          let.addAndGet(allowed(here, RATE, "a", 1));
          asked.incrementAndGet();
          LockSupport.parkNanos(200_000); // leaves the processors to the other threads
        }
      }));
    }
    int restarts = 3;
    for (int i = 0; i < restarts; i++) {
      server.kill();
      until(() -> !shared());
      server.startAgain();
      until(RedisRateLimiterTest::shared);
    }
    over.set(true);
    for (Thread thread : load) {
      thread.join();
    }
    // Each new Redis has full buckets, and this node counted once by itself.
    assertThat(let.get())
        .isLessThan((restarts + 2) * RATE.calls() + load.size() + 2 * refilledSince(began, RATE));
    assertThat(asked.get()).isGreaterThan(2 * let.get());
  }

  /** Whether all nodes count in Redis now. */
  private static boolean shared() {
    AtomicInteger near = new AtomicInteger();
    for (Redis node : List.of(one, other, hasty)) {
      var _ = node.rateLimiter(
              (rate, whose, drops) -> {
                near.incrementAndGet();
                return Optional.empty();
              },
              SECRET)
          .tryAcquire(Rate.AGENT_ATTEMPTS, "somebody"); // which waits for the answer
    }
    return near.get() == 0;
  }
}
