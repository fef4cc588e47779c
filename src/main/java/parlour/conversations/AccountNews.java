package parlour.conversations;

import java.time.Duration;
import java.util.List;
import parlour.Sid;
import parlour.conversations.Conversations.Overview;

/**
 * The changes in the conversations of an account since a cursor.
 *
 * @param overviews of conversations that changed, or in which a token was refused
 * @param erased conversations that were erased
 * @param typing the participants who are typing, each delivered once
 * @param cursor the next read starts after it
 * @param more whether more can be read at once: it did not fit into the requested amount
 */
public record AccountNews(
    List<Overview> overviews,
    List<Sid.Conversation> erased,
    List<Typing> typing,
    AccountCursor cursor,
    boolean more) {

  /** No change. */
  public static AccountNews none(AccountCursor cursor) {
    return new AccountNews(List.of(), List.of(), List.of(), cursor, false);
  }

  /**
   * How long a subscriber waits before it reads on: not at all while more can be read.
   *
   * @param pace between two parts that were read to their end
   */
  public Duration pause(Duration pace) {
    return more || isEmpty() ? Duration.ZERO : pace;
  }

  boolean isEmpty() {
    return overviews.isEmpty() && erased.isEmpty() && typing.isEmpty() && !more;
  }
}
