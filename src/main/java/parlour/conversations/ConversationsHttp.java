package parlour.conversations;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.AccountForms.ChangesAnswer;
import parlour.conversations.AccountForms.ChangesForm;
import parlour.conversations.AccountForms.ChangesRequest;
import parlour.conversations.AccountForms.ConversationAnswer;
import parlour.conversations.AccountForms.CreateAnswer;
import parlour.conversations.AccountForms.CreateRequest;
import parlour.conversations.AccountForms.CursorForm;
import parlour.conversations.AccountForms.DoneAnswer;
import parlour.conversations.AccountForms.EditRequest;
import parlour.conversations.AccountForms.ErasedAnswer;
import parlour.conversations.AccountForms.FirstMessageForm;
import parlour.conversations.AccountForms.GreetingForm;
import parlour.conversations.AccountForms.InboxRequest;
import parlour.conversations.AccountForms.JoinAnswer;
import parlour.conversations.AccountForms.JoinRequest;
import parlour.conversations.AccountForms.LeaveRequest;
import parlour.conversations.AccountForms.ListRequest;
import parlour.conversations.AccountForms.MessageAnswer;
import parlour.conversations.AccountForms.MessagesAnswer;
import parlour.conversations.AccountForms.MessagesRequest;
import parlour.conversations.AccountForms.NewsForm;
import parlour.conversations.AccountForms.One;
import parlour.conversations.AccountForms.OneMessage;
import parlour.conversations.AccountForms.OthersRequest;
import parlour.conversations.AccountForms.OverviewAnswer;
import parlour.conversations.AccountForms.OverviewForm;
import parlour.conversations.AccountForms.OverviewsAnswer;
import parlour.conversations.AccountForms.ParticipantsAnswer;
import parlour.conversations.AccountForms.PlaceForm;
import parlour.conversations.AccountForms.QuietRequest;
import parlour.conversations.AccountForms.ReadRequest;
import parlour.conversations.AccountForms.SendRequest;
import parlour.conversations.AccountForms.SessionsAnswer;
import parlour.conversations.AccountForms.Some;
import parlour.conversations.AccountForms.TypingRequest;
import parlour.conversations.AccountForms.UpdateAnswer;
import parlour.conversations.AccountForms.UpdateRequest;
import parlour.conversations.AccountForms.WatchRequest;
import parlour.conversations.Forms.ConversationForm;
import parlour.conversations.Forms.PageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Forms.SentForm;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.client.InternalClient;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.scopedauth.Session;
import parlour.scopedauth.SessionForm;

/** Both ends of Conversations' wire: the endpoints of the internal listener, and their client. */
public final class ConversationsHttp implements Conversations {
  private static final String CONVERSATIONS = "/v1/Accounts/{AccountSid}/Conversations";

  private final InternalClient conversations;
  private final InternalClient patient;

  /**
   * The client: asks the Conversations of another process.
   *
   * @param patient waits longer than {@link Limits#FOLLOW_TIMEOUT}
   */
  public ConversationsHttp(InternalClient conversations, InternalClient patient) {
    this.conversations = conversations;
    this.patient = patient;
  }

  /** The endpoints: answer for the service of this process. */
  public static void serve(Conversations service, Routes routes) {
    routes.post(CONVERSATIONS, request -> create(service, request));
    on(
        routes,
        "/find",
        One.class,
        (account, asked) -> new ConversationAnswer(service
            .find(account, asked.conversation())
            .map(ConversationForm::of)
            .orElse(null)));
    on(
        routes,
        "/list",
        ListRequest.class,
        (account, asked) -> OverviewsAnswer.of(service.list(
            account,
            Optional.ofNullable(asked.state()).map(Conversation.State::of),
            Optional.ofNullable(asked.after()).map(PlaceForm::place),
            asked.limit())));
    on(
        routes,
        "/inbox",
        InboxRequest.class,
        (account, asked) -> OverviewsAnswer.of(service.inbox(
            account,
            Conversation.State.of(asked.state()),
            Optional.ofNullable(asked.after()).map(PlaceForm::place),
            asked.limit())));
    on(
        routes,
        "/overview",
        One.class,
        (account, asked) -> new OverviewAnswer(service
            .overview(account, asked.conversation())
            .map(OverviewForm::of)
            .orElse(null)));
    on(
        routes,
        "/sessions",
        Some.class,
        (account, asked) ->
            new SessionsAnswer(service.sessionsOf(account, asked.conversations()).stream()
                .map(SessionForm::of)
                .toList()));
    on(
        routes,
        "/send",
        SendRequest.class,
        (account, asked) -> SentForm.of(service.send(account, asked.message())));
    on(
        routes,
        "/edit",
        EditRequest.class,
        (account, asked) -> MessageAnswer.of(service.edit(
            account,
            new Sid.Conversation(asked.conversationSid()),
            new Sid.Message(asked.messageSid()),
            Optional.ofNullable(asked.body()),
            Optional.ofNullable(asked.attributes()))));
    on(
        routes,
        "/remove",
        OneMessage.class,
        (account, asked) ->
            MessageAnswer.of(service.remove(account, asked.conversation(), asked.message())));
    on(
        routes,
        "/message",
        OneMessage.class,
        (account, asked) ->
            MessageAnswer.of(service.message(account, asked.conversation(), asked.message())));
    on(
        routes,
        "/messages",
        MessagesRequest.class,
        (account, asked) -> MessagesAnswer.of(service.messages(
            account, new Sid.Conversation(asked.conversationSid()), asked.page().page())));
    on(
        routes,
        "/participants",
        One.class,
        (account, asked) -> new ParticipantsAnswer(service
            .participants(account, asked.conversation())
            .map(ParticipantForm::of)
            .orElse(null)));
    on(
        routes,
        "/join",
        JoinRequest.class,
        (account, asked) -> JoinAnswer.of(service.join(
            account,
            new Sid.Conversation(asked.conversationSid()),
            asked.identity(),
            ParticipantKind.of(asked.kind()),
            Optional.ofNullable(asked.name()))));
    on(
        routes,
        "/leave",
        LeaveRequest.class,
        (account, asked) -> new DoneAnswer(service.leave(
            account,
            new Sid.Conversation(asked.conversationSid()),
            new Sid.Participant(asked.participantSid()))));
    on(
        routes,
        "/read",
        ReadRequest.class,
        (account, asked) -> new DoneAnswer(service.read(
            account,
            new Sid.Conversation(asked.conversationSid()),
            asked.identity(),
            asked.index())));
    on(
        routes,
        "/typing",
        TypingRequest.class,
        (account, asked) -> new DoneAnswer(service.typing(
            account, new Sid.Conversation(asked.conversationSid()), asked.identity())));
    on(
        routes,
        "/update",
        UpdateRequest.class,
        (account, asked) -> UpdateAnswer.of(service.update(
            account, new Sid.Conversation(asked.conversationSid()), asked.update())));
    on(
        routes,
        "/others",
        OthersRequest.class,
        (account, asked) -> OverviewsAnswer.of(service.othersOf(
            account, new Sid.Conversation(asked.conversationSid()), asked.limit())));
    on(
        routes,
        "/erase",
        One.class,
        (account, asked) -> new DoneAnswer(service.erase(account, asked.conversation())));
    on(
        routes,
        "/erase-quiet",
        QuietRequest.class,
        (account, asked) -> new ErasedAnswer(service.eraseQuiet(
            account,
            new Sid.Deployment(asked.deploymentKey()),
            Instant.parse(asked.since()),
            asked.atMost())));
    on(
        routes,
        "/changes",
        ChangesRequest.class,
        (account, asked) -> new ChangesAnswer(service
            .changes(
                account,
                new Sid.Conversation(asked.conversationSid()),
                asked.after(),
                asked.limit())
            .map(ChangesForm::of)
            .orElse(null)));
    on(routes, "/watch", WatchRequest.class, (account, asked) -> {
      CursorForm cursor = asked.cursor();
      return cursor == null
          ? NewsForm.of(AccountNews.none(service.watchFromNow(account)))
          : NewsForm.of(service.watch(
              account,
              cursor.cursor(),
              Duration.ofMillis(asked.patienceMillis()),
              Amount.of(asked.amount())));
    });
  }

  /** A deed on conversations of one account: a JSON message in, a JSON message out. */
  private static <T> void on(
      Routes routes, String action, Class<T> type, BiFunction<Sid.Account, T, Object> service) {
    routes.post(CONVERSATIONS + action, request -> {
      T asked = request.json(type, Limits.INTERNAL_BODY);
      if (action.equals("/send")) {
        request.reserveAnswer(
            request.bodyBytes()); // before the message is stored; the answer repeats it
      }
      try {
        return ApiResponse.json(
            200, service.apply(new Sid.Account(request.parameter("AccountSid")), asked));
      } catch (IllegalArgumentException e) {
        throw Problem.malformed(e);
      } catch (DateTimeException e) {
        throw new Problem(ErrorCode.MALFORMED, "The body does not fit: no instant.");
      }
    });
  }

  private <M, T> T ask(
      Sid.Account account, String action, Object message, Class<M> answer, Function<M, T> meaning) {
    return conversations.post(
        CONVERSATIONS.replace("{AccountSid}", account.text()) + action, message, answer, meaning);
  }

  private static ApiResponse create(Conversations service, ApiRequest call) {
    CreateRequest request = call.json(CreateRequest.class, Limits.INTERNAL_BODY);
    NewConversation conversation;
    try {
      conversation = new NewConversation(
          new Sid.Conversation(request.conversationSid()),
          new Sid.Account(call.parameter("AccountSid")),
          new Sid.Address(request.addressSid()),
          new Sid.Deployment(request.deploymentKey()),
          request.identity(),
          request.customerFriendlyName(),
          request.preEngagementData(),
          Optional.ofNullable(request.firstMessage())
              .map(said -> new FirstMessage(said.body(), Optional.ofNullable(said.clientId()))),
          Optional.ofNullable(request.greeting())
              .map(greeting -> new Greeting(greeting.authorName(), greeting.body())));
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    service.create(conversation);
    return ApiResponse.json(201, new CreateAnswer(conversation.sid().text()));
  }

  @Override
  public void create(NewConversation conversation) {
    String created = conversations.post(
        CONVERSATIONS.replace("{AccountSid}", conversation.account().text()),
        new CreateRequest(
            conversation.sid().text(),
            conversation.address().text(),
            conversation.deployment().text(),
            conversation.identity(),
            conversation.customerFriendlyName(),
            conversation.preEngagementData(),
            conversation
                .firstMessage()
                .map(said -> new FirstMessageForm(said.body(), said.clientId().orElse(null)))
                .orElse(null),
            conversation
                .greeting()
                .map(greeting -> new GreetingForm(greeting.authorName(), greeting.body()))
                .orElse(null)),
        CreateAnswer.class,
        CreateAnswer::conversationSid);
    if (!created.equals(conversation.sid().text())) {
      throw new Unavailable("Conversations", "created another conversation", null);
    }
  }

  @Override
  public Optional<Conversation> find(Sid.Account account, Sid.Conversation conversation) {
    return ask(
        account,
        "/find",
        new One(conversation.text()),
        ConversationAnswer.class,
        ConversationAnswer::meaning);
  }

  @Override
  public Page<Overview> list(
      Sid.Account account, Optional<Conversation.State> state, Optional<Place> after, int limit) {
    return ask(
        account,
        "/list",
        new ListRequest(
            state.map(Conversation.State::word).orElse(null), PlaceForm.of(after), limit),
        OverviewsAnswer.class,
        OverviewsAnswer::page);
  }

  @Override
  public Page<Overview> inbox(
      Sid.Account account, Conversation.State state, Optional<Place> after, int limit) {
    return ask(
        account,
        "/inbox",
        new InboxRequest(state.word(), PlaceForm.of(after), limit),
        OverviewsAnswer.class,
        OverviewsAnswer::page);
  }

  @Override
  public Optional<Overview> overview(Sid.Account account, Sid.Conversation conversation) {
    return ask(
        account,
        "/overview",
        new One(conversation.text()),
        OverviewAnswer.class,
        answer -> Optional.ofNullable(answer.overview()).map(OverviewForm::overview));
  }

  @Override
  public List<Session> sessionsOf(Sid.Account account, List<Sid.Conversation> conversations) {
    return ask(
        account,
        "/sessions",
        new Some(conversations.stream().map(Sid::text).toList()),
        SessionsAnswer.class,
        answer -> answer.sessions().stream().map(SessionForm::session).toList());
  }

  @Override
  public Sent send(Sid.Account account, NewMessage message) {
    return ask(
        account,
        "/send",
        new SendRequest(
            message.conversation().text(),
            message.author(),
            message.authorKind().word(),
            message.authorName(),
            message.body(),
            message.attributes(),
            message.clientId().orElse(null)),
        SentForm.class,
        SentForm::sent);
  }

  @Override
  public Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<String> attributes) {
    return ask(
        account,
        "/edit",
        new EditRequest(
            conversation.text(), message.text(), body.orElse(null), attributes.orElse(null)),
        MessageAnswer.class,
        MessageAnswer::meaning);
  }

  @Override
  public Optional<Message> remove(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return ask(
        account,
        "/remove",
        new OneMessage(conversation.text(), message.text()),
        MessageAnswer.class,
        MessageAnswer::meaning);
  }

  @Override
  public Optional<Message> message(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return ask(
        account,
        "/message",
        new OneMessage(conversation.text(), message.text()),
        MessageAnswer.class,
        MessageAnswer::meaning);
  }

  @Override
  public Optional<Page<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {
    return ask(
        account,
        "/messages",
        new MessagesRequest(conversation.text(), PageForm.of(page)),
        MessagesAnswer.class,
        MessagesAnswer::page);
  }

  @Override
  public Optional<List<Participant>> participants(
      Sid.Account account, Sid.Conversation conversation) {
    return ask(
        account,
        "/participants",
        new One(conversation.text()),
        ParticipantsAnswer.class,
        answer -> Optional.ofNullable(answer.participants())
            .map(all -> all.stream().map(ParticipantForm::participant).toList()));
  }

  @Override
  public JoinOutcome join(
      Sid.Account account,
      Sid.Conversation conversation,
      String identity,
      ParticipantKind kind,
      Optional<String> name) {
    return ask(
        account,
        "/join",
        new JoinRequest(conversation.text(), identity, kind.word(), name.orElse(null)),
        JoinAnswer.class,
        JoinAnswer::meaning);
  }

  @Override
  public boolean leave(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant) {
    return ask(
        account,
        "/leave",
        new LeaveRequest(conversation.text(), participant.text()),
        DoneAnswer.class,
        DoneAnswer::done);
  }

  @Override
  public boolean read(
      Sid.Account account, Sid.Conversation conversation, String identity, long index) {
    return ask(
        account,
        "/read",
        new ReadRequest(conversation.text(), identity, index),
        DoneAnswer.class,
        DoneAnswer::done);
  }

  @Override
  public boolean typing(Sid.Account account, Sid.Conversation conversation, String identity) {
    return ask(
        account,
        "/typing",
        new TypingRequest(conversation.text(), identity),
        DoneAnswer.class,
        DoneAnswer::done);
  }

  @Override
  public UpdateOutcome update(Sid.Account account, Sid.Conversation conversation, Update update) {
    return ask(
        account,
        "/update",
        new UpdateRequest(
            conversation.text(),
            update.attributes().orElse(null),
            update.state().map(Conversation.State::word).orElse(null)),
        UpdateAnswer.class,
        UpdateAnswer::meaning);
  }

  @Override
  public Page<Overview> othersOf(Sid.Account account, Sid.Conversation conversation, int limit) {
    return ask(
        account,
        "/others",
        new OthersRequest(conversation.text(), limit),
        OverviewsAnswer.class,
        OverviewsAnswer::page);
  }

  @Override
  public boolean erase(Sid.Account account, Sid.Conversation conversation) {
    return ask(account, "/erase", new One(conversation.text()), DoneAnswer.class, DoneAnswer::done);
  }

  @Override
  public int eraseQuiet(Sid.Account account, Sid.Deployment deployment, Instant since, int max) {
    return ask(
        account,
        "/erase-quiet",
        new QuietRequest(deployment.text(), since.toString(), max),
        ErasedAnswer.class,
        ErasedAnswer::erased);
  }

  @Override
  public Optional<Changes> changes(
      Sid.Account account, Sid.Conversation conversation, long after, int limit) {
    return ask(
        account,
        "/changes",
        new ChangesRequest(conversation.text(), after, limit),
        ChangesAnswer.class,
        answer -> Optional.ofNullable(answer.changes()).map(ChangesForm::meaning));
  }

  @Override
  public AccountCursor watchFromNow(Sid.Account account) {
    return ask(
            account,
            "/watch",
            new WatchRequest(null, 0, Amount.SMALL.word()),
            NewsForm.class,
            NewsForm::news)
        .cursor();
  }

  @Override
  public AccountNews watch(
      Sid.Account account, AccountCursor cursor, Duration timeout, Amount amount) {
    return patient.post(
        CONVERSATIONS.replace("{AccountSid}", account.text()) + "/watch",
        new WatchRequest(CursorForm.of(cursor), timeout.toMillis(), amount.word()),
        NewsForm.class,
        NewsForm::news);
  }
}
