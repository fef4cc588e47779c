package parlour.redis;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.Sid;
import parlour.notices.BusEvent;
import parlour.notices.EventBus;
import parlour.notices.LocalEventBus;
import redis.clients.jedis.Protocol.Command;

/**
 * Publishes events to all processes that use the same Redis.
 *
 * <p>Each kind of event has a channel. A message is the id of the publishing node and then sids,
 * nothing else. The channel's name contains the version of this format, so that nodes of other
 * versions do not receive it: they poll.
 */
final class RedisEventBus implements EventBus {
  private static final Logger log = LoggerFactory.getLogger(RedisEventBus.class);
  private static final String CHANNELS = "parlour:1:";
  static final String HEARTBEAT = CHANNELS + "beat";
  static final String EVENTS_MISSED = CHANNELS + "some-missed";
  private static final String CONVERSATION_CHANGED = CHANNELS + "conversation-changed";
  private static final String PARTICIPANT_TYPING = CHANNELS + "participant-typing";
  private static final String SESSION_REVOKED = CHANNELS + "session-revoked";
  private static final String DIRECTORY_CHANGED = CHANNELS + "directory-changed";
  private static final List<String> ALL = List.of(
      HEARTBEAT,
      EVENTS_MISSED,
      CONVERSATION_CHANGED,
      PARTICIPANT_TYPING,
      SESSION_REVOKED,
      DIRECTORY_CHANGED);

  private static final String COMMAND_LINE = "command-line";
  private static final Pattern NODE = Pattern.compile("[0-9a-f]{16}|" + COMMAND_LINE);
  private static final String[] NO_WORDS = {};
  /** One more than the longest message has: a node and three sids. */
  private static final int MAX_WORDS = 5;

  private final String node;
  private final LocalEventBus local;
  private final RedisPublisher publisher;
  private final RedisSubscriber subscriber;
  private final AtomicLong ignored = new AtomicLong();
  private final LogInterval ignoredLog = new LogInterval();
  private final LogInterval secretsLog = new LogInterval();
  private volatile Optional<Announced> announced = Optional.empty();

  /** What this process publishes about itself with each heartbeat. */
  private record Announced(String installation, String secretDigest) {}

  /** An event as a message of Redis. */
  private record ChannelMessage(String channel, String text) {}

  RedisEventBus(
      RedisAddress address,
      RedisOutage outage,
      RedisPublisher publisher,
      String node,
      SecureRandom random) {
    this.node = node;
    this.local = new LocalEventBus(Limits.POLL_WITHOUT_EVENTS);
    this.publisher = publisher;
    this.subscriber = new RedisSubscriber(
        address,
        outage,
        ALL,
        this::onMessage,
        () -> local.publish(new BusEvent.EventsMissed()),
        random);
  }

  RedisSubscriber subscriber() {
    return subscriber;
  }

  @Override
  public void publish(BusEvent event) {
    local.publish(event);
    ChannelMessage message = message(node, event);
    publisher.publish(message.channel(), message.text());
  }

  @Override
  public void subscribe(Consumer<BusEvent> consumer) {
    local.subscribe(consumer);
  }

  @Override
  public Duration pollInterval() {
    return subscriber.isSubscribed() && publisher.isConnected()
        ? Limits.POLL_WITH_EVENTS
        : local.pollInterval();
  }

  /** The number of received messages that were dropped, because Parlour does not send such. */
  long ignored() {
    return ignored.get();
  }

  private void onMessage(String channel, String text) {
    String[] words =
        text.length() > Limits.REDIS_TEXT_BYTES ? NO_WORDS : text.split(" ", MAX_WORDS);
    if (words.length > 0 && words[0].equals(node)) {
      return; // this process was notified directly
    }
    try {
      Optional<BusEvent> event = read(channel, words);
      event.ifPresent(local::publish);
      if (channel.equals(HEARTBEAT) && words.length > 1) {
        compareSecrets(words[1], words[2]);
      }
    } catch (IllegalArgumentException e) {
      ignore(channel);
    }
  }

  void announce(String installation, String secretDigest) {
    announced = Optional.of(new Announced(installation, secretDigest));
  }

  /** Other installations can share this Redis, and have other secrets. */
  private void compareSecrets(String installation, String secretDigest) {
    boolean differs = announced
        .filter(ours -> ours.installation().equals(installation))
        .filter(ours -> !ours.secretDigest().equals(secretDigest))
        .isPresent();
    if (differs && secretsLog.isDue()) {
      log.warn(
          "another process of this installation has another internal.secret: each counts rates for"
              + " itself, and they cannot call each other. Give all processes the same secret");
    }
  }

  /**
   * Logs at most one line a minute, because any client of this Redis can publish as often as it
   * likes. Only the subscriber's thread calls this.
   */
  private void ignore(String channel) {
    long count = ignored.incrementAndGet();
    if (ignoredLog.isDue()) {
      log.warn(
          "redis: dropped {} messages so far that Parlour did not send, the last on {};"
              + " something else publishes on Parlour's channels",
          count,
          channel);
    }
  }

  /**
   * @throws IllegalArgumentException if no version of Parlour sends this on that channel
   */
  private static Optional<BusEvent> read(String channel, String[] words) {
    int more = words.length - 1;
    boolean known = switch (channel) {
          case HEARTBEAT -> more == 0 || more == 2;
          case CONVERSATION_CHANGED -> more == 2;
          case PARTICIPANT_TYPING -> more == 3;
          default -> more == 0;
        }
        && NODE.matcher(words[0]).matches();
    if (!known) {
      throw new IllegalArgumentException("not an event of Parlour");
    }
    return switch (channel) {
      case EVENTS_MISSED -> Optional.of(new BusEvent.EventsMissed());
      case CONVERSATION_CHANGED ->
        Optional.of(new BusEvent.ConversationChanged(
            new Sid.Account(words[1]), new Sid.Conversation(words[2])));
      case PARTICIPANT_TYPING ->
        Optional.of(new BusEvent.ParticipantTyping(
            new Sid.Account(words[1]),
            new Sid.Conversation(words[2]),
            new Sid.Participant(words[3])));
      case SESSION_REVOKED -> Optional.of(new BusEvent.SessionRevoked());
      case DIRECTORY_CHANGED -> Optional.of(new BusEvent.DirectoryChanged());
      default -> Optional.empty(); // a beat: only its arrival counts
    };
  }

  private static ChannelMessage message(String node, BusEvent event) {
    return switch (event) {
      case BusEvent.ConversationChanged(
          Sid.Account account,
          Sid.Conversation conversation,
          var _) -> message(CONVERSATION_CHANGED, node, account, conversation);
      case BusEvent.ParticipantTyping(
          Sid.Account account,
          Sid.Conversation conversation,
          Sid.Participant participant) ->
        message(PARTICIPANT_TYPING, node, account, conversation, participant);
      case BusEvent.SessionRevoked() -> message(SESSION_REVOKED, node);
      case BusEvent.DirectoryChanged() -> message(DIRECTORY_CHANGED, node);
      case BusEvent.EventsMissed() -> message(EVENTS_MISSED, node);
    };
  }

  private static ChannelMessage message(String channel, String node, Sid... sids) {
    StringBuilder text = new StringBuilder(node);
    for (Sid sid : sids) {
      text.append(' ').append(sid.text());
    }
    return new ChannelMessage(channel, text.toString());
  }

  /** Publishes one event on the given connection, and waits for the reply. */
  static void publishOnce(RedisConnection connection, BusEvent event) {
    ChannelMessage message = message(COMMAND_LINE, event);
    connection.send(Command.PUBLISH, message.channel(), message.text());
    var _ = connection.next();
  }
}
