package parlour.conversations;

import java.util.Optional;
import parlour.Sid;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;

/** The internal calls of {@link Conversations} about changes. */
final class ChangeCalls {
  static final InternalCalls<Conversations> CALLS = new InternalCalls<>(ConversationsHttp.ROOT);

  private ChangeCalls() {}

  record FindChanges(
      Sid.Account account, Sid.Conversation conversation, Revision after, int limit) {}

  static final InternalCalls<Conversations>.Call<FindChanges, Optional<Changes>> CHANGES =
      CALLS.declare(
          "/changes",
          FindChanges.class,
          "changes",
          new JsonType<>() {},
          (service, call) ->
              service.changes(call.account(), call.conversation(), call.after(), call.limit()));

  record WatchFromNow(Sid.Account account) {}

  static final InternalCalls<Conversations>.Call<WatchFromNow, AccountCursor> WATCH_FROM_NOW =
      CALLS.declare(
          "/watch/now",
          WatchFromNow.class,
          "cursor",
          AccountCursor.class,
          (service, call) -> service.watchFromNow(call.account()));
}
