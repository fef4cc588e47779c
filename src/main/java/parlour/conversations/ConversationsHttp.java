package parlour.conversations;

import io.avaje.jsonb.Json;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.Forms.ChangeForm;
import parlour.conversations.Forms.ConversationForm;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.PageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Forms.SentForm;
import parlour.conversations.Forms.TypingForm;
import parlour.http.Answer;
import parlour.http.Call;
import parlour.http.ErrorCode;
import parlour.http.InternalClient;
import parlour.http.Problem;
import parlour.http.Routes;
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
   * @param patient waits longer than {@link Limits#FOLLOW_PATIENCE}
   */
  public ConversationsHttp(InternalClient conversations, InternalClient patient) {
    this.conversations = conversations;
    this.patient = patient;
  }

  /** The endpoints: answer for the service of this process. */
  public static void serve(Conversations service, Routes routes) {
    routes.post(CONVERSATIONS, call -> create(service, call));
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
        (account, asked) -> new OverviewsAnswer(service
            .list(
                account,
                Optional.ofNullable(asked.state()).map(Conversation.State::of),
                Optional.ofNullable(asked.after()).map(PlaceForm::place),
                asked.limit())
            .stream()
            .map(OverviewForm::of)
            .toList()));
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
        (account, asked) -> new MessagesAnswer(service
            .messages(
                account,
                new Sid.Conversation(asked.conversationSid()),
                asked.page().page())
            .map(MessageForm::of)
            .orElse(null)));
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
        (account, asked) -> new ParticipantAnswer(service
            .join(
                account,
                new Sid.Conversation(asked.conversationSid()),
                asked.identity(),
                Kind.of(asked.kind()),
                asked.name())
            .map(ParticipantForm::of)
            .orElse(null)));
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
        "/describe",
        DescribeRequest.class,
        (account, asked) -> new ConversationAnswer(service
            .describe(account, new Sid.Conversation(asked.conversationSid()), asked.attributes())
            .map(ConversationForm::of)
            .orElse(null)));
    on(
        routes,
        "/close",
        One.class,
        (account, asked) -> new ConversationAnswer(service
            .close(account, asked.conversation())
            .map(ConversationForm::of)
            .orElse(null)));
    on(
        routes,
        "/erase",
        One.class,
        (account, asked) -> new DoneAnswer(service.erase(account, asked.conversation())));
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
          ? NewsForm.of(new AccountNews(List.of(), List.of(), service.watchFromNow(account)))
          : NewsForm.of(
              service.watch(account, cursor.cursor(), Duration.ofMillis(asked.patienceMillis())));
    });
  }

  /** A deed on conversations of one account: a JSON message in, a JSON message out. */
  private static <T> void on(
      Routes routes, String deed, Class<T> type, BiFunction<Sid.Account, T, Object> service) {
    routes.post(CONVERSATIONS + deed, call -> {
      T asked = call.json(type, Limits.INTERNAL_BODY);
      try {
        return Answer.json(
            200, service.apply(new Sid.Account(call.parameter("AccountSid")), asked));
      } catch (IllegalArgumentException e) {
        throw Problem.malformed(e);
      } catch (DateTimeException e) {
        throw new Problem(ErrorCode.MALFORMED, "The body does not fit: no instant.");
      }
    });
  }

  private <M, T> T ask(
      Sid.Account account, String deed, Object message, Class<M> answer, Function<M, T> meaning) {
    return conversations.post(
        CONVERSATIONS.replace("{AccountSid}", account.text()) + deed, message, answer, meaning);
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record CreateRequest(
      String conversationSid,
      String addressSid,
      String identity,
      String customerFriendlyName,
      String preEngagementData,
      @Nullable GreetingForm greeting) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record GreetingForm(String authorName, String body) {}

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
          request.preEngagementData(),
          Optional.ofNullable(request.greeting())
              .map(greeting -> new Greeting(greeting.authorName(), greeting.body())));
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
            conversation.preEngagementData(),
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

  @Json(naming = Json.Naming.LowerUnderscore)
  record One(String conversationSid) {
    Sid.Conversation conversation() {
      return new Sid.Conversation(conversationSid);
    }
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record Some(List<String> conversationSids) {
    List<Sid.Conversation> conversations() {
      return conversationSids.stream().map(Sid.Conversation::new).toList();
    }
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record OneMessage(String conversationSid, String messageSid) {
    Sid.Conversation conversation() {
      return new Sid.Conversation(conversationSid);
    }

    Sid.Message message() {
      return new Sid.Message(messageSid);
    }
  }

  @Json
  record ConversationAnswer(@Nullable ConversationForm conversation) {
    Optional<Conversation> meaning() {
      return Optional.ofNullable(conversation).map(ConversationForm::conversation);
    }
  }

  @Json
  record MessageAnswer(@Nullable MessageForm message) {
    static MessageAnswer of(Optional<Message> message) {
      return new MessageAnswer(message.map(MessageForm::of).orElse(null));
    }

    Optional<Message> meaning() {
      return Optional.ofNullable(message).map(MessageForm::message);
    }
  }

  @Json
  record ParticipantAnswer(@Nullable ParticipantForm participant) {}

  @Json
  record DoneAnswer(boolean done) {}

  @Override
  public Optional<Conversation> find(Sid.Account account, Sid.Conversation conversation) {
    return ask(
        account,
        "/find",
        new One(conversation.text()),
        ConversationAnswer.class,
        ConversationAnswer::meaning);
  }

  @Json
  record PlaceForm(String updated, String sid) {
    Place place() {
      return new Place(Instant.parse(updated), new Sid.Conversation(sid));
    }
  }

  @Json
  record ListRequest(@Nullable String state, @Nullable PlaceForm after, int limit) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record OverviewForm(
      ConversationForm conversation,
      @Nullable ParticipantForm guest,
      @Nullable MessageForm lastMessage,
      long unread) {

    static OverviewForm of(Overview overview) {
      return new OverviewForm(
          ConversationForm.of(overview.conversation()),
          overview.guest().map(ParticipantForm::of).orElse(null),
          overview.lastMessage().map(MessageForm::of).orElse(null),
          overview.unread());
    }

    Overview overview() {
      return new Overview(
          conversation.conversation(),
          Optional.ofNullable(guest).map(ParticipantForm::participant),
          Optional.ofNullable(lastMessage).map(MessageForm::message),
          unread);
    }
  }

  @Json
  record OverviewsAnswer(List<OverviewForm> overviews) {}

  @Override
  public List<Overview> list(
      Sid.Account account, Optional<Conversation.State> state, Optional<Place> after, int limit) {
    return ask(
        account,
        "/list",
        new ListRequest(
            state.map(Conversation.State::word).orElse(null),
            after
                .map(place ->
                    new PlaceForm(place.updated().toString(), place.sid().text()))
                .orElse(null),
            limit),
        OverviewsAnswer.class,
        answer -> answer.overviews().stream().map(OverviewForm::overview).toList());
  }

  @Json
  record OverviewAnswer(@Nullable OverviewForm overview) {}

  @Override
  public Optional<Overview> overview(Sid.Account account, Sid.Conversation conversation) {
    return ask(
        account,
        "/overview",
        new One(conversation.text()),
        OverviewAnswer.class,
        answer -> Optional.ofNullable(answer.overview()).map(OverviewForm::overview));
  }

  @Json
  record SessionsAnswer(List<SessionForm> sessions) {}

  @Override
  public List<Session> sessionsOf(Sid.Account account, List<Sid.Conversation> conversations) {
    return ask(
        account,
        "/sessions",
        new Some(conversations.stream().map(Sid::text).toList()),
        SessionsAnswer.class,
        answer -> answer.sessions().stream().map(SessionForm::session).toList());
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record SendRequest(
      String conversationSid,
      String author,
      String authorKind,
      String authorName,
      String body,
      String attributes,
      @Nullable String clientId) {

    NewMessage message() {
      return new NewMessage(
          new Sid.Conversation(conversationSid),
          author,
          Kind.of(authorKind),
          authorName,
          body,
          attributes,
          Optional.ofNullable(clientId));
    }
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

  @Json(naming = Json.Naming.LowerUnderscore)
  record EditRequest(
      String conversationSid,
      String messageSid,
      @Nullable String body,
      @Nullable String attributes) {}

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

  @Json(naming = Json.Naming.LowerUnderscore)
  record MessagesRequest(String conversationSid, PageForm page) {}

  @Json
  record MessagesAnswer(@Nullable List<MessageForm> messages) {}

  @Override
  public Optional<List<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {
    return ask(
        account,
        "/messages",
        new MessagesRequest(conversation.text(), PageForm.of(page)),
        MessagesAnswer.class,
        answer -> Optional.ofNullable(answer.messages())
            .map(messages -> messages.stream().map(MessageForm::message).toList()));
  }

  @Json
  record ParticipantsAnswer(@Nullable List<ParticipantForm> participants) {}

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

  @Json(naming = Json.Naming.LowerUnderscore)
  record JoinRequest(String conversationSid, String identity, String kind, String name) {}

  @Override
  public Optional<Participant> join(
      Sid.Account account, Sid.Conversation conversation, String identity, Kind kind, String name) {
    return ask(
        account,
        "/join",
        new JoinRequest(conversation.text(), identity, kind.word(), name),
        ParticipantAnswer.class,
        answer -> Optional.ofNullable(answer.participant()).map(ParticipantForm::participant));
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record LeaveRequest(String conversationSid, String participantSid) {}

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

  @Json(naming = Json.Naming.LowerUnderscore)
  record ReadRequest(String conversationSid, String identity, long index) {}

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

  @Json(naming = Json.Naming.LowerUnderscore)
  record TypingRequest(String conversationSid, String identity) {}

  @Override
  public boolean typing(Sid.Account account, Sid.Conversation conversation, String identity) {
    return ask(
        account,
        "/typing",
        new TypingRequest(conversation.text(), identity),
        DoneAnswer.class,
        DoneAnswer::done);
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record DescribeRequest(String conversationSid, String attributes) {}

  @Override
  public Optional<Conversation> describe(
      Sid.Account account, Sid.Conversation conversation, String attributes) {
    return ask(
        account,
        "/describe",
        new DescribeRequest(conversation.text(), attributes),
        ConversationAnswer.class,
        ConversationAnswer::meaning);
  }

  @Override
  public Optional<Conversation> close(Sid.Account account, Sid.Conversation conversation) {
    return ask(
        account,
        "/close",
        new One(conversation.text()),
        ConversationAnswer.class,
        ConversationAnswer::meaning);
  }

  @Override
  public boolean erase(Sid.Account account, Sid.Conversation conversation) {
    return ask(account, "/erase", new One(conversation.text()), DoneAnswer.class, DoneAnswer::done);
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record ChangesRequest(String conversationSid, long after, int limit) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record ChangesForm(List<ChangeForm> changes, long upTo, boolean more) {
    static ChangesForm of(Changes changes) {
      return new ChangesForm(ChangeForm.of(changes.changes()), changes.upTo(), changes.more());
    }

    Changes meaning() {
      return new Changes(changes.stream().map(ChangeForm::change).toList(), upTo, more);
    }
  }

  @Json
  record ChangesAnswer(@Nullable ChangesForm changes) {}

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

  @Json
  record CursorForm(String since, Map<String, Long> told, long typing) {
    static CursorForm of(AccountCursor cursor) {
      Map<String, Long> told = new HashMap<>();
      cursor.told().forEach((sid, revision) -> told.put(sid.text(), revision));
      return new CursorForm(cursor.since().toString(), told, cursor.typing());
    }

    AccountCursor cursor() {
      Map<Sid.Conversation, Long> revisions = new HashMap<>();
      told.forEach((sid, revision) -> revisions.put(new Sid.Conversation(sid), revision));
      return new AccountCursor(Instant.parse(since), revisions, typing);
    }
  }

  /** Without a cursor: where to begin is asked. */
  @Json(naming = Json.Naming.LowerUnderscore)
  record WatchRequest(@Nullable CursorForm cursor, long patienceMillis) {}

  @Json
  record NewsForm(List<OverviewForm> overviews, List<TypingForm> typing, CursorForm cursor) {
    static NewsForm of(AccountNews news) {
      return new NewsForm(
          news.overviews().stream().map(OverviewForm::of).toList(),
          TypingForm.of(news.typing()),
          CursorForm.of(news.cursor()));
    }

    AccountNews news() {
      return new AccountNews(
          overviews.stream().map(OverviewForm::overview).toList(),
          typing.stream().map(TypingForm::typing).toList(),
          cursor.cursor());
    }
  }

  @Override
  public AccountCursor watchFromNow(Sid.Account account) {
    return ask(account, "/watch", new WatchRequest(null, 0), NewsForm.class, NewsForm::news)
        .cursor();
  }

  @Override
  public AccountNews watch(Sid.Account account, AccountCursor cursor, Duration patience) {
    return patient.post(
        CONVERSATIONS.replace("{AccountSid}", account.text()) + "/watch",
        new WatchRequest(CursorForm.of(cursor), patience.toMillis()),
        NewsForm.class,
        NewsForm::news);
  }
}
