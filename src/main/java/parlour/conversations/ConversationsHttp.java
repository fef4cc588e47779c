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
import parlour.http.json.Json;
import parlour.http.json.JsonText;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.scopedauth.Session;

/** Conversations over HTTP: the endpoints of the internal listener, and their client. */
public final class ConversationsHttp implements Conversations {
  static final String ROOT = "/v1/Accounts/{account}/Conversations";

  private final InternalClient conversations;
  private final Followers followers;

  /** The client of another process. */
  public ConversationsHttp(InternalClient conversations, Followers followers) {
    this.conversations = conversations;
    this.followers = followers;
  }

  /** The endpoints for the service of this process. */
  public static void serve(Conversations service, Routes routes) {
    routes.post(ROOT, request -> create(service, request));
    ConversationCalls.CALLS.serve(service, routes);
    MessageCalls.CALLS.serve(service, routes);
    ParticipantCalls.CALLS.serve(service, routes);
    ChangeCalls.CALLS.serve(service, routes);
  }

  /** The body of arrow 10 of docs/diagrams/create-session.mmd. */
  record CreateRequest(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Address address,
      Sid.Deployment deployment,
      Identity identity,
      String customerFriendlyName,
      JsonText preEngagementData,
      Optional<FirstMessage> firstMessage,
      Optional<Greeting> greeting,
      Optional<JsonText> attributes) {}

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
        call.greeting(),
        call.attributes().orElse(JsonText.EMPTY)));
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
        conversation.greeting(),
        Optional.of(conversation.attributes())
            .filter(attributes -> !attributes.equals(JsonText.EMPTY)));
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
    return ConversationCalls.FIND.ask(
        conversations, new ConversationCalls.Find(account, conversation));
  }

  @Override
  public Page<Overview> list(
      Sid.Account account, Optional<Conversation.State> state, Optional<Place> after, int limit) {
    return ConversationCalls.LIST.ask(
        conversations, new ConversationCalls.ListAll(account, state, after, limit));
  }

  @Override
  public InboxPage inbox(
      Sid.Account account, Sight sight, InboxList list, Optional<Place> after, int limit) {
    return ConversationCalls.INBOX.ask(
        conversations, new ConversationCalls.Inbox(account, sight, list, after, limit));
  }

  @Override
  public Optional<Overview> overview(Sid.Account account, Sid.Conversation conversation) {
    return ConversationCalls.OVERVIEW.ask(
        conversations, new ConversationCalls.FindOverview(account, conversation));
  }

  @Override
  public List<Integer> counts(Sid.Account account, Sight sight, List<InboxList> lists, int max) {
    return ConversationCalls.COUNTS.ask(
        conversations, new ConversationCalls.Counts(account, sight, lists, max));
  }

  @Override
  public int unread(Sid.Account account, Sight sight, List<InboxList> lists, int conversations) {
    return ConversationCalls.UNREAD.ask(
        this.conversations, new ConversationCalls.Unread(account, sight, lists, conversations));
  }

  @Override
  public Page<Overview> ofGuest(
      Sid.Account account, Identity guest, Optional<Place> after, int limit) {
    return ConversationCalls.OF_GUEST.ask(
        conversations, new ConversationCalls.OfGuest(account, guest, after, limit));
  }

  @Override
  public List<Session> everySessionOf(Sid.Account account, Sid.Conversation conversation) {
    return ConversationCalls.EVERY_SESSION.ask(
        conversations, new ConversationCalls.EverySessionOf(account, conversation));
  }

  @Override
  public List<Session> sessionsOf(Sid.Account account, List<Sid.Conversation> conversations) {
    return ConversationCalls.SESSIONS.ask(
        this.conversations, new ConversationCalls.SessionsOf(account, conversations));
  }

  @Override
  public Sent send(Sid.Account account, NewMessage message) {
    return MessageCalls.SEND.ask(conversations, new MessageCalls.Send(account, message));
  }

  @Override
  public Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes) {
    return MessageCalls.EDIT.ask(
        conversations, new MessageCalls.Edit(account, conversation, message, body, attributes));
  }

  @Override
  public Optional<Message> remove(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return MessageCalls.REMOVE.ask(
        conversations, new MessageCalls.Remove(account, conversation, message));
  }

  @Override
  public Optional<Message> message(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return MessageCalls.MESSAGE.ask(
        conversations, new MessageCalls.FindMessage(account, conversation, message));
  }

  @Override
  public Optional<Page<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {
    return MessageCalls.MESSAGES.ask(
        conversations, new MessageCalls.FindMessages(account, conversation, page));
  }

  @Override
  public Optional<List<Participant>> participants(
      Sid.Account account, Sid.Conversation conversation) {
    return ParticipantCalls.PARTICIPANTS.ask(
        conversations, new ParticipantCalls.FindParticipants(account, conversation));
  }

  @Override
  public JoinOutcome join(
      Sid.Account account, Sid.Conversation conversation, NewParticipant participant) {
    return ParticipantCalls.JOIN.ask(
        conversations, new ParticipantCalls.Join(account, conversation, participant));
  }

  @Override
  public boolean leave(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant) {
    return ParticipantCalls.LEAVE.ask(
        conversations, new ParticipantCalls.Leave(account, conversation, participant));
  }

  @Override
  public Optional<Participant> updateParticipant(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update) {
    return ParticipantCalls.UPDATE_PARTICIPANT.ask(
        conversations,
        new ParticipantCalls.UpdateParticipant(account, conversation, identity, update));
  }

  @Override
  public boolean read(
      Sid.Account account, Sid.Conversation conversation, Identity identity, MessageIndex index) {
    return ParticipantCalls.READ.ask(
        conversations, new ParticipantCalls.Read(account, conversation, identity, index));
  }

  @Override
  public boolean typing(Sid.Account account, Sid.Conversation conversation, Identity identity) {
    return ParticipantCalls.TYPING.ask(
        conversations, new ParticipantCalls.Type(account, conversation, identity));
  }

  @Override
  public UpdateOutcome update(Sid.Account account, Sid.Conversation conversation, Update update) {
    return ConversationCalls.UPDATE.ask(
        conversations, new ConversationCalls.UpdateOne(account, conversation, update));
  }

  @Override
  public Page<Overview> othersOf(Sid.Account account, Sid.Conversation conversation, int limit) {
    return ConversationCalls.OTHERS.ask(
        conversations, new ConversationCalls.OthersOf(account, conversation, limit));
  }

  @Override
  public boolean erase(Sid.Account account, Sid.Conversation conversation) {
    return ConversationCalls.ERASE.ask(
        conversations, new ConversationCalls.Erase(account, conversation));
  }

  @Override
  public int eraseQuiet(Sid.Account account, Sid.Deployment deployment, Instant since, int max) {
    return ConversationCalls.ERASE_QUIET.ask(
        conversations, new ConversationCalls.EraseQuiet(account, deployment, since, max));
  }

  @Override
  public int eraseQuiet(Sid.Account account, Sid.Address address, Instant since, int max) {
    return ConversationCalls.ERASE_QUIET_OF_ADDRESS.ask(
        conversations, new ConversationCalls.EraseQuietOf(account, address, since, max));
  }

  @Override
  public Optional<Changes> changes(
      Sid.Account account, Sid.Conversation conversation, Revision after, int limit) {
    return ChangeCalls.CHANGES.ask(
        conversations, new ChangeCalls.FindChanges(account, conversation, after, limit));
  }

  @Override
  public AccountCursor watchFromNow(Sid.Account account) {
    return ChangeCalls.WATCH_FROM_NOW.ask(conversations, new ChangeCalls.WatchFromNow(account));
  }

  @Override
  public AccountNews watch(
      Sid.Account account, AccountCursor cursor, Duration timeout, Amount amount) {
    return followers.watch(account, cursor, timeout, amount);
  }
}
