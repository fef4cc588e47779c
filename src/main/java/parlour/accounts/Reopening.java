package parlour.accounts;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import parlour.Durations;
import parlour.OutageLog;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.Conversation;
import parlour.trace.Trace;

/**
 * How long after its end a conversation can be reopened, as its deployment says now: a change
 * applies to conversations that have ended before it, too.
 */
public final class Reopening {
  private static final OutageLog outages = new OutageLog(
      LoggerFactory.getLogger(Reopening.class), "for how long chats can be reopened is not known");

  private final Directory directory;

  public Reopening(Directory directory) {
    this.directory = directory;
  }

  /**
   * The time after the conversation's end in which it can be reopened; zero if its deployment allows
   * it never, was deleted, or is not known, because the conversation is older than that record.
   */
  public Duration within(Conversation conversation) {
    return conversation
        .deployment()
        .map(deployment -> within(conversation.account(), deployment))
        .orElse(Duration.ZERO);
  }

  /** How long conversations of a deployment can be reopened after their end. */
  public Duration within(Sid.Account account, Sid.Deployment deployment) {
    return directory
        .configurationOf(account, deployment)
        .map(configuration -> configuration.settings().lifetimes().reopen())
        .orElse(Duration.ZERO);
  }

  /** The end of that time; empty for a conversation that is open, or can never be reopened. */
  public Optional<Instant> until(Conversation conversation) {
    return conversation.ended().flatMap(ended -> until(conversation, ended));
  }

  private Optional<Instant> until(Conversation conversation, Instant ended) {
    return Optional.of(within(conversation)).filter(Duration::isPositive).map(ended::plus);
  }

  /**
   * How long its guest can still reopen a conversation, in whole seconds.
   *
   * @param ended when it ended
   * @param sessionExpires when the guest's session ends
   * @return empty if an outage keeps the answer unknown, which must end neither a history nor a socket;
   *     otherwise an Optional that is empty if the time is over or the conversation can never be reopened
   */
  public Optional<Optional<Long>> secondsLeft(
      Conversation conversation, Instant ended, Instant sessionExpires, Instant now) {
    try {
      Optional<Instant> until = until(conversation, ended);
      outages.worked();
      return Optional.of(until
          .map(end -> Durations.min(
                  Duration.between(now, end), Duration.between(now, sessionExpires))
              .toSeconds())
          .filter(left -> left > 0));
    } catch (Unavailable outage) {
      outages.failed(outage, Trace.current().id());
      return Optional.empty();
    }
  }
}
