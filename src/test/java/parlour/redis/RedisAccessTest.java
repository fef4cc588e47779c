package parlour.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Limits;
import parlour.Sid;
import parlour.events.BusEvent;
import parlour.proof.MemoryNonces;
import parlour.proof.Nonces;
import parlour.proof.Nonces.Use;
import parlour.proof.Proof;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import redis.clients.jedis.Protocol.Command;

/** A user of Redis with the rights that the documents give. */
@Timeout(120)
class RedisAccessTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Pattern RIGHTS = Pattern.compile("`ACL (SETUSER parlour on[^`]+)`");
  private static final String SECRET = "a secret of all nodes";

  private static String[] rights() throws IOException {
    Matcher rights = RIGHTS.matcher(Files.readString(Path.of("docs", "operating.md")));
    assertThat(rights.find()).isTrue();
    return rights.group(1).replace(">PASSWORD", ">password").split("\\s+");
  }

  @Test
  void the_rights_in_the_documents_are_enough_for_all_that_a_node_sends() throws Exception {
    try (RealRedis server = RealRedis.start()) {
      server.ask(Command.ACL, rights());
      RedisAddress address = RedisAddress.parse(
          server.url().replace("redis://", "redis://parlour@"), Optional.of("password"));
      FollowedChannels followed = new FollowedChannels(9, Duration.ofMillis(50));
      try (Redis one = Redis.start(address, random);
          Redis other = Redis.start(
              address, random, Limits.REDIS_TIMEOUT, Limits.REDIS_READ_TIMEOUT, followed)) {
        ratesAreCounted(one, server);
        noncesAreRemembered(one, other);
        eventsArrive(one, other);
        until(() -> followed.size() == 0);
        follow(other, Sid.Account.random(random)); // this answer comes after that to UNSUBSCRIBE
        assertThat(server.ask(Command.ACL, "LOG")).as("refused commands").isEqualTo(List.of());
      }
    }
  }

  private static void ratesAreCounted(Redis node, RealRedis server) {
    RateLimiter limiter =
        node.rateLimiter((rate, whose, drops) -> Optional.of(Duration.ofDays(1)), SECRET);
    List<RateLimiter.Reserved.Taken> taken = new ArrayList<>();
    until(() -> limiter.reserve(Rate.REFUSALS, "a", 1) instanceof RateLimiter.Reserved.Taken one
        && taken.add(one));
    assertThat(server.list(Command.KEYS, "*:refusals:*")).hasSize(1);
    until(() -> {
      taken.getFirst().giveBack(1);
      return server.list(Command.KEYS, "*:refusals:*").isEmpty();
    });
  }

  private static void noncesAreRemembered(Redis one, Redis other) {
    Instant now = Instant.ofEpochSecond(1_764_280_000);
    Nonces here = one.nonces(new MemoryNonces(now.minus(Duration.ofDays(1)), random), SECRET);
    Nonces there = other.nonces(new MemoryNonces(now.minus(Duration.ofDays(1)), random), SECRET);
    AtomicInteger attempts = new AtomicInteger();
    until(() -> {
      Proof.Nonce nonce = new Proof.Nonce("nonce number " + attempts.incrementAndGet(), now, true);
      return here.use("a", nonce) == Use.FIRST && there.use("a", nonce) == Use.SEEN;
    });
  }

  private static void eventsArrive(Redis from, Redis to) {
    List<BusEvent> received = new CopyOnWriteArrayList<>();
    to.eventBus().subscribe(received::add);
    Sid.Conversation conversation = Sid.Conversation.random(random);
    BusEvent event = new BusEvent.ConversationChanged(Sid.Account.random(random), conversation);
    until(() -> {
      to.eventBus().follow(conversation);
      from.eventBus().publish(event);
      return received.contains(event);
    });
  }

  private static void follow(Redis node, Sid of) {
    until(() -> {
      node.eventBus().follow(of);
      return node.eventBus().pollInterval(of).equals(Limits.POLL_WITH_EVENTS);
    });
  }
}
