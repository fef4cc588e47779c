package parlour.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;
import static parlour.proof.Nonces.Use.FIRST;
import static parlour.proof.Nonces.Use.SEEN;
import static parlour.proof.Nonces.Use.UNKNOWN;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.InternalSecrets;
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
    until(RedisNoncesTest::shared);
  }

  @Override
  protected Nonces nonces() {
    return on(one);
  }

  private static Nonces on(Redis node) {
    return node.nonces(new MemoryNonces(NOW.minus(Duration.ofDays(1)), random), SECRET);
  }

  /** Whether what one node remembers is known to the other now, unless Redis answers too late. */
  private static boolean shared() {
    String nonce = "probe " + probes.incrementAndGet();
    return on(one).use("a", nonce(nonce)) == FIRST
        && on(other).use("a", nonce(nonce)) == SEEN
        && on(other).use("b", nonce(nonce)) == FIRST;
  }

  @Test
  void a_nonce_that_one_node_saw_is_known_to_all_and_to_a_node_that_is_started_again() {
    until(RedisNoncesTest::shared);
    until(() -> {
      String nonce = "n" + probes.incrementAndGet();
      return on(one).use("a", nonce(nonce)) == FIRST && on(one).use("a", nonce(nonce)) == SEEN;
    });
  }

  @Test
  void redis_holds_bits_only_and_none_for_much_longer_than_a_proof_is_valid() {
    until(
        () -> { // unless Redis answers too late
          server.ask(Command.FLUSHALL);
          on(one).use("IS-of-a", nonce("nonce-of-a"));
          return !keys().isEmpty();
        });
    assertThat(keys()).hasSize(1).allSatisfy(key -> assertThat(key).matches("[a-z0-9:]+"));
    String key = keys().getFirst();
    assertThat(server.ask(Command.BITCOUNT, key)).isEqualTo((long) Limits.NONCE_BITS);
    assertThat((Long) server.ask(Command.STRLEN, key))
        .isLessThanOrEqualTo(Limits.NONCE_PART_BITS / 8);
    assertThat((Long) server.ask(Command.PTTL, key))
        .isBetween(1L, Limits.NONCE_SLICE.multipliedBy(Limits.NONCE_SLICES).toMillis());
  }

  /** The keys of the minutes before, as Redis will have them, in the order of their age. */
  @Test
  void a_nonce_is_known_in_redis_for_as_many_minutes_as_are_searched() {
    for (int age = 0; age <= Limits.NONCE_SLICES; age++) {
      int minutes = age;
      until(() -> {
        server.ask(Command.FLUSHALL);
        String nonce = "n" + probes.incrementAndGet();
        on(one).use("a", nonce(nonce));
        if (keys().isEmpty()) {
          return false; // Redis answered too late
        }
        String key = keys().getFirst();
        int colon = key.lastIndexOf(':') + 1;
        long slice = Long.parseLong(key.substring(colon));
        if (minutes > 0) {
          server.ask(Command.RENAME, key, key.substring(0, colon) + (slice - minutes));
        }
        Nonces.Use use = on(other).use("a", nonce(nonce));
        return use == (minutes < Limits.NONCE_SLICES ? SEEN : FIRST);
      });
    }
  }

  @Test
  void redis_that_lost_its_scripts_gets_them_again() {
    server.ask(Command.SCRIPT, "FLUSH");
    until(RedisNoncesTest::shared);
  }

  private static List<String> keys() {
    return server.list(Command.KEYS, "parlour:1:nonces:*");
  }

  @Test
  void another_secret_is_another_installation() {
    assertThat(on(one).use("a", nonce("n"))).isEqualTo(FIRST);
    Nonces others = other.nonces(new MemoryNonces(NOW.minusSeconds(1_000), random), "another");
    assertThat(others.use("a", nonce("n"))).isEqualTo(FIRST);
  }

  /** The nodes of an installation whose operator replaces one value by another, node by node. */
  static Stream<Arguments> nodes_side_by_side_while_the_secret_is_changed() {
    InternalSecrets before = InternalSecrets.of("old");
    InternalSecrets accepting = new InternalSecrets("old", Optional.of("new"));
    InternalSecrets sending = new InternalSecrets("new", Optional.of("old"));
    InternalSecrets after = InternalSecrets.of("new");
    return Stream.of(
        Arguments.of(before, accepting),
        Arguments.of(accepting, before),
        Arguments.of(accepting, sending),
        Arguments.of(sending, accepting),
        Arguments.of(sending, after),
        Arguments.of(after, sending));
  }

  @ParameterizedTest
  @MethodSource("nodes_side_by_side_while_the_secret_is_changed")
  void a_nonce_is_known_to_all_nodes_while_the_secret_is_changed(
      InternalSecrets here, InternalSecrets there) {
    until(() -> {
      String nonce = "n" + probes.incrementAndGet();
      return on(one, here).use("a", nonce(nonce)) == FIRST
          && on(other, there).use("a", nonce(nonce)) == SEEN
          && on(other, there).use("b", nonce(nonce)) == FIRST;
    });
  }

  private static Nonces on(Redis node, InternalSecrets secrets) {
    return node.nonces(new MemoryNonces(NOW.minus(Duration.ofDays(1)), random), secrets);
  }

  @Test
  void a_nonce_that_a_node_does_not_know_does_not_go_to_redis() {
    server.ask(Command.FLUSHALL);
    Nonces late = one.nonces(new MemoryNonces(NOW.plusSeconds(1), random), SECRET);
    assertThat(late.use("a", nonce("n"))).isEqualTo(UNKNOWN);
    assertThat(late.isRepeated("a", nonce("n"))).isFalse();
    assertThat(keys()).isEmpty();
  }

  @Test
  void without_redis_each_node_knows_what_it_saw_itself_and_later_they_know_together_again() {
    Nonces here = on(one);
    Nonces there = on(other);
    assertThat(here.use("a", nonce("before"))).isEqualTo(FIRST);
    server.kill();
    assertThat(here.use("a", nonce("before"))).isEqualTo(SEEN);
    assertThat(here.use("a", nonce("n"))).isEqualTo(FIRST);
    assertThat(here.use("a", nonce("n"))).isEqualTo(SEEN);
    assertThat(there.use("a", nonce("n"))).as("by itself").isEqualTo(FIRST);
    server.startAgain();
    until(RedisNoncesTest::shared);
    assertThat(here.use("a", nonce("n"))).isEqualTo(SEEN);
  }

  @Test
  void a_redis_that_hangs_is_not_waited_for_and_no_nonce_is_good_twice_here() {
    Nonces here = on(one);
    server.suspend();
    try {
      for (int i = 0; i < 200; i++) {
        assertThat(here.use("a", nonce("n" + i))).isEqualTo(FIRST);
        assertThat(here.use("a", nonce("n" + i))).isEqualTo(SEEN);
      }
    } finally {
      server.resume();
    }
    until(RedisNoncesTest::shared);
  }

  @Test
  void a_redis_that_refuses_to_write_counts_as_one_that_does_not_answer() {
    Nonces here = on(one);
    server.ask(Command.CONFIG, "SET", "maxmemory", "1");
    try {
      assertThat(here.use("a", nonce("n"))).isEqualTo(FIRST);
      assertThat(here.use("a", nonce("n"))).isEqualTo(SEEN);
      assertThat(on(other).use("a", nonce("n"))).isEqualTo(FIRST);
    } finally {
      server.ask(Command.CONFIG, "SET", "maxmemory", "0");
    }
    until(RedisNoncesTest::shared);
  }
}
