package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.Json;
import parlour.http.json.JsonType;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.scopedauth.Session;

/** Conversations over HTTP: the endpoints of the internal listener, and their client. */
public final class ConversationsHttp implements Conversations {
  private static final String ROOT = "/v1/Accounts/{account}/Conversations";

  private static final InternalCalls<Conversations> CALLS = new InternalCalls<>(ROOT);

  record Find(Sid.Account account, Sid.Conversation conversation) {}

  private static final InternalCalls<Conversations>.Call<Find, Optional<Conversation>> FIND =
      CALLS.declare(
          "/find",
          Find.class,
          "conversation",
          new JsonType<>() {},
          (service, call) -> service.find(call.account(), call.conversation()));

  record ListAll(
      Sid.Account account, Optional<Conversation.State> state, Optional<Place> after, int limit) {}

  private static final InternalCalls<Conversations>.Call<ListAll, Page<Overview>> LIST =
      CALLS.declare(
          "/list",
          ListAll.class,
          "page",
          new JsonType<>() {},
          (service, call) ->
              service.list(call.account(), call.state(), call.after(), call.limit()));

  record Inbox(Sid.Account account, Conversation.State state, Optional<Place> after, int limit) {}

  private static final InternalCalls<Conversations>.Call<Inbox, Page<Overview>> INBOX =
      CALLS.declare(
          "/inbox",
          Inbox.class,
          "page",
          new JsonType<>() {},
          (service, call) ->
              service.inbox(call.account(), call.state(), call.after(), call.limit()));

  record FindOverview(Sid.Account account, Sid.Conversation conversation) {}

  private static final InternalCalls<Conversations>.Call<FindOverview, Optional<Overview>>
      OVERVIEW = CALLS.declare(
          "/overview",
          FindOverview.class,
          "overview",
          new JsonType<>() {},
          (service, call) -> service.overview(call.account(), call.conversation()));

  record SessionsOf(Sid.Account account, List<Sid.Conversation> conversations) {}

  private static final InternalCalls<Conversations>.Call<SessionsOf, List<Session>> SESSIONS =
      CALLS.declare(
          "/sessions",
          SessionsOf.class,
          "sessions",
          new JsonType<>() {},
          (service, call) -> service.sessionsOf(call.account(), call.conversations()));

  record Send(Sid.Account account, NewMessage message) {}

  private static final InternalCalls<Conversations>.Call<Send, Sent> SEND = CALLS
      .declare(
          "/send",
          Send.class,
          "sent",
          Sent.class,
          (service, call) -> service.send(call.account(), call.message()))
      .reservingItsAnswer();

  record Edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<String> attributes) {}

  private static final InternalCalls<Conversations>.Call<Edit, Optional<Message>> EDIT =
      CALLS.declare(
          "/edit",
          Edit.class,
          "message",
          new JsonType<>() {},
          (service, call) -> service.edit(
              call.account(), call.conversation(), call.message(), call.body(), call.attributes()));

  record Remove(Sid.Account account, Sid.Conversation conversation, Sid.Message message) {}

  private static final InternalCalls<Conversations>.Call<Remove, Optional<Message>> REMOVE =
      CALLS.declare(
          "/remove",
          Remove.class,
          "message",
          new JsonType<>() {},
          (service, call) -> service.remove(call.account(), call.conversation(), call.message()));

  record FindMessage(Sid.Account account, Sid.Conversation conversation, Sid.Message message) {}

  private static final InternalCalls<Conversations>.Call<FindMessage, Optional<Message>> MESSAGE =
      CALLS.declare(
          "/message",
          FindMessage.class,
          "message",
          new JsonType<>() {},
          (service, call) -> service.message(call.account(), call.conversation(), call.message()));

  record FindMessages(Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {}

  private static final InternalCalls<Conversations>.Call<FindMessages, Optional<Page<Message>>>
      MESSAGES = CALLS.declare(
          "/messages",
          FindMessages.class,
          "page",
          new JsonType<>() {},
          (service, call) -> service.messages(call.account(), call.conversation(), call.page()));

  record FindParticipants(Sid.Account account, Sid.Conversation conversation) {}

  private static final InternalCalls<Conversations>.Call<
          FindParticipants, Optional<List<Participant>>>
      PARTICIPANTS = CALLS.declare(
          "/participants",
          FindParticipants.class,
          "participants",
          new JsonType<>() {},
          (service, call) -> service.participants(call.account(), call.conversation()));

  record Join(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantKind kind,
      Optional<String> name) {}

  private static final InternalCalls<Conversations>.Call<Join, JoinOutcome> JOIN = CALLS.declare(
      "/join",
      Join.class,
      "outcome",
      JoinOutcome.class,
      (service, call) -> service.join(
          call.account(), call.conversation(), call.identity(), call.kind(), call.name()));

  record Leave(Sid.Account account, Sid.Conversation conversation, Sid.Participant participant) {}

  private static final InternalCalls<Conversations>.Call<Leave, Boolean> LEAVE = CALLS.declare(
      "/leave",
      Leave.class,
      "done",
      Boolean.class,
      (service, call) -> service.leave(call.account(), call.conversation(), call.participant()));

  record UpdateParticipant(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update) {}

  private static final InternalCalls<Conversations>.Call<UpdateParticipant, Optional<Participant>>
      UPDATE_PARTICIPANT = CALLS.declare(
          "/update-participant",
          UpdateParticipant.class,
          "participant",
          new JsonType<>() {},
          (service, call) -> service.updateParticipant(
              call.account(), call.conversation(), call.identity(), call.update()));

  record Read(
      Sid.Account account, Sid.Conversation conversation, Identity identity, MessageIndex index) {}

  private static final InternalCalls<Conversations>.Call<Read, Boolean> READ = CALLS.declare(
      "/read",
      Read.class,
      "done",
      Boolean.class,
      (service, call) ->
          service.read(call.account(), call.conversation(), call.identity(), call.index()));

  record Type(Sid.Account account, Sid.Conversation conversation, Identity identity) {}

  private static final InternalCalls<Conversations>.Call<Type, Boolean> TYPING = CALLS.declare(
      "/typing",
      Type.class,
      "done",
      Boolean.class,
      (service, call) -> service.typing(call.account(), call.conversation(), call.identity()));

  record UpdateOne(Sid.Account account, Sid.Conversation conversation, Update update) {}

  private static final InternalCalls<Conversations>.Call<UpdateOne, UpdateOutcome> UPDATE =
      CALLS.declare(
          "/update",
          UpdateOne.class,
          "outcome",
          UpdateOutcome.class,
          (service, call) -> service.update(call.account(), call.conversation(), call.update()));

  record OthersOf(Sid.Account account, Sid.Conversation conversation, int limit) {}

  private static final InternalCalls<Conversations>.Call<OthersOf, Page<Overview>> OTHERS =
      CALLS.declare(
          "/others",
          OthersOf.class,
          "page",
          new JsonType<>() {},
          (service, call) -> service.othersOf(call.account(), call.conversation(), call.limit()));

  record Erase(Sid.Account account, Sid.Conversation conversation) {}

  private static final InternalCalls<Conversations>.Call<Erase, Boolean> ERASE = CALLS.declare(
      "/erase",
      Erase.class,
      "done",
      Boolean.class,
      (service, call) -> service.erase(call.account(), call.conversation()));

  record EraseQuiet(Sid.Account account, Sid.Deployment deployment, Instant since, int max) {}

  private static final InternalCalls<Conversations>.Call<EraseQuiet, Integer> ERASE_QUIET =
      CALLS.declare(
          "/erase-quiet",
          EraseQuiet.class,
          "erased",
          Integer.class,
          (service, call) ->
              service.eraseQuiet(call.account(), call.deployment(), call.since(), call.max()));

  record FindChanges(
      Sid.Account account, Sid.Conversation conversation, Revision after, int limit) {}

  private static final InternalCalls<Conversations>.Call<FindChanges, Optional<Changes>> CHANGES =
      CALLS.declare(
          "/changes",
          FindChanges.class,
          "changes",
          new JsonType<>() {},
          (service, call) ->
              service.changes(call.account(), call.conversation(), call.after(), call.limit()));

  record WatchFromNow(Sid.Account account) {}

  private static final InternalCalls<Conversations>.Call<WatchFromNow, AccountCursor>
      WATCH_FROM_NOW = CALLS.declare(
          "/watch/now",
          WatchFromNow.class,
          "cursor",
          AccountCursor.class,
          (service, call) -> service.watchFromNow(call.account()));

  record Watch(Sid.Account account, AccountCursor cursor, Duration timeout, Amount amount) {}

  private static final InternalCalls<Conversations>.Call<Watch, AccountNews> WATCH = CALLS.declare(
      "/watch",
      Watch.class,
      "news",
      AccountNews.class,
      (service, call) ->
          service.watch(call.account(), call.cursor(), call.timeout(), call.amount()));

  private final InternalClient conversations;
  private final InternalClient longPolls;

  /**
   * The client of another process.
   *
   * @param longPolls its deadline is longer than {@link Limits#FOLLOW_TIMEOUT}
   */
  public ConversationsHttp(InternalClient conversations, InternalClient longPolls) {
    this.conversations = conversations;
    this.longPolls = longPolls;
  }

  /** The endpoints for the service of this process. */
  public static void serve(Conversations service, Routes routes) {
    routes.post(ROOT, request -> create(service, request));
    CALLS.serve(service, routes);
  }

  /** The body of arrow 10 of docs/diagrams/create-session.mmd. */
  record CreateRequest(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Address address,
      Sid.Deployment deployment,
      Identity identity,
      String customerFriendlyName,
      String preEngagementData,
      Optional<FirstMessage> firstMessage,
      Optional<Greeting> greeting) {}

  record CreateAnswer(Sid.Conversation conversation) {}

  private static ApiResponse create(Conversations service, ApiRequest request) {
    CreateRequest call = request.json(CreateRequest.class, Limits.INTERNAL_BODY, Set.of("account"));
    service.create(new NewConversation(
        call.conversation(),
        call.account(),
        call.address(),
        call.deployment(),
        call.identity(),
        call.customerFriendlyName(),
        call.preEngagementData(),
        call.firstMessage(),
        call.greeting()));
    return ApiResponse.json(201, new CreateAnswer(call.conversation()));
  }

  @Override
  public void create(NewConversation conversation) {
    CreateRequest call = new CreateRequest(
        conversation.account(),
        conversation.sid(),
        conversation.address(),
        conversation.deployment(),
        conversation.identity(),
        conversation.customerFriendlyName(),
        conversation.preEngagementData(),
        conversation.firstMessage(),
        conversation.greeting());
    CreateAnswer created = conversations.post(
        ROOT.replace("{account}", conversation.account().text()),
        Json.write(call, Set.of("account")),
        answer -> Json.read(answer, CreateAnswer.class));
    if (!created.conversation().equals(conversation.sid())) {
      throw new Unavailable("Conversations", "created another conversation", null);
    }
  }

  @Override
  public Optional<Conversation> find(Sid.Account account, Sid.Conversation conversation) {
    return FIND.ask(conversations, new Find(account, conversation));
  }

  @Override
  public Page<Overview> list(
      Sid.Account account, Optional<Conversation.State> state, Optional<Place> after, int limit) {
    return LIST.ask(conversations, new ListAll(account, state, after, limit));
  }

  @Override
  public Page<Overview> inbox(
      Sid.Account account, Conversation.State state, Optional<Place> after, int limit) {
    return INBOX.ask(conversations, new Inbox(account, state, after, limit));
  }

  @Override
  public Optional<Overview> overview(Sid.Account account, Sid.Conversation conversation) {
    return OVERVIEW.ask(conversations, new FindOverview(account, conversation));
  }

  @Override
  public List<Session> sessionsOf(Sid.Account account, List<Sid.Conversation> conversations) {
    return SESSIONS.ask(this.conversations, new SessionsOf(account, conversations));
  }

  @Override
  public Sent send(Sid.Account account, NewMessage message) {
    return SEND.ask(conversations, new Send(account, message));
  }

  @Override
  public Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<String> attributes) {
    return EDIT.ask(conversations, new Edit(account, conversation, message, body, attributes));
  }

  @Override
  public Optional<Message> remove(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return REMOVE.ask(conversations, new Remove(account, conversation, message));
  }

  @Override
  public Optional<Message> message(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return MESSAGE.ask(conversations, new FindMessage(account, conversation, message));
  }

  @Override
  public Optional<Page<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {
    return MESSAGES.ask(conversations, new FindMessages(account, conversation, page));
  }

  @Override
  public Optional<List<Participant>> participants(
      Sid.Account account, Sid.Conversation conversation) {
    return PARTICIPANTS.ask(conversations, new FindParticipants(account, conversation));
  }

  @Override
  public JoinOutcome join(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantKind kind,
      Optional<String> name) {
    return JOIN.ask(conversations, new Join(account, conversation, identity, kind, name));
  }

  @Override
  public boolean leave(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant) {
    return LEAVE.ask(conversations, new Leave(account, conversation, participant));
  }

  @Override
  public Optional<Participant> updateParticipant(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update) {
    return UPDATE_PARTICIPANT.ask(
        conversations, new UpdateParticipant(account, conversation, identity, update));
  }

  @Override
  public boolean read(
      Sid.Account account, Sid.Conversation conversation, Identity identity, MessageIndex index) {
    return READ.ask(conversations, new Read(account, conversation, identity, index));
  }

  @Override
  public boolean typing(Sid.Account account, Sid.Conversation conversation, Identity identity) {
    return TYPING.ask(conversations, new Type(account, conversation, identity));
  }

  @Override
  public UpdateOutcome update(Sid.Account account, Sid.Conversation conversation, Update update) {
    return UPDATE.ask(conversations, new UpdateOne(account, conversation, update));
  }

  @Override
  public Page<Overview> othersOf(Sid.Account account, Sid.Conversation conversation, int limit) {
    return OTHERS.ask(conversations, new OthersOf(account, conversation, limit));
  }

  @Override
  public boolean erase(Sid.Account account, Sid.Conversation conversation) {
    return ERASE.ask(conversations, new Erase(account, conversation));
  }

  @Override
  public int eraseQuiet(Sid.Account account, Sid.Deployment deployment, Instant since, int max) {
    return ERASE_QUIET.ask(conversations, new EraseQuiet(account, deployment, since, max));
  }

  @Override
  public Optional<Changes> changes(
      Sid.Account account, Sid.Conversation conversation, Revision after, int limit) {
    return CHANGES.ask(conversations, new FindChanges(account, conversation, after, limit));
  }

  @Override
  public AccountCursor watchFromNow(Sid.Account account) {
    return WATCH_FROM_NOW.ask(conversations, new WatchFromNow(account));
  }

  @Override
  public AccountNews watch(
      Sid.Account account, AccountCursor cursor, Duration timeout, Amount amount) {
    return WATCH.ask(longPolls, new Watch(account, cursor, timeout, amount));
  }
}
