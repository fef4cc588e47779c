package parlour.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import parlour.Identity;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.Sid;
import parlour.events.BusEvent;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;

/** Two nodes that share a Redis. */
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

  private final BlockingQueue<BusEvent> eventsOfOne = received(one);
  private final BlockingQueue<BusEvent> eventsOfOther = received(other);

  @Test
  void each_event_reaches_its_own_node_once_and_the_other_once() {
    connected();
    List<BusEvent> all = List.of(
        new BusEvent.ConversationChanged(account, conversation),
        new BusEvent.ParticipantTyping(
            account, conversation, Sid.Participant.next(Instant.EPOCH, random)),
        new BusEvent.SessionRevoked(),
        new BusEvent.DirectoryChanged(),
        new BusEvent.EventsMissed());
    all.forEach(one.eventBus()::publish);
    until(() -> eventsOfOther.size() == all.size());
    BusEvent back = new BusEvent.ParticipantTyping(
        account, conversation, Sid.Participant.next(Instant.EPOCH, random));
    other.eventBus().publish(back);
    until(() -> eventsOfOne.contains(back));
    List<BusEvent> received = Stream.concat(all.stream(), Stream.of(back)).toList();
    assertThat(eventsOfOne).containsExactlyElementsOf(received);
    assertThat(eventsOfOther).containsExactlyElementsOf(received);
  }

  @Test
  void an_event_reaches_only_the_nodes_that_follow_its_conversation_or_its_account() {
    connected();
    Sid.Conversation unknown = Sid.Conversation.random(random);
    one.eventBus().publish(new BusEvent.ConversationChanged(account, unknown));
    assertDelivered();
    assertThat(eventsOfOther).containsExactly(HERE);

    follow(other, account);
    eventsOfOther.clear();
    BusEvent ofAccount = new BusEvent.ConversationChanged(account, unknown);
    BusEvent ofBoth = new BusEvent.ConversationChanged(account, conversation);
    one.eventBus().publish(ofAccount);
    one.eventBus().publish(ofBoth);
    one.eventBus().publish(HERE);
    until(() -> eventsOfOther.contains(HERE));
    assertThat(eventsOfOther).as("each once").containsExactly(ofAccount, ofBoth, HERE);

    eventsOfOther.clear();
    BusEvent look =
        new BusEvent.AgentViewing(account, unknown, new Identity("agent_Ann Lee %20+ünlü"));
    one.eventBus().publish(look);
    until(() -> eventsOfOther.contains(look));
    assertThat(eventsOfOther).containsExactly(look);
  }

  /** The conversation's copy was published just before Redis accepted the subscription. */
  @Test
  void an_event_whose_first_copy_came_before_the_subscription_is_not_lost() {
    connected();
    follow(other, account);
    eventsOfOther.clear();
    String text = "command-line changed %s %s".formatted(account.text(), conversation.text());
    server.ask(Command.PUBLISH, "parlour:2:" + account.text(), text);
    BusEvent event = new BusEvent.ConversationChanged(account, conversation);
    until(() -> eventsOfOther.contains(event));
    eventsOfOther.clear();
    one.eventBus().publish(event);
    assertOnlyThisArrives(event);
  }

  private void assertOnlyThisArrives(BusEvent event) {
    one.eventBus().publish(HERE);
    until(() -> eventsOfOther.contains(HERE));
    assertThat(eventsOfOther).containsExactly(event, HERE);
  }

  @Test
  void a_node_learns_since_when_the_events_of_a_conversation_arrive() {
    until(one::isConnected);
    eventsOfOne.clear();
    assertThat(one.eventBus().pollInterval(conversation)).isEqualTo(Limits.POLL_WITHOUT_EVENTS);
    follow(one, conversation);
    follow(one, conversation);
    assertThat(eventsOfOne).containsExactly(new BusEvent.EventsArrive(conversation));
  }

  @Test
  void a_node_follows_again_after_an_outage() {
    connected();
    server.kill();
    until(() -> other.eventBus().pollInterval(conversation).equals(Limits.POLL_WITHOUT_EVENTS));
    eventsOfOther.clear();
    server.startAgain();
    until(() -> eventsOfOther.contains(new BusEvent.EventsArrive(conversation)));
    until(() -> {
      one.eventBus().publish(new BusEvent.ConversationChanged(account, conversation));
      return eventsOfOther.contains(new BusEvent.ConversationChanged(account, conversation));
    });
  }

  @Test
  void a_node_stops_to_follow_what_no_client_uses() {
    try (Redis node = node(new FollowedChannels(9, Duration.ofMillis(50)))) {
      until(node::isConnected);
      node.eventBus().follow(conversation);
      until(() -> subscribers(conversation) == 1);
      until(() -> subscribers(conversation) == 0);
      assertThat(node.eventBus().pollInterval(conversation)).isEqualTo(Limits.POLL_WITHOUT_EVENTS);
      node.eventBus().follow(conversation);
      until(() -> subscribers(conversation) == 1);
    }
  }

  @Test
  void a_node_follows_no_more_than_its_bound_and_polls_for_the_others() {
    FollowedChannels followed = new FollowedChannels(2, Duration.ofDays(1));
    try (Redis node = node(followed)) {
      until(node::isConnected);
      follow(node, account);
      follow(node, conversation);
      Sid.Conversation third = Sid.Conversation.random(random);
      node.eventBus().follow(third);
      assertThat(followed.size()).isEqualTo(2);
      assertThat(node.eventBus().pollInterval(third)).isEqualTo(Limits.POLL_WITHOUT_EVENTS);
    }
  }

  private Redis node(FollowedChannels followed) {
    return Redis.start(
        server.address(), random, Limits.REDIS_TIMEOUT, Limits.REDIS_READ_TIMEOUT, followed);
  }

  private long subscribers(Sid of) {
    List<?> counts = (List<?>) server.ask(Command.PUBSUB, "NUMSUB", "parlour:2:" + of.text());
    return (Long) counts.get(1);
  }

  @Test
  void a_node_with_a_connected_redis_polls_seldom() {
    connected();
    assertThat(one.eventBus().pollInterval(conversation)).isEqualTo(Limits.POLL_WITH_EVENTS);
    server.kill();
    until(() -> one.eventBus().pollInterval(conversation).equals(Limits.POLL_WITHOUT_EVENTS));
    server.startAgain();
    until(() -> one.eventBus().pollInterval(conversation).equals(Limits.POLL_WITH_EVENTS));
  }

  @Test
  void a_node_that_loses_redis_polls_at_the_beginning_and_the_end_of_the_outage() throws Exception {
    connected();
    server.kill();
    assertThat(next(eventsOfOther)).isEqualTo(new BusEvent.EventsMissed());
    one.eventBus().publish(new BusEvent.ConversationChanged(account, conversation));
    server.startAgain();
    assertThat(next(eventsOfOther)).isEqualTo(new BusEvent.EventsMissed());
    until(() -> isDelivered(one, other));
    assertThat(one.dropped()).isPositive();
  }

  @Test
  void a_node_that_could_not_publish_announces_it_to_those_that_were_connected() {
    connected();
    // Only the publishers' connections: those of subscribers have another type.
    server.ask(Command.CLIENT, "KILL", "TYPE", "normal");
    until(() -> {
      one.eventBus().publish(new BusEvent.ConversationChanged(account, conversation));
      return one.dropped() > 0;
    });
    until(() -> eventsOfOther.contains(new BusEvent.EventsMissed()));
  }

  @Test
  void publishing_never_waits_and_events_beyond_the_queue_are_dropped_and_counted() {
    connected();
    server.suspend();
    long began = System.nanoTime();
    for (int i = 0; i < Limits.REDIS_QUEUE * 3; i++) {
      one.eventBus().publish(new BusEvent.ConversationChanged(account, conversation));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("waiting once for each event would take minutes")
        .isLessThan(Duration.ofSeconds(60));
    assertThat(one.dropped()).isPositive();
    assertThat(eventsOfOne).hasSizeGreaterThanOrEqualTo(Limits.REDIS_QUEUE * 3);
    eventsOfOther.clear();
    server.resume();
    until(() -> eventsOfOther.contains(new BusEvent.EventsMissed()));
    until(() -> isDelivered(one, other));
  }

  @Test
  void a_redis_that_hangs_is_detected_and_used_again_later() {
    connected();
    server.suspend();
    until(() -> one.eventBus().pollInterval(conversation).equals(Limits.POLL_WITHOUT_EVENTS)
        && other.eventBus().pollInterval(conversation).equals(Limits.POLL_WITHOUT_EVENTS));
    server.resume();
    until(() -> isDelivered(one, other) && isDelivered(other, one));
  }

  @Test
  void a_message_that_parlour_does_not_send_is_dropped() {
    connected();
    eventsOfOther.clear();
    String node = "0123456789abcdef ";
    String known = account.text() + " " + conversation.text();
    String stranger = Sid.Conversation.random(random).text();
    for (String text : List.of(
        "",
        " ",
        "x",
        "x changed AC1 CH1",
        "x changed " + known,
        node + "changed " + account.text(),
        node + "changed " + account.text() + " " + stranger,
        node + "erased " + known,
        node + "typing " + known,
        node + "typing " + known + " " + account.text(),
        node + "looking " + known + " ann",
        "x y z a b c")) {
      server.ask(Command.PUBLISH, "parlour:2:" + conversation.text(), text);
    }
    server.ask(Command.PUBLISH, "parlour:1:" + conversation.text(), node + "changed " + known);
    assertDelivered();
    assertThat(eventsOfOther).containsExactly(HERE);
  }

  /** Allocation is counted, because a heap that just suffices would hide the fault. */
  @Test
  void a_huge_text_on_parlours_channel_is_dropped_without_being_allocated() {
    connected();
    long before = allocatedByListeners();
    String text = " ".repeat(8 << 20);
    for (int i = 0; i < 3; i++) {
      server.ask(Command.PUBLISH, "parlour:2:" + conversation.text(), text);
    }
    assertDelivered();
    assertThat(allocatedByListeners() - before).isLessThan(4 << 20);
    assertThat(other.ignored()).isEqualTo(3);
    assertThat(eventsOfOther).as("nothing was missed").containsExactly(HERE);
  }

  @Test
  void a_text_with_too_many_fields_is_dropped_and_counted() {
    connected();
    String known = "0123456789abcdef changed " + account.text() + " " + conversation.text();
    server.ask(Command.PUBLISH, "parlour:2:" + conversation.text(), known + " more");
    server.ask(Command.PUBLISH, "parlour:2:session-revoked", known);
    server.ask(Command.PUBLISH, "parlour:2:some-missed", "not-a-node");
    assertDelivered();
    assertThat(eventsOfOther).containsExactly(HERE);
    assertThat(other.ignored()).isEqualTo(3);
  }

  @Test
  void a_refused_command_does_not_end_the_connection_of_the_publisher() {
    connected();
    RateLimiter limiter =
        one.rateLimiter((rate, whose, drops) -> Optional.empty(), "a secret of all nodes");
    long dropped = one.dropped();
    server.ask(Command.SCRIPT, "FLUSH");
    var _ = limiter.tryAcquire(Rate.REFUSALS, "a");
    assertDelivered();
    assertThat(one.dropped()).isEqualTo(dropped);
    assertThat(eventsOfOther).as("nothing was missed").containsExactly(HERE);
    server.ask(Command.FLUSHALL);
    var _ = limiter.tryAcquire(Rate.REFUSALS, "a");
    assertThat(server.list(Command.KEYS, "*")).as("the script is there again").hasSize(1);
  }

  private static long allocatedByListeners() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("redis: subscriber"))
        .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.threadId()))
        .sum();
  }

  @Test
  void a_command_publishes_one_event_and_ignores_a_missing_redis() throws Exception {
    connected();
    eventsOfOther.clear();
    Redis.publishOnce(server.address(), new BusEvent.SessionRevoked());
    assertThat(next(eventsOfOther)).isEqualTo(new BusEvent.SessionRevoked());
    server.kill();
    Redis.publishOnce(server.address(), new BusEvent.SessionRevoked());
  }

  @Test
  void redis_with_a_password_is_used_only_with_it() {
    try (RealRedis guarded = RealRedis.start("--requirepass", "open sesame");
        Redis inside =
            Redis.start(RedisAddress.parse(guarded.url(), Optional.of("open sesame")), random);
        Redis outside = Redis.start(guarded.address(), random)) {
      until(inside::isConnected);
      assertThat(outside.isConnected()).isFalse();
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
        until(() -> failedConnections(guarded) >= 6);
        assertThat(outside.isConnected()).isFalse();
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
  void another_secret_causes_a_warning_only_in_the_same_installation() {
    connected();
    Logger logger = (Logger) LoggerFactory.getLogger(RedisEventBus.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.WARN);
    try {
      one.announce("installation-a", InternalSecrets.of("a secret of sixteen and more"));
      other.announce("installation-b", InternalSecrets.of("another secret of sixteen and more"));
      awaitTwoHeartbeats();
      assertThat(lines.list).isEmpty();
      other.announce("installation-a", InternalSecrets.of("a secret of sixteen and more"));
      awaitTwoHeartbeats();
      assertThat(lines.list).isEmpty();
      String next = "another secret of sixteen and more";
      one.announce(
          "installation-a", new InternalSecrets("a secret of sixteen and more", Optional.of(next)));
      other.announce(
          "installation-a", new InternalSecrets(next, Optional.of("a secret of sixteen and more")));
      awaitTwoHeartbeats();
      assertThat(lines.list).as("while the secret is changed").isEmpty();
      one.announce("installation-a", InternalSecrets.of("a secret of sixteen and more"));
      other.announce("installation-a", InternalSecrets.of(next));
      until(() -> lines.list.size() == 2); // one line at each of them
      assertThat(lines.list.toString()).contains("internal.secret").doesNotContain("sixteen");
    } finally {
      logger.setLevel(null);
      logger.detachAppender(lines);
    }
  }

  private void awaitTwoHeartbeats() {
    try (Connection connection = server.connect()) {
      connection.sendCommand(Command.SUBSCRIBE, "parlour:2:beat");
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

  /** Both nodes receive what the other one publishes, also of the conversation. */
  private void connected() {
    until(() -> isDelivered(one, other) && isDelivered(other, one));
    follow(one, conversation);
    follow(other, conversation);
    eventsOfOne.clear();
    eventsOfOther.clear();
  }

  private void assertDelivered() {
    eventsOfOther.clear();
    one.eventBus().publish(HERE);
    until(() -> eventsOfOther.contains(HERE));
  }

  /** Whether an event of one node reaches the other within a second. */
  private boolean isDelivered(Redis from, Redis to) {
    BlockingQueue<BusEvent> received = to == one ? eventsOfOne : eventsOfOther;
    received.clear();
    from.eventBus().publish(HERE);
    try {
      for (BusEvent next = received.poll(1, TimeUnit.SECONDS);
          next != null;
          next = received.poll(1, TimeUnit.SECONDS)) {
        if (next.equals(HERE)) {
          received.add(HERE);
          return true;
        }
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void follow(Redis node, Sid of) {
    node.eventBus().follow(of);
    until(() -> node.eventBus().pollInterval(of).equals(Limits.POLL_WITH_EVENTS));
  }

  private static BlockingQueue<BusEvent> received(Redis node) {
    BlockingQueue<BusEvent> received = new LinkedBlockingQueue<>();
    node.eventBus().subscribe(received::add);
    return received;
  }

  private static BusEvent next(BlockingQueue<BusEvent> received) throws InterruptedException {
    BusEvent next = received.poll(60, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no event arrived");
    }
    return next;
  }
}
