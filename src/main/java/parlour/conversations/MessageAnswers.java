package parlour.conversations;

import parlour.conversations.Forms.MessageForm;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.JsonSize;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;

/** How a person's APIs, the guest's and the agent's, answer a message that was sent. */
public final class MessageAnswers {
  private MessageAnswers() {}

  /** Reserves memory for the answer to a message, before the message is stored. */
  public static void reserveAnswer(ApiRequest request, String body, String attributes) {
    request.reserveAnswer(JsonSize.of(body) + JsonSize.of(attributes));
  }

  public static ApiResponse sent(Sent sent) {
    return switch (sent) {
      case Sent.Added(var message) -> ApiResponse.json(201, MessageForm.of(message));
      case Sent.Duplicate(var message) -> ApiResponse.json(200, MessageForm.of(message));
      case Sent.Closed() -> throw new Problem(ErrorCode.CONVERSATION_CLOSED);
      case Sent.Full() -> throw new Problem(ErrorCode.CONVERSATION_FULL);
      case Sent.NotFound() -> throw gone();
    };
  }

  public static Problem gone() {
    return new Problem(ErrorCode.NOT_FOUND, "This conversation was erased.");
  }
}
