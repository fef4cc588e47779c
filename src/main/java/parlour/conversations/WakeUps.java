package parlour.conversations;

import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;

/**
 * Changes for followers in other processes. A follower reads, and then waits in its own process,
 * without an open call. Each pair of processes has one stream, which says which followers must read
 * again. A wake-up carries no data, so wake-ups can be merged, repeated, or replaced by a read.
 *
 * <p>Every method throws {@link parlour.Unavailable} in an outage, and when this process stops: the
 * caller then uses another process.
 */
public interface WakeUps {

  /**
   * A follower in another process.
   *
   * @param process the random name of that process
   * @param number of the follower in that process
   */
  record Ticket(String process, long number) {}

  /**
   * The answer to a read.
   *
   * @param stream the stream that wakes the follower once, when there may be more to read; empty if
   *     none does: more waits already, nothing can come, or the process has no stream at this node
   */
  record Followed<R>(R result, Optional<String> stream) {}

  /**
   * A part of a stream.
   *
   * @param number of the part; the first is 1
   * @param followers those that must read again; none if the part only says that the node works
   */
  record Woken(long number, List<Long> followers) {}

  /** Reads the changes after a cursor; see {@link GuestConversations#follow}. */
  Followed<PollResult> follow(Ticket ticket, GuestSession session, Cursor cursor, Amount amount);

  /** Reads the changes of an account after a cursor; see {@link Conversations#watch}. */
  Followed<AccountNews> watch(
      Ticket ticket, Sid.Account account, AccountCursor cursor, Amount amount);

  /**
   * Waits for the next part of a stream, at most {@link parlour.Limits#WAKE_UP_HEARTBEAT}. A process has
   * one stream at a node: another one replaces it.
   *
   * @param process as in {@link Ticket}
   * @param stream the name of the stream, which is used once
   * @param received the number of the last part that arrived; 0 opens the stream
   * @return empty if this node does not know the stream: its followers must read again
   */
  Optional<Woken> next(String process, String stream, long received);
}
