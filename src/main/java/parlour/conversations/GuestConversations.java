package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.scopedauth.Generation;
import parlour.scopedauth.TokenGeneration;
import parlour.scopedauth.Verdict;

/**
 * The guest's door of Conversations: their own conversation, which stands in their token, and no
 * other.
 *
 * <p>Each call shows a pass, which ScopedAuth is asked about. Every method throws {@link
 * parlour.Unavailable} when it could not be decided, and {@link parlour.TooManyRequests}; neither
 * is a refusal.
 */
public interface GuestConversations {

  /**
   * A page of what was said.
   *
   * @param more whether there is more in the direction that was asked for
   */
  record History(
      Conversation conversation,
      Identity identity,
      List<Participant> participants,
      List<Message> messages,
      boolean more) {}

  /**
   * A guest whose token was valid.
   *
   * @param generation of the token that was presented
   * @param expires when the token that was shown is no good any more
   */
  record GuestSession(
      Sid.Session session,
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      Generation generation,
      Instant expires) {

    TokenGeneration presented() {
      return new TokenGeneration(session, generation);
    }
  }

  /**
   * A guest who came in to stay, and what they find.
   *
   * @param typing where to begin to hear who is typing
   */
  record Entered(
      GuestSession session,
      Conversation conversation,
      List<Participant> participants,
      long typing) {}

  /** How far a follower is. */
  record Cursor(Revision revision, long typing) {}

  /** What following brought. */
  sealed interface PollResult {

    /**
     * The events after the cursor; none if the time was over first.
     *
     * @param more whether there are more events after these; if there are none here, the next
     *     message is larger than the requested amount
     */
    record News(List<Changes.Change> changes, List<Typing> typing, Cursor cursor, boolean more)
        implements PollResult {

      public static News nothing(Cursor cursor) {
        return new News(List.of(), List.of(), cursor, false);
      }

      /** There are events, but the subscriber has no memory for them yet. */
      public static News later(Cursor cursor) {
        return new News(List.of(), List.of(), cursor, true);
      }

      boolean isEmpty() {
        return changes.isEmpty() && typing.isEmpty() && !more;
      }
    }

    /** The session is over: revoked, or its token has expired. */
    record Over(Verdict.Failure failure) implements PollResult {}

    /**
     * The token that was presented has been superseded for longer than the grace period. The socket
     * receives nothing until its client presents a newer one: a tab that was asleep finds it in its
     * browser, a thief does not.
     *
     * @param replayed whether a superseded token of this session was replayed, so that somebody has
     *     a copy
     */
    record Superseded(boolean replayed) implements PollResult {}

    /** The conversation was erased. */
    record Gone() implements PollResult {}
  }

  /** Empty when the conversation was erased. */
  GuestOutcome<Optional<History>> history(GuestCredentials credentials, PageOfMessages page);

  /** Says something; see {@link Sent}. */
  GuestOutcome<Sent> send(
      GuestCredentials credentials, String body, String attributes, String clientId);

  /** Notes that the guest has read up to an index; answers with how far they have. */
  GuestOutcome<MessageIndex> read(GuestCredentials credentials, MessageIndex index);

  /** Tells the others that the guest is typing; false when the conversation was erased. */
  GuestOutcome<Boolean> typing(GuestCredentials credentials);

  /**
   * Closes the conversation.
   *
   * @param forget whether the session ends with it, for a computer that others use too
   */
  GuestOutcome<Conversation.State> end(GuestCredentials credentials, boolean forget);

  /** Lets a guest in to follow; empty when the conversation was erased. */
  GuestOutcome<Optional<Entered>> enter(GuestCredentials credentials);

  /**
   * Waits for something to happen after the cursor, for at most this long. A revocation ends the
   * wait within a second.
   */
  PollResult follow(GuestSession session, Cursor cursor, Duration timeout, Amount amount);
}
