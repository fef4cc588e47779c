package parlour.api;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.conversations.Changes;
import parlour.conversations.Conversation;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Message;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.conversations.Version;
import parlour.http.json.Json;

/** The frames that the sockets of guests and of the inbox send, as text. */
public final class Frames {
  /** How long a chat can be reopened that is open, or cannot be reopened any more. */
  public static final Optional<Optional<Long>> NOT_REOPENABLE = Optional.of(Optional.empty());

  private Frames() {}

  public record Challenge(String type, String nonce) {}

  /**
   * @param reopenableFor how long the guest can reopen the chat, in seconds; null if it is open, or
   *     cannot be reopened any more; left out if an outage keeps the server from finding that out
   * @param stateAt when the chat was started, closed or reopened, whichever was the last
   */
  public record Welcome(
      String type,
      String conversationSid,
      Identity identity,
      String state,
      Revision revision,
      String expiration,
      Optional<Optional<Long>> reopenableFor,
      Instant stateAt,
      List<ParticipantForm> participants) {}

  record OfMessage(String type, Revision revision, String change, MessageForm message) {}

  record OfParticipant(
      String type, Revision revision, String change, ParticipantForm participant) {}

  record Read(String type, Revision revision, ParticipantForm participant) {}

  /**
   * @param reopenableFor as in {@link Welcome}
   * @param stateAt as in {@link Welcome}
   */
  record OfState(
      String type,
      Revision revision,
      String state,
      Optional<Optional<Long>> reopenableFor,
      Instant stateAt) {}

  public record OfTyping(String type, ParticipantForm participant) {}

  public record OfToken(String type, String expiration) {}

  public record Plain(String type) {}

  /** {@code retry_after} in seconds, where the action is to retry. */
  public record Refused(
      String type,
      int code,
      String action,
      String message,
      String traceId,
      @Nullable Long retryAfter) {}

  /**
   * A change, as a subscriber receives it; empty if the widget shows nothing of it. Anything that
   * the subscriber did not receive before is new to it, whatever happened to it since. A message is
   * complete also in "changed", because a socket that broke off between two frames may not have
   * delivered it before.
   *
   * @param secondsLeft how long a conversation that ended then can be reopened; empty in an outage
   */
  public static Optional<Object> of(
      Changes.Change change,
      DeliveredChanges delivered,
      Function<Instant, Optional<Optional<Long>>> secondsLeft) {
    return switch (change) {
      case Changes.Change.OfMessage(Message message) ->
        Optional.of(new OfMessage(
            "message", message.revision(), change(message, delivered), MessageForm.of(message)));
      case Changes.Change.OfParticipant(Participant participant) ->
        Optional.of(of(participant, delivered));
      case Changes.Change.OfState(
          Conversation.State state,
          Version since,
          Optional<Instant> ended) ->
        Optional.of(new OfState(
            "state",
            since.revision(),
            state.word(),
            ended.map(secondsLeft).orElse(NOT_REOPENABLE),
            since.at()));
      case Changes.Change.OfConversation _ -> Optional.empty();
    };
  }

  private static String change(Message message, DeliveredChanges delivered) {
    boolean isNew = delivered.isNew(message);
    if (message.removed()) {
      return "removed";
    }
    return isNew ? "added" : "changed";
  }

  private static Object of(Participant participant, DeliveredChanges delivered) {
    ParticipantForm form = ParticipantForm.of(participant);
    boolean isNew = delivered.isNew(participant);
    if (!participant.joined()) {
      return new OfParticipant("participant", participant.revision(), "left", form);
    }
    return isNew
        ? new OfParticipant("participant", participant.revision(), "joined", form)
        : new Read("read", participant.revision(), form);
  }

  public static String text(Object frame) {
    return new String(Json.write(frame), StandardCharsets.UTF_8);
  }
}
