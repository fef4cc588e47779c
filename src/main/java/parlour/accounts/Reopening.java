package parlour.accounts;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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
        .flatMap(deployment -> directory.configurationOf(conversation.account(), deployment))
        .map(configuration -> configuration.settings().lifetimes().reopen())
        .orElse(Duration.ZERO);
  }

  /** The end of that time; empty for a conversation that is open, or can never be reopened. */
  public Optional<Instant> until(Conversation conversation) {
    return Optional.of(conversation)
        .filter(one -> one.state() == Conversation.State.CLOSED)
        .map(this::within)
        .filter(Duration::isPositive)
        .map(conversation.status().since().at()::plus);
  }
}
