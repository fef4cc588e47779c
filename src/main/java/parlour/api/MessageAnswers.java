package parlour.api;

import parlour.Limits;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Sent;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.JsonSize;
import parlour.http.json.JsonText;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;

/** Answers to a person, a guest or an agent, who sent a message. */
public final class MessageAnswers {
  private MessageAnswers() {}

  /** Reserves memory for the answer to a message, before the message is stored. */
  public static void reserveAnswer(ApiRequest request, String body, JsonText attributes) {
    request.reserveAnswer(JsonSize.of(body) + JsonSize.of(attributes.text()));
  }

  /** The answer to a guest. */
  public static ApiResponse sent(Sent sent) {
    return switch (sent) {
      case Sent.Added(var message) -> ApiResponse.json(201, MessageForm.of(message));
      case Sent.Duplicate(var message) -> ApiResponse.json(200, MessageForm.of(message));
      case Sent.Closed() -> throw new Problem(ErrorCode.CONVERSATION_CLOSED);
      case Sent.Full() -> throw new Problem(ErrorCode.CONVERSATION_FULL);
      case Sent.NoSuchFile() -> throw noSuchFile();
      case Sent.NotFound() -> throw gone();
    };
  }

  /** The answer to an agent. */
  public static ApiResponse sentByAgent(Sent sent) {
    if (sent instanceof Sent.Full) {
      throw full();
    }
    return sent(sent);
  }

  /** For agents and servers; a guest reads the message of the error code. */
  public static Problem full() {
    return new Problem(
        ErrorCode.CONVERSATION_FULL,
        "This conversation is full: it can hold %d messages, and %d MiB of messages with their"
                .formatted(Limits.CONVERSATION_MESSAGES, Limits.CONVERSATION_BYTES >> 20)
            + " attributes. Its guest can start a new one.");
  }

  /** The refusal of an agent who cannot join, and so cannot answer. */
  public static Problem tooManyParticipants() {
    return new Problem(
        ErrorCode.CONVERSATION_FULL,
        "This conversation has had %d participants, which is the most that it can have. An agent"
                .formatted(Limits.CONVERSATION_PARTICIPANTS)
            + " who is one of them can answer.");
  }

  public static Problem noSuchFile() {
    return new Problem(
        ErrorCode.MALFORMED,
        "The field \"media_sid\" names a file that cannot be sent: it was sent before, was deleted"
            + " because no message took it in an hour, or was uploaded by somebody else. Upload it"
            + " again.");
  }

  public static Problem gone() {
    return new Problem(ErrorCode.NOT_FOUND, "This conversation was erased.");
  }
}
