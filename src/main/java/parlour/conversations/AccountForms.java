package parlour.conversations;

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

  record CreateRequest(
      String conversationSid,
      String addressSid,
      String deploymentKey,
      String identity,
      String customerFriendlyName,
      String preEngagementData,
      @Nullable FirstMessageForm firstMessage,
      @Nullable GreetingForm greeting) {}

  record FirstMessageForm(String body, @Nullable String clientId) {}

  record GreetingForm(String authorName, String body) {}

  record CreateAnswer(String conversationSid) {}

  record One(String conversationSid) {
    Sid.Conversation conversation() {
      return new Sid.Conversation(conversationSid);
    }
  }

  record Some(List<String> conversationSids) {
    List<Sid.Conversation> conversations() {
      return conversationSids.stream().map(Sid.Conversation::new).toList();
    }
  }

  record OneMessage(String conversationSid, String messageSid) {
    Sid.Conversation conversation() {
      return new Sid.Conversation(conversationSid);
    }

    Sid.Message message() {
      return new Sid.Message(messageSid);
    }
  }

  record ConversationAnswer(@Nullable ConversationForm conversation) {
    Optional<Conversation> meaning() {
      return Optional.ofNullable(conversation).map(ConversationForm::conversation);
    }
  }

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

  record DoneAnswer(boolean done) {}

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

  record ListRequest(@Nullable String state, @Nullable PlaceForm after, int limit) {}

  record InboxRequest(String state, @Nullable PlaceForm after, int limit) {}

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

  record OverviewsAnswer(List<OverviewForm> overviews, boolean more) {
    static OverviewsAnswer of(Page<Overview> page) {
      return new OverviewsAnswer(page.items().stream().map(OverviewForm::of).toList(), page.more());
    }

    Page<Overview> page() {
      return new Page<>(overviews.stream().map(OverviewForm::overview).toList(), more);
    }
  }

  record OverviewAnswer(@Nullable OverviewForm overview) {}

  record SessionsAnswer(List<SessionForm> sessions) {}

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

  record EditRequest(
      String conversationSid,
      String messageSid,
      @Nullable String body,
      @Nullable String attributes) {}

  record MessagesRequest(String conversationSid, PageForm page) {}

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

  record ParticipantsAnswer(@Nullable List<ParticipantForm> participants) {}

  record JoinRequest(
      String conversationSid,
      String identity,
      String kind,
      @Nullable String name) {}

  record LeaveRequest(String conversationSid, String participantSid) {}

  record ReadRequest(String conversationSid, String identity, long index) {}

  record TypingRequest(String conversationSid, String identity) {}

  record UpdateRequest(
      String conversationSid,
      @Nullable String attributes,
      @Nullable String state) {
    Conversations.Update update() {
      return new Conversations.Update(
          Optional.ofNullable(attributes), Optional.ofNullable(state).map(Conversation.State::of));
    }
  }

  record OthersRequest(String conversationSid, int limit) {}

  record QuietRequest(String deploymentKey, String since, int atMost) {}

  record ErasedAnswer(int erased) {}

  record ChangesRequest(String conversationSid, long after, int limit) {}

  record ChangesForm(List<ChangeForm> changes, long upTo, boolean more) {
    static ChangesForm of(Changes changes) {
      return new ChangesForm(ChangeForm.of(changes.changes()), changes.upTo(), changes.more());
    }

    Changes meaning() {
      return new Changes(changes.stream().map(ChangeForm::change).toList(), upTo, more);
    }
  }

  record ChangesAnswer(@Nullable ChangesForm changes) {}

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
          Optional.ofNullable(refused)
              .map(last -> new Conversations.Refusals(readAt(), sids(last))));
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
  record WatchRequest(@Nullable CursorForm cursor, long patienceMillis, String amount) {}

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
