package parlour.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.events.BusEvent;
import parlour.events.EventBus;
import parlour.events.LocalEventBus;
import redis.clients.jedis.Protocol.Command;

/**
 * Publishes events to all processes that use the same Redis.
 *
 * <p>Each conversation and each account has a channel, to which a node subscribes while one of its
 * clients follows it; and there is a channel for each kind of event that concerns all nodes. A
 * message is the id of the publishing node, for a conversation also a word and sids, nothing else.
 * The channel's name contains the version of this format, so that nodes of other versions do not
 * receive it: they poll.
 */
final class RedisEventBus implements EventBus {
  private static final Logger log = LoggerFactory.getLogger(RedisEventBus.class);
  private static final String CHANNELS = "parlour:2:";
  static final String HEARTBEAT = CHANNELS + "beat";
  static final String EVENTS_MISSED = CHANNELS + "some-missed";
  private static final String SESSION_REVOKED = CHANNELS + "session-revoked";
  private static final String DIRECTORY_CHANGED = CHANNELS + "directory-changed";
  private static final List<String> OF_ALL_NODES =
      List.of(HEARTBEAT, EVENTS_MISSED, SESSION_REVOKED, DIRECTORY_CHANGED);

  // The first word after the node on the channel of a conversation or an account.
  private static final String CHANGED = "changed";
  private static final String TYPING = "typing";
  private static final String LOOKING = "looking";

  private static final String COMMAND_LINE = "command-line";
  private static final Pattern NODE = Pattern.compile("[0-9a-f]{16}|" + COMMAND_LINE);
  private static final String[] NO_WORDS = {};
  /** One more than the longest message has: a node, a word and three sids. */
  private static final int MAX_WORDS = 6;

  private final String node;
  private final LocalEventBus local;
  private final RedisPublisher publisher;
  private final FollowedChannels followed;
  private final RedisSubscriber subscriber;
  private final AtomicLong ignored = new AtomicLong();
  private final LogInterval ignoredLog = new LogInterval();
  private final LogInterval secretsLog = new LogInterval();
  private volatile Optional<Announced> announced = Optional.empty();

  /** The facts that this process publishes about itself with each heartbeat. */
  private record Announced(String installation, List<String> secretDigests) {}

  /** An event as a message of Redis. */
  private record ChannelMessage(String channel, String text) {}

  RedisEventBus(
      RedisAddress address,
      RedisOutage outage,
      RedisPublisher publisher,
      FollowedChannels followed,
      String node,
      SecureRandom random) {
    this.node = node;
    this.followed = followed;
    this.local = new LocalEventBus(Limits.POLL_WITHOUT_EVENTS);
    this.publisher = publisher;
    this.subscriber = new RedisSubscriber(
        address,
        outage,
        OF_ALL_NODES,
        followed,
        this::onMessage,
        channel -> local.publish(new BusEvent.EventsArrive(followedSid(channel))),
        () -> local.publish(new BusEvent.EventsMissed()),
        random);
  }

  RedisSubscriber subscriber() {
    return subscriber;
  }

  @Override
  public void publish(BusEvent event) {
    local.publish(event);
    for (ChannelMessage message : messages(node, event)) {
      publisher.publish(message.channel(), message.text());
    }
  }

  @Override
  public void subscribe(Consumer<BusEvent> consumer) {
    local.subscribe(consumer);
  }

  @Override
  public void follow(Sid of) {
    followed.follow(CHANNELS + of.text());
  }

  @Override
  public Duration pollInterval(Sid of) {
    return isConnected() && followed.isSubscribed(CHANNELS + of.text())
        ? Limits.POLL_WITH_EVENTS
        : local.pollInterval(of);
  }

  /** Whether events arrive from other processes, and this process can publish to them. */
  boolean isConnected() {
    return subscriber.isSubscribed() && publisher.isConnected();
  }

  /** The number of conversations and accounts that this process follows. */
  int followed() {
    return followed.size();
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
    followed.received(channel);
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

  /** @param secretDigests of all secrets that this process accepts */
  void announce(String installation, List<String> secretDigests) {
    announced = Optional.of(new Announced(installation, secretDigests));
  }

  /** Other installations can share this Redis, and have other secrets. */
  private void compareSecrets(String installation, String secretDigest) {
    boolean differs = announced
        .filter(ours -> ours.installation().equals(installation))
        .filter(ours -> !ours.secretDigests().contains(secretDigest))
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
   * @return empty for a message that only proves its arrival, and for one that arrives on another
   *     channel, too
   * @throws IllegalArgumentException if no version of Parlour sends this on that channel
   */
  private Optional<BusEvent> read(String channel, String[] words) {
    if (words.length == 0 || !NODE.matcher(words[0]).matches()) {
      throw unknown();
    }
    int more = words.length - 1;
    return switch (channel) {
      case EVENTS_MISSED -> only(more == 0, new BusEvent.EventsMissed());
      case SESSION_REVOKED -> only(more == 0, new BusEvent.SessionRevoked());
      case DIRECTORY_CHANGED -> only(more == 0, new BusEvent.DirectoryChanged());
      case HEARTBEAT -> {
        if (more != 0 && more != 2) {
          throw unknown();
        }
        yield Optional.empty();
      }
      default -> ofConversation(followedSid(channel), words);
    };
  }

  private static Optional<BusEvent> only(boolean isKnown, BusEvent event) {
    if (!isKnown) {
      throw unknown();
    }
    return Optional.of(event);
  }

  private static IllegalArgumentException unknown() {
    return new IllegalArgumentException("not an event of Parlour");
  }

  /**
   * @param followed the conversation or its account, by whose channel this arrived
   */
  private Optional<BusEvent> ofConversation(Sid followed, String[] words) {
    if (words.length < 4) {
      throw unknown();
    }
    Sid.Account account = new Sid.Account(words[2]);
    Sid.Conversation conversation = new Sid.Conversation(words[3]);
    if (followed.equals(account) && words.length == 5 && words[1].equals(LOOKING)) {
      Identity agent = new Identity(URLDecoder.decode(words[4], UTF_8));
      return Optional.of(new BusEvent.AgentViewing(account, conversation, agent));
    }
    boolean isKnown = followed.equals(account) || followed.equals(conversation);
    BusEvent event;
    if (isKnown && words.length == 4 && words[1].equals(CHANGED)) {
      event = new BusEvent.ConversationChanged(account, conversation);
    } else if (isKnown && words.length == 5 && words[1].equals(TYPING)) {
      event = new BusEvent.ParticipantTyping(account, conversation, new Sid.Participant(words[4]));
    } else {
      throw unknown();
    }
    boolean arrivesTwice =
        followed.equals(account) && this.followed.isReceiving(CHANNELS + conversation.text());
    return arrivesTwice ? Optional.empty() : Optional.of(event);
  }

  /**
   * The conversation or account that a channel belongs to.
   *
   * @throws IllegalArgumentException if it is the channel of neither
   */
  private static Sid followedSid(String channel) {
    String text = channel.substring(CHANNELS.length());
    return text.startsWith("AC") ? new Sid.Account(text) : new Sid.Conversation(text);
  }

  /** An event of a conversation goes to those who follow the conversation or its account. */
  private static List<ChannelMessage> messages(String node, BusEvent event) {
    return switch (event) {
      case BusEvent.ConversationChanged(
          Sid.Account account,
          Sid.Conversation conversation,
          var _) ->
        twice(account, conversation, words(node, CHANGED, account.text(), conversation.text()));
      case BusEvent.ParticipantTyping(
          Sid.Account account,
          Sid.Conversation conversation,
          Sid.Participant participant) ->
        twice(
            account,
            conversation,
            words(node, TYPING, account.text(), conversation.text(), participant.text()));
      case BusEvent.AgentViewing(
          Sid.Account account,
          Sid.Conversation conversation,
          Identity agent) ->
        List.of(new ChannelMessage(
            CHANNELS + account.text(),
            words(
                node,
                LOOKING,
                account.text(),
                conversation.text(),
                URLEncoder.encode(agent.text(), UTF_8))));
      case BusEvent.SessionRevoked() -> List.of(new ChannelMessage(SESSION_REVOKED, node));
      case BusEvent.DirectoryChanged() -> List.of(new ChannelMessage(DIRECTORY_CHANGED, node));
      case BusEvent.EventsMissed() -> List.of(new ChannelMessage(EVENTS_MISSED, node));
      case BusEvent.EventsArrive(Sid _) -> List.of(); // concerns this process only
    };
  }

  private static List<ChannelMessage> twice(Sid account, Sid conversation, String text) {
    return List.of(
        new ChannelMessage(CHANNELS + conversation.text(), text),
        new ChannelMessage(CHANNELS + account.text(), text));
  }

  private static String words(String... words) {
    return String.join(" ", words);
  }

  /** Publishes one event on the given connection, and waits for the replies. */
  static void publishOnce(RedisConnection connection, BusEvent event) {
    for (ChannelMessage message : messages(COMMAND_LINE, event)) {
      connection.send(Command.PUBLISH, message.channel(), message.text());
      var _ = connection.next();
    }
  }
}
