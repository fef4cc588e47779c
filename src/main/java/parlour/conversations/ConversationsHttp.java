package parlour.conversations;

import io.avaje.jsonb.Json;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.http.Answer;
import parlour.http.Call;
import parlour.http.InternalClient;
import parlour.http.Problem;
import parlour.http.Routes;

/** Both ends of Conversations' wire: the endpoints of the internal listener, and their client. */
public final class ConversationsHttp implements Conversations {
  private static final String CONVERSATIONS = "/v1/Accounts/{AccountSid}/Conversations";

  private final InternalClient conversations;

  /** The client: asks the Conversations of another process. */
  public ConversationsHttp(InternalClient conversations) {
    this.conversations = conversations;
  }

  /** The endpoints: answer for the service of this process. */
  public static void serve(Conversations service, Routes routes) {
    routes.post(CONVERSATIONS, call -> create(service, call));
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record CreateRequest(
      String conversationSid,
      String addressSid,
      String identity,
      String customerFriendlyName,
      String preEngagementData) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record CreateAnswer(String conversationSid) {}

  private static Answer create(Conversations service, Call call) {
    CreateRequest request = call.json(CreateRequest.class, Limits.INTERNAL_BODY);
    NewConversation conversation;
    try {
      conversation = new NewConversation(
          new Sid.Conversation(request.conversationSid()),
          new Sid.Account(call.parameter("AccountSid")),
          new Sid.Address(request.addressSid()),
          request.identity(),
          request.customerFriendlyName(),
          request.preEngagementData());
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    service.create(conversation);
    return Answer.json(201, new CreateAnswer(conversation.sid().text()));
  }

  @Override
  public void create(NewConversation conversation) {
    String created = conversations.post(
        CONVERSATIONS.replace("{AccountSid}", conversation.account().text()),
        new CreateRequest(
            conversation.sid().text(),
            conversation.address().text(),
            conversation.identity(),
            conversation.customerFriendlyName(),
            conversation.preEngagementData()),
        CreateAnswer.class,
        CreateAnswer::conversationSid);
    if (!created.equals(conversation.sid().text())) {
      throw new Unavailable("Conversations", "created another conversation", null);
    }
  }
}
