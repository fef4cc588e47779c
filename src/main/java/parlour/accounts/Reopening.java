package parlour.accounts;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.conversations.Conversation;

/**
 * How long after its end a conversation can be reopened, as its deployment says now: a change
 * applies to conversations that have ended before it, too.
 */
public final class Reopening {
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

  /** The same for conversations of a deployment. */
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
   * How long a conversation can still be reopened, in whole seconds.
   *
   * @param ended when it ended
   * @return null if the time is over, or the conversation can never be reopened
   */
  public @Nullable Long secondsLeft(Conversation conversation, Instant ended, Instant now) {
    return until(conversation, ended)
        .map(until -> Duration.between(now, until).toSeconds())
        .filter(left -> left > 0)
        .orElse(null);
  }
}
