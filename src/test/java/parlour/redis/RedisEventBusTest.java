package parlour.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.Sid;
import parlour.notices.BusEvent;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;

/** Two nodes and a Redis between them. */
@Timeout(60)
class RedisEventBusTest {
  private static final SecureRandom random = new SecureRandom();
  private static final BusEvent HERE = new BusEvent.DirectoryChanged();

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Conversation conversation = Sid.Conversation.random(random);

  @AutoClose
  private final RealRedis server = RealRedis.start();

  @AutoClose
  private final Redis one = Redis.start(server.address(), random);

  @AutoClose
  private final Redis other = Redis.start(server.address(), random);

  private final BlockingQueue<BusEvent> heardByOne = heard(one);
  private final BlockingQueue<BusEvent> heardByOther = heard(other);

  @Test
  void every_notice_is_heard_once_by_its_own_node_and_once_by_the_other() {
    connected();
    List<BusEvent> all = List.of(
        new BusEvent.ConversationChanged(account, conversation),
        new BusEvent.ParticipantTyping(account, conversation, Sid.Participant.random(random)),
        new BusEvent.SessionRevoked(),
        new BusEvent.DirectoryChanged(),
        new BusEvent.EventsMissed());
    all.forEach(one.eventBus()::publish);
    awaitThat(() -> heardByOther.size() == all.size());
    BusEvent back = new BusEvent.ConversationChanged(account, Sid.Conversation.random(random));
    other.eventBus().publish(back);
    awaitThat(() -> heardByOne.contains(back));
    List<BusEvent> heard = Stream.concat(all.stream(), Stream.of(back)).toList();
    assertThat(heardByOne).containsExactlyElementsOf(heard);
    assertThat(heardByOther).containsExactlyElementsOf(heard);
  }

  @Test
  void one_who_is_told_by_a_living_redis_seldom_looks_unasked() {
    connected();
    assertThat(one.eventBus().pollInterval()).isEqualTo(Limits.POLL_WITH_EVENTS);
    server.kill();
    awaitThat(() -> one.eventBus().pollInterval().equals(Limits.POLL_WITHOUT_EVENTS));
    server.startAgain();
    awaitThat(() -> one.eventBus().pollInterval().equals(Limits.POLL_WITH_EVENTS));
  }

  @Test
  void whoever_was_away_looks_when_it_begins_and_when_it_is_over() throws Exception {
    connected();
    server.kill();
    assertThat(next(heardByOther)).isEqualTo(new BusEvent.EventsMissed());
    one.eventBus().publish(new BusEvent.ConversationChanged(account, conversation));
    server.startAgain();
    assertThat(next(heardByOther)).isEqualTo(new BusEvent.EventsMissed());
    awaitThat(() -> told(one, other));
    assertThat(one.dropped()).isPositive();
  }

  @Test
  void a_node_that_could_not_speak_says_so_to_those_who_listened_all_the_time() {
    connected();
    // Only the connections of those who speak: those who listen are of another type.
    server.ask(Command.CLIENT, "KILL", "TYPE", "normal");
    awaitThat(() -> {
      one.eventBus().publish(new BusEvent.ConversationChanged(account, conversation));
      return one.dropped() > 0;
    });
    awaitThat(() -> heardByOther.contains(new BusEvent.EventsMissed()));
  }

  @Test
  void telling_waits_for_nobody_and_what_is_too_much_is_dropped_and_counted() {
    connected();
    server.hang();
    long began = System.nanoTime();
    for (int i = 0; i < Limits.REDIS_QUEUE * 3; i++) {
      one.eventBus().publish(new BusEvent.ConversationChanged(account, conversation));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    assertThat(one.dropped()).isPositive();
    assertThat(heardByOne).hasSizeGreaterThanOrEqualTo(Limits.REDIS_QUEUE * 3);
    heardByOther.clear();
    server.goOn();
    awaitThat(() -> heardByOther.contains(new BusEvent.EventsMissed()));
    awaitThat(() -> told(one, other));
  }

  @Test
  void a_redis_that_hangs_is_found_out_and_found_again() {
    connected();
    server.hang();
    awaitThat(() -> one.eventBus().pollInterval().equals(Limits.POLL_WITHOUT_EVENTS)
        && other.eventBus().pollInterval().equals(Limits.POLL_WITHOUT_EVENTS));
    server.goOn();
    awaitThat(() -> told(one, other) && told(other, one));
  }

  @Test
  void what_no_version_of_ours_says_is_not_heard_and_harms_nobody() {
    connected();
    heardByOther.clear();
    for (String text : List.of("", " ", "x", "x AC1 CH1", "x " + account.text(), "x y z a b c")) {
      server.ask(Command.PUBLISH, "parlour:1:conversation-changed", text);
      server.ask(Command.PUBLISH, "parlour:1:participant-typing", text);
    }
    server.ask(Command.PUBLISH, "parlour:2:conversation-changed", "x " + account.text());
    assertThat(told(one, other)).isTrue();
    assertThat(heardByOther).containsExactly(HERE);
  }

  /** Allocation is counted, because a heap that just suffices would hide the fault. */
  @Test
  void a_huge_text_on_a_channel_of_ours_is_dropped_and_costs_its_reader_no_memory() {
    connected();
    long before = allocatedByListeners();
    String text = " ".repeat(8 << 20);
    for (int i = 0; i < 3; i++) {
      server.ask(Command.PUBLISH, "parlour:1:conversation-changed", text);
    }
    assertThat(told(one, other)).isTrue();
    assertThat(allocatedByListeners() - before).isLessThan(4 << 20);
    assertThat(other.ignored()).isEqualTo(3);
    assertThat(heardByOther).as("nothing was missed").containsExactly(HERE);
  }

  @Test
  void a_text_with_more_fields_than_ours_is_dropped_and_counted() {
    connected();
    String known = "0123456789abcdef " + account.text() + " " + conversation.text();
    server.ask(Command.PUBLISH, "parlour:1:conversation-changed", known + " more");
    server.ask(Command.PUBLISH, "parlour:1:session-revoked", known);
    server.ask(Command.PUBLISH, "parlour:1:some-missed", "not-a-node");
    assertThat(told(one, other)).isTrue();
    assertThat(heardByOther).containsExactly(HERE);
    assertThat(other.ignored()).isEqualTo(3);
  }

  @Test
  void a_refused_command_does_not_end_the_connection_on_which_notices_are_sent() {
    connected();
    RateLimiter limiter =
        one.rateLimiter((rate, whose, drops) -> Optional.empty(), "a secret of all nodes");
    long dropped = one.dropped();
    server.ask(Command.SCRIPT, "FLUSH");
    var _ = limiter.tryAcquire(Rate.REFUSALS, "a");
    assertThat(told(one, other)).isTrue();
    assertThat(one.dropped()).isEqualTo(dropped);
    assertThat(heardByOther).as("nothing was missed").containsExactly(HERE);
    server.ask(Command.FLUSHALL);
    var _ = limiter.tryAcquire(Rate.REFUSALS, "a");
    assertThat(server.list(Command.KEYS, "*")).as("the script is there again").hasSize(1);
  }

  private static long allocatedByListeners() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("redis: listening"))
        .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.threadId()))
        .sum();
  }

  @Test
  void a_program_that_ends_at_once_is_heard_too_and_finds_nobody_without_harm() throws Exception {
    connected();
    heardByOther.clear();
    Redis.publishOnce(server.address(), new BusEvent.SessionRevoked());
    assertThat(next(heardByOther)).isEqualTo(new BusEvent.SessionRevoked());
    server.kill();
    Redis.publishOnce(server.address(), new BusEvent.SessionRevoked());
  }

  @Test
  void a_password_opens_and_without_it_nobody_is_told() {
    try (RealRedis guarded = RealRedis.start("--requirepass", "open sesame");
        Redis inside =
            Redis.start(RedisAddress.parse(guarded.url(), Optional.of("open sesame")), random);
        Redis outside = Redis.start(guarded.address(), random)) {
      awaitThat(() -> inside.eventBus().pollInterval().equals(Limits.POLL_WITH_EVENTS));
      assertThat(outside.eventBus().pollInterval()).isEqualTo(Limits.POLL_WITHOUT_EVENTS);
    }
  }

  @Test
  void a_wrong_password_is_one_line_in_the_log_for_all_connections_of_a_process() {
    Logger logger = (Logger) LoggerFactory.getLogger(Redis.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.INFO);
    try (RealRedis guarded = RealRedis.start("--requirepass", "open sesame")) {
      try (Redis outside =
          Redis.start(RedisAddress.parse(guarded.url(), Optional.of("sesame")), random)) {
        // Both connections have tried several times.
        awaitThat(() -> failedConnections(guarded) >= 6);
        assertThat(outside.eventBus().pollInterval()).isEqualTo(Limits.POLL_WITHOUT_EVENTS);
      }
      assertThat(lines.list.stream()
              .filter(line -> line.getLevel().isGreaterOrEqual(Level.INFO))
              .map(ILoggingEvent::getFormattedMessage)
              .filter(line -> line.contains(guarded.address().toString())))
          .singleElement()
          .asString()
          .contains("WRONGPASS");
    } finally {
      logger.setLevel(null);
      logger.detachAppender(lines);
    }
  }

  @Test
  void another_secret_in_the_same_installation_is_warned_of_and_in_another_one_is_not() {
    connected();
    Logger logger = (Logger) LoggerFactory.getLogger(RedisEventBus.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.WARN);
    try {
      one.announce("installation-a", "a secret of sixteen and more");
      other.announce("installation-b", "another secret of sixteen and more");
      heardTwoBeats();
      assertThat(lines.list).isEmpty();
      other.announce("installation-a", "a secret of sixteen and more");
      heardTwoBeats();
      assertThat(lines.list).isEmpty();
      other.announce("installation-a", "another secret of sixteen and more");
      awaitThat(() -> lines.list.size() == 2); // one line at each of them
      assertThat(lines.list.toString()).contains("internal.secret").doesNotContain("sixteen");
    } finally {
      logger.setLevel(null);
      logger.detachAppender(lines);
    }
  }

  private void heardTwoBeats() {
    try (Connection connection = server.connect()) {
      connection.sendCommand(Command.SUBSCRIBE, "parlour:1:beat");
      for (int i = 0; i < 1 + 2 * 2; i++) { // the subscription, and two beats of two nodes
        connection.getOne();
      }
    }
  }

  private static int failedConnections(RealRedis server) {
    try (Connection connection = server.connect()) {
      connection.sendCommand(Command.AUTH, "open sesame");
      connection.getOne();
      connection.sendCommand(Command.INFO, "stats");
      String stats = RedisPublisher.text(connection.getOne());
      return stats
          .lines()
          .filter(line -> line.startsWith("total_connections_received:"))
          .mapToInt(
              line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
          .sum();
    }
  }

  private void connected() {
    awaitThat(() -> told(one, other) && told(other, one));
    heardByOne.clear();
    heardByOther.clear();
  }

  /** Whether what one node says reaches the other within a second. */
  private boolean told(Redis from, Redis to) {
    BlockingQueue<BusEvent> heard = to == one ? heardByOne : heardByOther;
    heard.clear();
    from.eventBus().publish(HERE);
    try {
      for (BusEvent next = heard.poll(1, TimeUnit.SECONDS);
          next != null;
          next = heard.poll(1, TimeUnit.SECONDS)) {
        if (next.equals(HERE)) {
          heard.add(HERE);
          return true;
        }
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static BlockingQueue<BusEvent> heard(Redis node) {
    BlockingQueue<BusEvent> heard = new LinkedBlockingQueue<>();
    node.eventBus().subscribe(heard::add);
    return heard;
  }

  private static BusEvent next(BlockingQueue<BusEvent> heard) throws InterruptedException {
    BusEvent next = heard.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing was heard");
    }
    return next;
  }

  static void awaitThat(BooleanSupplier condition) {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > giveUp) {
        throw new AssertionError("it did not come about");
      }
      try {
        TimeUnit.MILLISECONDS.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
