package parlour.serverapi;

import java.util.function.Function;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.ApiCaller;
import parlour.accounts.ApiKeys.Scope;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;

/**
 * A call of an account's server, after it was authenticated.
 *
 * @param host with which the addresses in the answer begin, without a slash at its end
 */
record ServerCall(ApiRequest request, ApiCaller caller, String host) {
  Sid.Account account() {
    return caller.account();
  }

  /** The address of all conversations. */
  String base() {
    return host + ServerHttp.ALL;
  }

  /**
   * The answer that shows what the call has changed. An API key without the scope {@code read} gets no
   * texts: they can be stored ones, such as those of a message that was sent before.
   */
  ApiResponse changed(int status, ServerForms.Changeable resource) {
    return ApiResponse.json(
        status, caller.scopes().contains(Scope.READ) ? resource : resource.withoutTexts());
  }

  Sid.Media media() {
    return known(Sid.Media::new, request.parameter("MediaSid"));
  }

  Sid.Conversation conversation() {
    return known(Sid.Conversation::new, request.parameter("ConversationSid"));
  }

  Sid.Message message() {
    return known(Sid.Message::new, request.parameter("MessageSid"));
  }

  RequestFields fields() {
    return request.fieldsIfAny(Limits.MESSAGE_CALL_BODY);
  }

  private static <T> T known(Function<String, T> sid, String text) {
    try {
      return sid.apply(text);
    } catch (IllegalArgumentException e) {
      throw unknown();
    }
  }

  /** Also the answer for a resource of another account. */
  static Problem unknown() {
    return new Problem(ErrorCode.NO_SUCH_RESOURCE);
  }
}
