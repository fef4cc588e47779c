package parlour.redis;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.Sid;
import parlour.notices.NearNotices;
import parlour.notices.Notice;
import parlour.notices.Notices;
import redis.clients.jedis.Protocol.Command;

/**
 * Notices that every process hears which has the same Redis.
 *
 * <p>A channel per kind; a text is the node that speaks, then sids, and nothing else. The version
 * is part of the channel's name, so that versions that do not understand each other do not hear
 * each other either: their nodes look unasked.
 */
final class RedisNotices implements Notices {
  private static final Logger log = LoggerFactory.getLogger(RedisNotices.class);
  private static final String CHANNELS = "parlour:1:";
  static final String BEAT = CHANNELS + "beat";
  static final String SOME_MISSED = CHANNELS + "some-missed";
  private static final String CONVERSATION_CHANGED = CHANNELS + "conversation-changed";
  private static final String PARTICIPANT_TYPING = CHANNELS + "participant-typing";
  private static final String SESSION_REVOKED = CHANNELS + "session-revoked";
  private static final String DIRECTORY_CHANGED = CHANNELS + "directory-changed";
  private static final List<String> ALL = List.of(
      BEAT,
      SOME_MISSED,
      CONVERSATION_CHANGED,
      PARTICIPANT_TYPING,
      SESSION_REVOKED,
      DIRECTORY_CHANGED);

  private final String node;
  private final NearNotices near;
  private final RedisSpeaker speaker;
  private final RedisListener listener;

  /** What is said on Redis for a notice. */
  private record Said(String channel, String text) {}

  RedisNotices(RedisAddress address, RedisSpeaker speaker, String node, SecureRandom random) {
    this.node = node;
    this.near = new NearNotices(Limits.FOLLOW_UNTOLD);
    this.speaker = speaker;
    this.listener = new RedisListener(
        address, ALL, this::heard, () -> near.tell(new Notice.SomeMissed()), random);
  }

  RedisListener listener() {
    return listener;
  }

  @Override
  public void tell(Notice notice) {
    near.tell(notice);
    Said said = said(node, notice);
    speaker.publish(said.channel(), said.text());
  }

  @Override
  public void listen(Consumer<Notice> consumer) {
    near.listen(consumer);
  }

  @Override
  public Duration patience() {
    return listener.isListening() && speaker.isSpeaking() ? Limits.FOLLOW_TOLD : near.patience();
  }

  private void heard(String channel, String text) {
    String[] words = text.split(" ", -1);
    if (words[0].equals(node)) {
      return; // this process was told first
    }
    try {
      read(channel, words).ifPresent(near::tell);
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      log.debug("heard something on {} that no version of ours says", channel);
    }
  }

  private static Optional<Notice> read(String channel, String[] words) {
    return switch (channel) {
      case SOME_MISSED -> Optional.of(new Notice.SomeMissed());
      case CONVERSATION_CHANGED ->
        Optional.of(new Notice.ConversationChanged(
            new Sid.Account(words[1]), new Sid.Conversation(words[2])));
      case PARTICIPANT_TYPING ->
        Optional.of(new Notice.ParticipantTyping(
            new Sid.Account(words[1]),
            new Sid.Conversation(words[2]),
            new Sid.Participant(words[3])));
      case SESSION_REVOKED -> Optional.of(new Notice.SessionRevoked());
      case DIRECTORY_CHANGED -> Optional.of(new Notice.DirectoryChanged());
      default -> Optional.empty(); // a beat: that it came is what it says
    };
  }

  private static Said said(String node, Notice notice) {
    return switch (notice) {
      case Notice.ConversationChanged(Sid.Account account, Sid.Conversation conversation) ->
        said(CONVERSATION_CHANGED, node, account, conversation);
      case Notice.ParticipantTyping(
          Sid.Account account,
          Sid.Conversation conversation,
          Sid.Participant participant) ->
        said(PARTICIPANT_TYPING, node, account, conversation, participant);
      case Notice.SessionRevoked() -> said(SESSION_REVOKED, node);
      case Notice.DirectoryChanged() -> said(DIRECTORY_CHANGED, node);
      case Notice.SomeMissed() -> said(SOME_MISSED, node);
    };
  }

  private static Said said(String channel, String node, Sid... sids) {
    StringBuilder text = new StringBuilder(node);
    for (Sid sid : sids) {
      text.append(' ').append(sid.text());
    }
    return new Said(channel, text.toString());
  }

  /** Says one thing on a connection of its own. */
  static void tellOnce(RedisConnection connection, Notice notice) {
    Said said = said("command-line", notice);
    connection.send(Command.PUBLISH, said.channel(), said.text());
    var _ = connection.next();
  }
}
