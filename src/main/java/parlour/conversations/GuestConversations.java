package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.media.Media;
import parlour.media.MediaFile;
import parlour.media.NewUpload;
import parlour.push.PushAnswer;
import parlour.push.PushOffer;
import parlour.push.PushSubscription;
import parlour.scopedauth.Generation;
import parlour.scopedauth.TokenGeneration;
import parlour.scopedauth.Verdict;

/**
 * Conversations for guests: each call reaches only the conversation that the guest's token names.
 *
 * <p>Each call carries credentials, which ScopedAuth validates. Every method throws {@link
 * parlour.Unavailable} in an outage, and {@link parlour.TooManyRequests}; neither is a refusal.
 */
public interface GuestConversations {

  /**
   * A page of messages.
   *
   * @param sessionExpires as in {@link GuestSession}
   * @param more whether there are more messages in the requested direction
   */
  record History(
      Conversation conversation,
      Identity identity,
      Instant sessionExpires,
      List<Participant> participants,
      List<Message> messages,
      boolean more) {}

  /**
   * A guest whose token was valid.
   *
   * @param generation of the token that was presented
   * @param expires when that token expires
   * @param sessionExpires when the session ends; if it is bound, a new token can move this
   * @param bound whether the session is bound to a key, so that its old tokens can be renewed
   */
  record GuestSession(
      Sid.Session session,
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      Generation generation,
      Instant expires,
      Instant sessionExpires,
      boolean bound) {

    /** The refusal of the token that was presented, after it expired or was superseded. */
    public Verdict.Refused refusedToken() {
      return new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED, bound);
    }

    TokenGeneration presented() {
      return new TokenGeneration(session, generation);
    }
  }

  /**
   * A guest who opened a stream, and the conversation at that time.
   *
   * @param typing the number after which typing is new to this guest
   */
  record Entered(
      GuestSession session,
      Conversation conversation,
      List<Participant> participants,
      long typing) {}

  /** How far a stream is. */
  record Cursor(Revision revision, long typing) {}

  /** The answer to a poll. */
  sealed interface PollResult {

    /**
     * The changes after the cursor; none if the timeout ended first.
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
    record Over(Verdict.Refused refusal) implements PollResult {}

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

  /** Empty if the conversation was erased. */
  GuestOutcome<Optional<History>> history(GuestCredentials credentials, PageOfMessages page);

  /**
   * An author of messages.
   *
   * @param author as in the first of these messages
   * @param since the revision that added that message
   */
  record Speaker(Message.Author author, Revision since) {}

  /**
   * The authors of all messages that the guest can read, removed messages included: at most {@link
   * parlour.Limits#SPEAKERS}, those who began last. Empty if the conversation was erased.
   */
  GuestOutcome<Optional<List<Speaker>>> speakers(GuestCredentials credentials);

  /**
   * Sends a message; see {@link Sent}.
   *
   * @param files of the guest, which no message has taken
   */
  GuestOutcome<Sent> send(
      GuestCredentials credentials,
      String body,
      JsonText attributes,
      List<Sid.Media> files,
      String clientId);

  /**
   * Begins the upload of a file, which the guest can then send with a message.
   *
   * @return empty if the conversation was erased, was closed, or the guest was removed from it
   */
  GuestOutcome<Optional<Media.Begun>> beginUpload(GuestCredentials credentials, NewUpload upload);

  /**
   * Finds files of the guest's conversation, and those that the guest has uploaded for it.
   *
   * @param files at most {@link parlour.Limits#MEDIA_SET}
   * @return in any order, without those that the guest cannot open
   */
  GuestOutcome<List<MediaFile>> files(GuestCredentials credentials, List<Sid.Media> files);

  /**
   * Changes a message that the guest wrote, within the bounds and rates of sending; empty fields stay
   * as they are.
   */
  GuestOutcome<EditOutcome> edit(
      GuestCredentials credentials,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes);

  /** Removes the content of a message that the guest wrote; its place stays. */
  GuestOutcome<EditOutcome> remove(GuestCredentials credentials, Sid.Message message);

  /**
   * Changes how the guest presents themselves; empty fields stay as they are. A guest who was removed
   * changes nothing.
   *
   * @param name a display name without invisible characters
   * @return empty if the conversation was erased, or the guest was removed from it
   */
  GuestOutcome<Optional<Participant>> updateMe(
      GuestCredentials credentials, Optional<String> name, Optional<JsonText> attributes);

  /** Moves the guest's read index up to an index; returns the read index after that. */
  GuestOutcome<MessageIndex> read(GuestCredentials credentials, MessageIndex index);

  /**
   * The number of messages after an index that were not removed, as far as the guest can read them;
   * empty if the conversation was erased, or if more than {@link Limits#UNREAD_COUNTED} messages
   * come after it, removed ones included.
   */
  GuestOutcome<Optional<Integer>> unread(GuestCredentials credentials, MessageIndex after);

  /** Shows the others that the guest is typing; false if the conversation was erased. */
  GuestOutcome<Boolean> typing(GuestCredentials credentials);

  /**
   * Closes the conversation.
   *
   * @param forget whether the session ends with it, for a computer that others also use
   */
  GuestOutcome<Conversation.State> end(GuestCredentials credentials, boolean forget);

  /**
   * Reopens the conversation after its end, unless the guest was removed from it. One that is open
   * stays so.
   *
   * @param within how long after its end that is allowed; zero: not at all
   */
  GuestOutcome<UpdateOutcome> reopen(GuestCredentials credentials, Duration within);

  /** Whether the guest's browser can subscribe to pushes. */
  GuestOutcome<PushOffer> pushOffer(GuestCredentials credentials);

  /** Stores the subscription of the guest's browser, in place of an earlier one of the session. */
  GuestOutcome<PushAnswer> subscribe(GuestCredentials credentials, PushSubscription subscription);

  /** Deletes the subscription of the session; returns whether there was one. */
  GuestOutcome<Boolean> unsubscribe(GuestCredentials credentials);

  /** Opens a stream; empty if the conversation was erased. */
  GuestOutcome<Optional<Entered>> enter(GuestCredentials credentials);

  /**
   * Waits for changes after the cursor. A revocation ends the wait within a second.
   *
   * @param timeout the longest wait
   */
  PollResult follow(GuestSession session, Cursor cursor, Duration timeout, Amount amount);
}
