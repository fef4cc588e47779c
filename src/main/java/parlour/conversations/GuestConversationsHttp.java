package parlour.conversations;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonText;
import parlour.http.json.JsonType;
import parlour.http.server.Routes;
import parlour.media.Media;
import parlour.media.MediaFile;
import parlour.media.NewUpload;
import parlour.push.PushAnswer;
import parlour.push.PushOffer;
import parlour.push.PushSubscription;

/** GuestConversations over HTTP: the endpoints of the internal listener, and their client. */
public final class GuestConversationsHttp implements GuestConversations {
  private static final InternalCalls<GuestConversations> CALLS =
      new InternalCalls<>("/v1/GuestConversations");

  record ReadHistory(GuestCredentials credentials, PageOfMessages page) {}

  private static final InternalCalls<GuestConversations>.Call<
          ReadHistory, GuestOutcome<Optional<History>>>
      HISTORY = CALLS.declare(
          "/history",
          ReadHistory.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.history(call.credentials(), call.page()));

  record ReadSpeakers(GuestCredentials credentials) {}

  private static final InternalCalls<GuestConversations>.Call<
          ReadSpeakers, GuestOutcome<Optional<List<Speaker>>>>
      SPEAKERS = CALLS.declare(
          "/speakers",
          ReadSpeakers.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.speakers(call.credentials()));

  record Send(
      GuestCredentials credentials,
      String body,
      JsonText attributes,
      List<Sid.Media> files,
      String clientId) {}

  private static final InternalCalls<GuestConversations>.Call<Send, GuestOutcome<Sent>> SEND = CALLS
      .declare(
          "/send",
          Send.class,
          "outcome",
          new JsonType<GuestOutcome<Sent>>() {},
          (service, call) -> service.send(
              call.credentials(), call.body(), call.attributes(), call.files(), call.clientId()))
      .reservingItsAnswer();

  record Edit(
      GuestCredentials credentials,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes) {}

  private static final InternalCalls<GuestConversations>.Call<Edit, GuestOutcome<EditOutcome>>
      EDIT = CALLS
          .declare(
              "/edit",
              Edit.class,
              "outcome",
              new JsonType<GuestOutcome<EditOutcome>>() {},
              (service, call) ->
                  service.edit(call.credentials(), call.message(), call.body(), call.attributes()))
          .reservingItsAnswer();

  record Remove(GuestCredentials credentials, Sid.Message message) {}

  private static final InternalCalls<GuestConversations>.Call<Remove, GuestOutcome<EditOutcome>>
      REMOVE = CALLS.declare(
          "/remove",
          Remove.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.remove(call.credentials(), call.message()));

  record UpdateMe(
      GuestCredentials credentials, Optional<String> name, Optional<JsonText> attributes) {}

  private static final InternalCalls<GuestConversations>.Call<
          UpdateMe, GuestOutcome<Optional<Participant>>>
      UPDATE_ME = CALLS.declare(
          "/update-me",
          UpdateMe.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.updateMe(call.credentials(), call.name(), call.attributes()));

  record BeginUpload(GuestCredentials credentials, NewUpload upload) {}

  private static final InternalCalls<GuestConversations>.Call<
          BeginUpload, GuestOutcome<Optional<Media.Begun>>>
      BEGIN_UPLOAD = CALLS.declare(
          "/begin-upload",
          BeginUpload.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.beginUpload(call.credentials(), call.upload()));

  record FindFiles(GuestCredentials credentials, List<Sid.Media> files) {}

  private static final InternalCalls<GuestConversations>.Call<
          FindFiles, GuestOutcome<List<MediaFile>>>
      FILES = CALLS.declare(
          "/files",
          FindFiles.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.files(call.credentials(), call.files()));

  record Read(GuestCredentials credentials, MessageIndex index) {}

  private static final InternalCalls<GuestConversations>.Call<Read, GuestOutcome<MessageIndex>>
      READ = CALLS.declare(
          "/read",
          Read.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.read(call.credentials(), call.index()));

  record CountUnread(GuestCredentials credentials, MessageIndex after) {}

  private static final InternalCalls<GuestConversations>.Call<
          CountUnread, GuestOutcome<Optional<Integer>>>
      UNREAD = CALLS.declare(
          "/unread",
          CountUnread.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.unread(call.credentials(), call.after()));

  record Type(GuestCredentials credentials) {}

  private static final InternalCalls<GuestConversations>.Call<Type, GuestOutcome<Boolean>> TYPING =
      CALLS.declare(
          "/typing",
          Type.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.typing(call.credentials()));

  record End(GuestCredentials credentials, boolean forget) {}

  private static final InternalCalls<GuestConversations>.Call<End, GuestOutcome<Conversation.State>>
      END = CALLS.declare(
          "/end",
          End.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.end(call.credentials(), call.forget()));

  record Reopen(GuestCredentials credentials, Duration within) {}

  private static final InternalCalls<GuestConversations>.Call<Reopen, GuestOutcome<UpdateOutcome>>
      REOPEN = CALLS.declare(
          "/reopen",
          Reopen.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.reopen(call.credentials(), call.within()));

  record GetPushOffer(GuestCredentials credentials) {}

  private static final InternalCalls<GuestConversations>.Call<GetPushOffer, GuestOutcome<PushOffer>>
      PUSH_OFFER = CALLS.declare(
          "/push-offer",
          GetPushOffer.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.pushOffer(call.credentials()));

  record Subscribe(GuestCredentials credentials, PushSubscription subscription) {}

  private static final InternalCalls<GuestConversations>.Call<Subscribe, GuestOutcome<PushAnswer>>
      SUBSCRIBE = CALLS.declare(
          "/subscribe",
          Subscribe.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.subscribe(call.credentials(), call.subscription()));

  record Unsubscribe(GuestCredentials credentials) {}

  private static final InternalCalls<GuestConversations>.Call<Unsubscribe, GuestOutcome<Boolean>>
      UNSUBSCRIBE = CALLS.declare(
          "/unsubscribe",
          Unsubscribe.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.unsubscribe(call.credentials()));

  record Enter(GuestCredentials credentials) {}

  private static final InternalCalls<GuestConversations>.Call<
          Enter, GuestOutcome<Optional<Entered>>>
      ENTER = CALLS.declare(
          "/enter",
          Enter.class,
          "outcome",
          new JsonType<>() {},
          (service, call) -> service.enter(call.credentials()));

  private final InternalClient conversations;
  private final Followers followers;

  /** The client of another process. */
  public GuestConversationsHttp(InternalClient conversations, Followers followers) {
    this.conversations = conversations;
    this.followers = followers;
  }

  /** The endpoints for the service of this process. */
  public static void serve(GuestConversations service, Routes routes) {
    CALLS.serve(service, routes);
  }

  @Override
  public GuestOutcome<Optional<History>> history(
      GuestCredentials credentials, PageOfMessages page) {
    return HISTORY.ask(conversations, new ReadHistory(credentials, page));
  }

  @Override
  public GuestOutcome<Optional<List<Speaker>>> speakers(GuestCredentials credentials) {
    return SPEAKERS.ask(conversations, new ReadSpeakers(credentials));
  }

  @Override
  public GuestOutcome<Sent> send(
      GuestCredentials credentials,
      String body,
      JsonText attributes,
      List<Sid.Media> files,
      String clientId) {
    return SEND.ask(conversations, new Send(credentials, body, attributes, files, clientId));
  }

  @Override
  public GuestOutcome<Optional<Media.Begun>> beginUpload(
      GuestCredentials credentials, NewUpload upload) {
    return BEGIN_UPLOAD.ask(conversations, new BeginUpload(credentials, upload));
  }

  @Override
  public GuestOutcome<List<MediaFile>> files(GuestCredentials credentials, List<Sid.Media> files) {
    return FILES.ask(conversations, new FindFiles(credentials, files));
  }

  @Override
  public GuestOutcome<EditOutcome> edit(
      GuestCredentials credentials,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes) {
    return EDIT.ask(conversations, new Edit(credentials, message, body, attributes));
  }

  @Override
  public GuestOutcome<EditOutcome> remove(GuestCredentials credentials, Sid.Message message) {
    return REMOVE.ask(conversations, new Remove(credentials, message));
  }

  @Override
  public GuestOutcome<Optional<Participant>> updateMe(
      GuestCredentials credentials, Optional<String> name, Optional<JsonText> attributes) {
    return UPDATE_ME.ask(conversations, new UpdateMe(credentials, name, attributes));
  }

  @Override
  public GuestOutcome<MessageIndex> read(GuestCredentials credentials, MessageIndex index) {
    return READ.ask(conversations, new Read(credentials, index));
  }

  @Override
  public GuestOutcome<Optional<Integer>> unread(GuestCredentials credentials, MessageIndex after) {
    return UNREAD.ask(conversations, new CountUnread(credentials, after));
  }

  @Override
  public GuestOutcome<Boolean> typing(GuestCredentials credentials) {
    return TYPING.ask(conversations, new Type(credentials));
  }

  @Override
  public GuestOutcome<Conversation.State> end(GuestCredentials credentials, boolean forget) {
    return END.ask(conversations, new End(credentials, forget));
  }

  @Override
  public GuestOutcome<UpdateOutcome> reopen(GuestCredentials credentials, Duration within) {
    return REOPEN.ask(conversations, new Reopen(credentials, within));
  }

  @Override
  public GuestOutcome<PushOffer> pushOffer(GuestCredentials credentials) {
    return PUSH_OFFER.ask(conversations, new GetPushOffer(credentials));
  }

  @Override
  public GuestOutcome<PushAnswer> subscribe(
      GuestCredentials credentials, PushSubscription subscription) {
    return SUBSCRIBE.ask(conversations, new Subscribe(credentials, subscription));
  }

  @Override
  public GuestOutcome<Boolean> unsubscribe(GuestCredentials credentials) {
    return UNSUBSCRIBE.ask(conversations, new Unsubscribe(credentials));
  }

  @Override
  public GuestOutcome<Optional<Entered>> enter(GuestCredentials credentials) {
    return ENTER.ask(conversations, new Enter(credentials));
  }

  @Override
  public PollResult follow(GuestSession session, Cursor cursor, Duration timeout, Amount amount) {
    return followers.follow(session, cursor, timeout, amount);
  }
}
