package parlour.guests;

import parlour.Limits;
import parlour.api.MessageAnswers;
import parlour.api.PushCalls;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestCredentials;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.push.PushSubscription;

/** The calls of guests about Web Push. */
final class GuestPush {
  private final GuestHttp http;
  private final GuestConversations conversations;

  GuestPush(GuestHttp http, GuestConversations conversations) {
    this.http = http;
    this.conversations = conversations;
  }

  void serve(Routes routes) {
    routes.get("/v2/Webchat/Push", this::offer);
    routes.post("/v2/Webchat/Push", this::subscribe);
    routes.post("/v2/Webchat/Push/End", this::end);
  }

  private ApiResponse offer(ApiRequest call) {
    GuestCredentials credentials = http.credentials(call);
    call.checkBody(Limits.SMALL_BODY);
    return PushCalls.offered(GuestHttp.ask("push", () -> conversations.pushOffer(credentials)));
  }

  private ApiResponse subscribe(ApiRequest call) {
    GuestCredentials credentials = http.credentials(call);
    PushSubscription subscription = PushCalls.subscription(call.fields(Limits.SMALL_BODY));
    return switch (GuestHttp.ask(
        "subscribe", () -> conversations.subscribe(credentials, subscription))) {
      case SUBSCRIBED -> PushCalls.subscribed(true);
      case OFF ->
        throw new Problem(
            ErrorCode.PUSH_IMPOSSIBLE,
            "Web Push is off in this installation: the operator can set push.contact.");
      case OTHER_SERVICE ->
        throw new Problem(
            ErrorCode.PUSH_IMPOSSIBLE,
            "This installation sends nothing to the push service of this browser: the operator can"
                + " add its host to push.services.");
      case ERASED -> throw MessageAnswers.gone();
    };
  }

  private ApiResponse end(ApiRequest call) {
    GuestCredentials credentials = http.credentials(call);
    call.checkBody(Limits.SMALL_BODY);
    boolean _ = GuestHttp.ask("unsubscribe", () -> conversations.unsubscribe(credentials));
    return PushCalls.subscribed(false);
  }
}
