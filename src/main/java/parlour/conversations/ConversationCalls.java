package parlour.conversations;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.scopedauth.Session;

/** The internal calls of {@link Conversations} about whole conversations. */
final class ConversationCalls {
  static final InternalCalls<Conversations> CALLS = new InternalCalls<>(ConversationsHttp.ROOT);

  private ConversationCalls() {}

  record Find(Sid.Account account, Sid.Conversation conversation) {}

  static final InternalCalls<Conversations>.Call<Find, Optional<Conversation>> FIND = CALLS.declare(
      "/find",
      Find.class,
      "conversation",
      new JsonType<>() {},
      (service, call) -> service.find(call.account(), call.conversation()));

  record ListAll(
      Sid.Account account,
      Optional<Conversation.State> state,
      Optional<Conversations.Place> after,
      int limit) {}

  static final InternalCalls<Conversations>.Call<ListAll, Page<Conversations.Overview>> LIST =
      CALLS.declare(
          "/list",
          ListAll.class,
          "page",
          new JsonType<>() {},
          (service, call) ->
              service.list(call.account(), call.state(), call.after(), call.limit()));

  record Inbox(
      Sid.Account account,
      Sight sight,
      InboxList list,
      Optional<Conversations.Place> after,
      int limit) {}

  static final InternalCalls<Conversations>.Call<Inbox, InboxPage> INBOX = CALLS.declare(
      "/inbox",
      Inbox.class,
      "page",
      InboxPage.class,
      (service, call) ->
          service.inbox(call.account(), call.sight(), call.list(), call.after(), call.limit()));

  record Counts(Sid.Account account, Sight sight, List<InboxList> lists, int max) {}

  static final InternalCalls<Conversations>.Call<Counts, List<Integer>> COUNTS = CALLS.declare(
      "/counts",
      Counts.class,
      "counts",
      new JsonType<>() {},
      (service, call) -> service.counts(call.account(), call.sight(), call.lists(), call.max()));

  record Unread(Sid.Account account, Sight sight, List<InboxList> lists, int conversations) {}

  static final InternalCalls<Conversations>.Call<Unread, Integer> UNREAD = CALLS.declare(
      "/unread",
      Unread.class,
      "unread",
      new JsonType<>() {},
      (service, call) ->
          service.unread(call.account(), call.sight(), call.lists(), call.conversations()));

  record FindOverview(Sid.Account account, Sid.Conversation conversation) {}

  static final InternalCalls<Conversations>.Call<FindOverview, Optional<Conversations.Overview>>
      OVERVIEW = CALLS.declare(
          "/overview",
          FindOverview.class,
          "overview",
          new JsonType<>() {},
          (service, call) -> service.overview(call.account(), call.conversation()));

  record OfGuest(
      Sid.Account account, Identity guest, Optional<Conversations.Place> after, int limit) {}

  static final InternalCalls<Conversations>.Call<OfGuest, Page<Conversations.Overview>> OF_GUEST =
      CALLS.declare(
          "/of-guest",
          OfGuest.class,
          "page",
          new JsonType<>() {},
          (service, call) ->
              service.ofGuest(call.account(), call.guest(), call.after(), call.limit()));

  record EverySessionOf(Sid.Account account, Sid.Conversation conversation) {}

  static final InternalCalls<Conversations>.Call<EverySessionOf, List<Session>> EVERY_SESSION =
      CALLS.declare(
          "/every-session",
          EverySessionOf.class,
          "sessions",
          new JsonType<>() {},
          (service, call) -> service.everySessionOf(call.account(), call.conversation()));

  record SessionsOf(Sid.Account account, List<Sid.Conversation> conversations) {}

  static final InternalCalls<Conversations>.Call<SessionsOf, List<Session>> SESSIONS =
      CALLS.declare(
          "/sessions",
          SessionsOf.class,
          "sessions",
          new JsonType<>() {},
          (service, call) -> service.sessionsOf(call.account(), call.conversations()));

  record UpdateOne(
      Sid.Account account, Sid.Conversation conversation, Conversations.Update update) {}

  static final InternalCalls<Conversations>.Call<UpdateOne, UpdateOutcome> UPDATE = CALLS.declare(
      "/update",
      UpdateOne.class,
      "outcome",
      UpdateOutcome.class,
      (service, call) -> service.update(call.account(), call.conversation(), call.update()));

  record OthersOf(Sid.Account account, Sid.Conversation conversation, int limit) {}

  static final InternalCalls<Conversations>.Call<OthersOf, Page<Conversations.Overview>> OTHERS =
      CALLS.declare(
          "/others",
          OthersOf.class,
          "page",
          new JsonType<>() {},
          (service, call) -> service.othersOf(call.account(), call.conversation(), call.limit()));

  record Erase(Sid.Account account, Sid.Conversation conversation) {}

  static final InternalCalls<Conversations>.Call<Erase, Boolean> ERASE = CALLS.declare(
      "/erase",
      Erase.class,
      "done",
      Boolean.class,
      (service, call) -> service.erase(call.account(), call.conversation()));

  record EraseQuiet(Sid.Account account, Sid.Deployment deployment, Instant since, int max) {}

  static final InternalCalls<Conversations>.Call<EraseQuiet, Integer> ERASE_QUIET = CALLS.declare(
      "/erase-quiet",
      EraseQuiet.class,
      "erased",
      Integer.class,
      (service, call) ->
          service.eraseQuiet(call.account(), call.deployment(), call.since(), call.max()));

  record EraseQuietOf(Sid.Account account, Sid.Address address, Instant since, int max) {}

  static final InternalCalls<Conversations>.Call<EraseQuietOf, Integer> ERASE_QUIET_OF_ADDRESS =
      CALLS.declare(
          "/erase-quiet-of-address",
          EraseQuietOf.class,
          "erased",
          Integer.class,
          (service, call) ->
              service.eraseQuiet(call.account(), call.address(), call.since(), call.max()));
}
