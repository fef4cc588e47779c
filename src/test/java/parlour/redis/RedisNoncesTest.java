package parlour.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.proof.Nonces.Use.FIRST;
import static parlour.proof.Nonces.Use.SEEN;
import static parlour.proof.Nonces.Use.UNKNOWN;
import static parlour.redis.RedisEventBusTest.awaitThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Limits;
import parlour.proof.MemoryNonces;
import parlour.proof.Nonces;
import parlour.proof.NoncesContract;
import redis.clients.jedis.Protocol.Command;

/** Nonces that all nodes remember together while Redis answers. */
@Timeout(60)
class RedisNoncesTest extends NoncesContract {
  private static final SecureRandom random = new SecureRandom();
  private static final String SECRET = "a secret of all nodes";

  private static RealRedis server;
  private static Redis one;
  private static Redis other;
  private static final AtomicInteger probes = new AtomicInteger();

  @BeforeAll
  static void start() {
    server = RealRedis.start();
    one = Redis.start(server.address(), random);
    other = Redis.start(server.address(), random);
  }

  @AfterAll
  static void stop() {
    one.close();
    other.close();
    server.close();
  }

  @BeforeEach
  void empty() {
    server.ask(Command.FLUSHALL);
    awaitThat(RedisNoncesTest::shared);
  }

  @Override
  protected Nonces nonces() {
    return on(one);
  }

  private static Nonces on(Redis node) {
    return node.nonces(new MemoryNonces(NOW.minus(Duration.ofDays(1))), SECRET);
  }

  /** Whether what one node remembers is known to the other now, unless Redis answers too late. */
  private static boolean shared() {
    String nonce = "probe " + probes.incrementAndGet();
    return on(one).use("a", once(nonce, NOW), NOW) == FIRST
        && on(other).use("a", once(nonce, NOW), NOW) == SEEN
        && on(other).use("b", once(nonce, NOW), NOW) == FIRST;
  }

  @Test
  void a_nonce_that_one_node_saw_is_known_to_all_and_to_a_node_that_is_started_again() {
    awaitThat(RedisNoncesTest::shared);
    awaitThat(() -> {
      String nonce = "n" + probes.incrementAndGet();
      return on(one).use("a", once(nonce, NOW), NOW) == FIRST
          && on(one).use("a", once(nonce, NOW), NOW) == SEEN;
    });
  }

  @Test
  void redis_holds_digests_only_and_none_for_longer_than_a_node_with_a_late_clock_accepts_it() {
    long window = Limits.PROOF_WINDOW.toMillis();
    for (long created : new long[] {-window, 0, window}) {
      Instant made = NOW.plusMillis(created);
      awaitThat(
          () -> { // unless Redis answers too late
            server.ask(Command.FLUSHALL);
            on(one).use("IS-of-a", once("nonce" + created, made), NOW);
            return !keys().isEmpty();
          });
      assertThat(keys()).hasSize(1).allSatisfy(key -> assertThat(key).matches(".*:[0-9a-f]{32}"));
      assertThat((Long) server.ask(Command.PTTL, keys().getFirst()))
          .isBetween(created + window + 1, created + window + Limits.CLOCK_SKEW.toMillis());
    }
  }

  private static List<String> keys() {
    return server.list(Command.KEYS, "parlour:1:nonce:*");
  }

  @Test
  void another_secret_is_another_installation() {
    assertThat(on(one).use("a", once("n", NOW), NOW)).isEqualTo(FIRST);
    Nonces others = other.nonces(new MemoryNonces(NOW.minusSeconds(1_000)), "another");
    assertThat(others.use("a", once("n", NOW), NOW)).isEqualTo(FIRST);
  }

  @Test
  void a_nonce_for_which_a_node_has_no_room_does_not_go_to_redis() {
    server.ask(Command.FLUSHALL);
    Nonces full = one.nonces((session, once, now) -> UNKNOWN, SECRET);
    assertThat(full.use("a", once("n", NOW), NOW)).isEqualTo(UNKNOWN);
    assertThat(keys()).isEmpty();
  }

  @Test
  void without_redis_each_node_knows_what_it_saw_itself_and_later_they_know_together_again() {
    Nonces here = on(one);
    Nonces there = on(other);
    assertThat(here.use("a", once("before", NOW), NOW)).isEqualTo(FIRST);
    server.kill();
    assertThat(here.use("a", once("before", NOW), NOW)).isEqualTo(SEEN);
    assertThat(here.use("a", once("n", NOW), NOW)).isEqualTo(FIRST);
    assertThat(here.use("a", once("n", NOW), NOW)).isEqualTo(SEEN);
    assertThat(there.use("a", once("n", NOW), NOW)).as("by itself").isEqualTo(FIRST);
    server.startAgain();
    awaitThat(RedisNoncesTest::shared);
    assertThat(here.use("a", once("n", NOW), NOW)).isEqualTo(SEEN);
  }

  @Test
  void a_redis_that_hangs_is_not_waited_for_and_no_nonce_is_good_twice_here() {
    Nonces here = on(one);
    server.suspend();
    try {
      for (int i = 0; i < 200; i++) {
        assertThat(here.use("a", once("n" + i, NOW), NOW)).isEqualTo(FIRST);
        assertThat(here.use("a", once("n" + i, NOW), NOW)).isEqualTo(SEEN);
      }
    } finally {
      server.resume();
    }
    awaitThat(RedisNoncesTest::shared);
  }

  @Test
  void a_redis_that_refuses_to_write_counts_as_one_that_does_not_answer() {
    Nonces here = on(one);
    server.ask(Command.CONFIG, "SET", "maxmemory", "1");
    try {
      assertThat(here.use("a", once("n", NOW), NOW)).isEqualTo(FIRST);
      assertThat(here.use("a", once("n", NOW), NOW)).isEqualTo(SEEN);
      assertThat(on(other).use("a", once("n", NOW), NOW)).isEqualTo(FIRST);
    } finally {
      server.ask(Command.CONFIG, "SET", "maxmemory", "0");
    }
    awaitThat(RedisNoncesTest::shared);
  }
}
