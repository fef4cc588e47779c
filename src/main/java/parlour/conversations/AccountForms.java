package parlour.conversations;

import io.avaje.jsonb.Json;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.conversations.Conversations.AccountCursor;
import parlour.conversations.Conversations.AccountNews;
import parlour.conversations.Conversations.NewMessage;
import parlour.conversations.Conversations.Overview;
import parlour.conversations.Conversations.Place;
import parlour.conversations.Forms.ChangeForm;
import parlour.conversations.Forms.ConversationForm;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.PageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Forms.TypingForm;
import parlour.scopedauth.SessionForm;

/** What goes through the account's door when it is far, question by question. */
final class AccountForms {
  private AccountForms() {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record CreateRequest(
      String conversationSid,
      String addressSid,
      String deploymentKey,
      String identity,
      String customerFriendlyName,
      String preEngagementData,
      @Nullable FirstMessageForm firstMessage,
      @Nullable GreetingForm greeting) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record FirstMessageForm(String body, @Nullable String clientId) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record GreetingForm(String authorName, String body) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record CreateAnswer(String conversationSid) {}

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

  /**
   * The outcome of adding a participant: {@code joined}, {@code already_there}, {@code full} or {@code
   * not_found}.
   */
  @Json
  record JoinAnswer(String outcome, @Nullable ParticipantForm participant) {
    static JoinAnswer of(JoinOutcome outcome) {
      return switch (outcome) {
        case JoinOutcome.Joined(Participant one) ->
          new JoinAnswer("joined", ParticipantForm.of(one));
        case JoinOutcome.AlreadyThere(Participant one) ->
          new JoinAnswer("already_there", ParticipantForm.of(one));
        case JoinOutcome.Full() -> new JoinAnswer("full", null);
        case JoinOutcome.NotFound() -> new JoinAnswer("not_found", null);
      };
    }

    JoinOutcome meaning() {
      return switch (outcome) {
        case "joined" -> new JoinOutcome.Joined(known());
        case "already_there" -> new JoinOutcome.AlreadyThere(known());
        case "full" -> new JoinOutcome.Full();
        case "not_found" -> new JoinOutcome.NotFound();
        default -> throw new IllegalArgumentException("an unknown outcome");
      };
    }

    private Participant known() {
      if (participant == null) {
        throw new IllegalArgumentException("an outcome without its participant");
      }
      return participant.participant();
    }
  }

  /** The outcome of an update: {@code updated}, {@code not_reopened} or {@code not_found}. */
  @Json
  record UpdateAnswer(String outcome, @Nullable ConversationForm conversation) {
    static UpdateAnswer of(UpdateOutcome outcome) {
      return switch (outcome) {
        case UpdateOutcome.Updated(Conversation one) ->
          new UpdateAnswer("updated", ConversationForm.of(one));
        case UpdateOutcome.NotReopened() -> new UpdateAnswer("not_reopened", null);
        case UpdateOutcome.NotFound() -> new UpdateAnswer("not_found", null);
      };
    }

    UpdateOutcome meaning() {
      return switch (outcome) {
        case "updated" -> {
          if (conversation == null) {
            throw new IllegalArgumentException("an outcome without its conversation");
          }
          yield new UpdateOutcome.Updated(conversation.conversation());
        }
        case "not_reopened" -> new UpdateOutcome.NotReopened();
        case "not_found" -> new UpdateOutcome.NotFound();
        default -> throw new IllegalArgumentException("an unknown outcome");
      };
    }
  }

  @Json
  record DoneAnswer(boolean done) {}

  @Json
  record PlaceForm(String at, String sid) {
    static @Nullable PlaceForm of(Optional<Place> place) {
      return place
          .map(one -> new PlaceForm(one.at().toString(), one.sid().text()))
          .orElse(null);
    }

    Place place() {
      return new Place(Instant.parse(at), new Sid.Conversation(sid));
    }
  }

  @Json
  record ListRequest(@Nullable String state, @Nullable PlaceForm after, int limit) {}

  @Json
  record InboxRequest(String state, @Nullable PlaceForm after, int limit) {}

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
  record OverviewsAnswer(List<OverviewForm> overviews, boolean more) {
    static OverviewsAnswer of(Page<Overview> page) {
      return new OverviewsAnswer(page.items().stream().map(OverviewForm::of).toList(), page.more());
    }

    Page<Overview> page() {
      return new Page<>(overviews.stream().map(OverviewForm::overview).toList(), more);
    }
  }

  @Json
  record OverviewAnswer(@Nullable OverviewForm overview) {}

  @Json
  record SessionsAnswer(List<SessionForm> sessions) {}

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
          ParticipantKind.of(authorKind),
          authorName,
          body,
          attributes,
          Optional.ofNullable(clientId));
    }
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record EditRequest(
      String conversationSid,
      String messageSid,
      @Nullable String body,
      @Nullable String attributes) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record MessagesRequest(String conversationSid, PageForm page) {}

  @Json
  record MessagesAnswer(@Nullable List<MessageForm> messages, boolean more) {
    static MessagesAnswer of(Optional<Page<Message>> page) {
      return new MessagesAnswer(
          page.map(Page::items).map(MessageForm::of).orElse(null),
          page.map(Page::more).orElse(false));
    }

    Optional<Page<Message>> page() {
      return Optional.ofNullable(messages)
          .map(all -> new Page<>(all.stream().map(MessageForm::message).toList(), more));
    }
  }

  @Json
  record ParticipantsAnswer(@Nullable List<ParticipantForm> participants) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record JoinRequest(
      String conversationSid,
      String identity,
      String kind,
      @Nullable String name) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record LeaveRequest(String conversationSid, String participantSid) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record ReadRequest(String conversationSid, String identity, long index) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record TypingRequest(String conversationSid, String identity) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record UpdateRequest(
      String conversationSid,
      @Nullable String attributes,
      @Nullable String state) {
    Conversations.Update update() {
      return new Conversations.Update(
          Optional.ofNullable(attributes), Optional.ofNullable(state).map(Conversation.State::of));
    }
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record OthersRequest(String conversationSid, int limit) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record QuietRequest(String deploymentKey, String since, int atMost) {}

  @Json
  record ErasedAnswer(int erased) {}

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

  @Json
  record CursorForm(
      String since,
      Map<String, Long> told,
      long typing,
      @Nullable Map<String, Long> refused,
      @Nullable String refusedReadAt) {
    static CursorForm of(AccountCursor cursor) {
      return new CursorForm(
          cursor.since().toString(),
          texts(cursor.told()),
          cursor.typing(),
          cursor.refused().map(refusals -> texts(refusals.last())).orElse(null),
          cursor.refused().map(refusals -> refusals.readAt().toString()).orElse(null));
    }

    AccountCursor cursor() {
      return new AccountCursor(
          Instant.parse(since),
          sids(told),
          typing,
          Optional.ofNullable(refused).map(last -> new Conversations.Refusals(readAt(), sids(last))));
    }

    private Instant readAt() {
      return refusedReadAt == null ? Instant.EPOCH : Instant.parse(refusedReadAt);
    }

    private static Map<String, Long> texts(Map<Sid.Conversation, Long> numbers) {
      Map<String, Long> texts = new HashMap<>();
      numbers.forEach((sid, number) -> texts.put(sid.text(), number));
      return texts;
    }

    private static Map<Sid.Conversation, Long> sids(Map<String, Long> numbers) {
      Map<Sid.Conversation, Long> sids = new HashMap<>();
      numbers.forEach((sid, number) -> sids.put(new Sid.Conversation(sid), number));
      return sids;
    }
  }

  /** Without a cursor: where to begin is asked. */
  @Json(naming = Json.Naming.LowerUnderscore)
  record WatchRequest(@Nullable CursorForm cursor, long patienceMillis, String amount) {}

  @Json
  record NewsForm(
      List<OverviewForm> overviews,
      List<String> erased,
      List<TypingForm> typing,
      CursorForm cursor,
      boolean more) {
    static NewsForm of(AccountNews news) {
      return new NewsForm(
          news.overviews().stream().map(OverviewForm::of).toList(),
          news.erased().stream().map(Sid::text).toList(),
          TypingForm.of(news.typing()),
          CursorForm.of(news.cursor()),
          news.more());
    }

    AccountNews news() {
      return new AccountNews(
          overviews.stream().map(OverviewForm::overview).toList(),
          erased.stream().map(Sid.Conversation::new).toList(),
          typing.stream().map(TypingForm::typing).toList(),
          cursor.cursor(),
          more);
    }
  }
}
