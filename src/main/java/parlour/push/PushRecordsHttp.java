package parlour.push;

import java.util.List;
import parlour.Sid;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.Routes;

/** Both ends of PushRecords over HTTP: the endpoints of the internal listener, and their client. */
public final class PushRecordsHttp implements PushRecords {
  private static final InternalCalls<PushRecords> CALLS = new InternalCalls<>("/v1/PushRecords");

  record OfConversation(Sid.Account account, Sid.Conversation conversation) {}

  private static final InternalCalls<PushRecords>.Call<OfConversation, List<PushRecord>>
      OF_CONVERSATION = CALLS.declare(
          "/of-conversation",
          OfConversation.class,
          "subscriptions",
          new JsonType<>() {},
          (records, call) -> records.ofConversation(call.account(), call.conversation()));

  private final InternalClient conversations;

  /** Makes a client for the Conversations of another process. */
  public PushRecordsHttp(InternalClient conversations) {
    this.conversations = conversations;
  }

  /** Serves the subscriptions of this process's store. */
  public static void serve(PushRecords records, Routes routes) {
    CALLS.serve(records, routes);
  }

  @Override
  public List<PushRecord> ofConversation(Sid.Account account, Sid.Conversation conversation) {
    return OF_CONVERSATION.ask(conversations, new OfConversation(account, conversation));
  }
}
