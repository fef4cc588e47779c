package parlour.conversations;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.Forms.ChangeForm;
import parlour.conversations.Forms.ConversationForm;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.PageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Forms.SentForm;
import parlour.conversations.Forms.TypingForm;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.client.InternalClient;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Verdict;

/** Both ends of the guests' wire: the endpoints of the internal listener, and their client. */
public final class GuestConversationsHttp implements GuestConversations {
  private static final String GUESTS = "/v1/GuestConversations";

  private final InternalClient conversations;
  private final InternalClient patient;

  /**
   * The client: asks the Conversations of another process.
   *
   * @param patient waits longer than {@link Limits#FOLLOW_TIMEOUT}
   */
  public GuestConversationsHttp(InternalClient conversations, InternalClient patient) {
    this.conversations = conversations;
    this.patient = patient;
  }

  /** The endpoints: answer for the service of this process. */
  public static void serve(GuestConversations service, Routes routes) {
    on(
        routes,
        "/history",
        HistoryRequest.class,
        asked ->
            HistoryAnswer.of(service.history(asked.pass().pass(), asked.page().page())));
    on(
        routes,
        "/send",
        SendRequest.class,
        asked -> SendAnswer.of(
            service.send(asked.pass().pass(), asked.body(), asked.attributes(), asked.clientId())));
    on(
        routes,
        "/read",
        ReadRequest.class,
        asked -> ReadAnswer.of(service.read(asked.pass().pass(), asked.index())));
    on(
        routes,
        "/typing",
        PassRequest.class,
        asked -> TypingAnswer.of(service.typing(asked.pass().pass())));
    on(
        routes,
        "/end",
        EndRequest.class,
        asked -> EndAnswer.of(service.end(asked.pass().pass(), asked.forget())));
    on(
        routes,
        "/enter",
        PassRequest.class,
        asked -> EnterAnswer.of(service.enter(asked.pass().pass())));
    on(
        routes,
        "/follow",
        FollowRequest.class,
        asked -> FollowAnswer.of(service.follow(
            asked.session().session(),
            new Cursor(asked.revision(), asked.typing()),
            Duration.ofMillis(asked.patienceMillis()),
            Amount.of(asked.amount()))));
  }

  private static <T> void on(
      Routes routes, String deed, Class<T> type, Function<T, Object> service) {
    routes.post(GUESTS + deed, call -> {
      T asked = call.json(type, Limits.INTERNAL_BODY);
      if (deed.equals("/send")) {
        call.reserveAnswer(call.bodyBytes()); // before the message is stored; the answer repeats it
      }
      try {
        return ApiResponse.json(200, service.apply(asked));
      } catch (IllegalArgumentException e) {
        throw Problem.malformed(e);
      } catch (DateTimeException e) {
        throw new Problem(ErrorCode.MALFORMED, "The body does not fit: no instant.");
      }
    });
  }

  record PassForm(
      String token,
      String fingerprint,
      String accountSid,
      String deploymentKey,
      boolean revokeOnReplay) {

    static PassForm of(GuestCredentials pass) {
      return new PassForm(
          pass.token().text(),
          pass.fingerprint().text(),
          pass.audience().account().text(),
          pass.audience().deployment().text(),
          pass.audience().revokeOnReplay());
    }

    GuestCredentials pass() {
      return new GuestCredentials(
          new GuestToken(token),
          new Audience(
              new Sid.Account(accountSid), new Sid.Deployment(deploymentKey), revokeOnReplay),
          Fingerprint.parse(fingerprint));
    }

    @Override
    public String toString() {
      return "PassForm[…]";
    }
  }

  record PassRequest(PassForm pass) {}

  /** Null: let in; otherwise ScopedAuth's message. */
  private static @Nullable String refusal(GuestOutcome<?> outcome) {
    return switch (outcome) {
      case GuestOutcome.Done<?> done -> null;
      case GuestOutcome.Refused<?>(Verdict.Failure failure) -> failure.message();
    };
  }

  private static <T> Optional<T> value(GuestOutcome<T> outcome) {
    return switch (outcome) {
      case GuestOutcome.Done<T>(T value) -> Optional.of(value);
      case GuestOutcome.Refused<T> refused -> Optional.empty();
    };
  }

  /** Anything that is neither a clear yes nor a clear no is nonsense, and so an outage. */
  private static <T> GuestOutcome<T> outcome(@Nullable String refused, @Nullable T value) {
    if (refused != null) {
      return new GuestOutcome.Refused<>(failure(refused));
    }
    if (value == null) {
      throw new IllegalArgumentException("let in to nothing");
    }
    return new GuestOutcome.Done<>(value);
  }

  private static Verdict.Failure failure(String message) {
    for (Verdict.Failure failure : Verdict.Failure.values()) {
      if (failure.message().equals(message)) {
        return failure;
      }
    }
    throw new IllegalArgumentException("refused with an unknown message");
  }

  record HistoryRequest(PassForm pass, PageForm page) {}

  record HistoryForm(
      ConversationForm conversation,
      String identity,
      List<ParticipantForm> participants,
      List<MessageForm> messages,
      boolean more) {

    static HistoryForm of(History history) {
      return new HistoryForm(
          ConversationForm.of(history.conversation()),
          history.identity(),
          ParticipantForm.of(history.participants()),
          MessageForm.of(history.messages()),
          history.more());
    }

    History history() {
      return new History(
          conversation.conversation(),
          identity,
          participants.stream().map(ParticipantForm::participant).toList(),
          messages.stream().map(MessageForm::message).toList(),
          more);
    }
  }

  /** Neither: the guest was let in, and the conversation is gone. */
  record HistoryAnswer(@Nullable String refused, @Nullable HistoryForm history) {
    static HistoryAnswer of(GuestOutcome<Optional<History>> outcome) {
      return new HistoryAnswer(
          refusal(outcome),
          value(outcome).flatMap(found -> found).map(HistoryForm::of).orElse(null));
    }
  }

  @Override
  public GuestOutcome<Optional<History>> history(GuestCredentials pass, PageOfMessages page) {
    return conversations.post(
        GUESTS + "/history",
        new HistoryRequest(PassForm.of(pass), PageForm.of(page)),
        HistoryAnswer.class,
        answer -> outcome(
            answer.refused(), Optional.ofNullable(answer.history()).map(HistoryForm::history)));
  }

  record SendRequest(PassForm pass, String body, String attributes, String clientId) {}

  record SendAnswer(@Nullable String refused, @Nullable SentForm sent) {
    static SendAnswer of(GuestOutcome<Sent> outcome) {
      return new SendAnswer(refusal(outcome), value(outcome).map(SentForm::of).orElse(null));
    }
  }

  @Override
  public GuestOutcome<Sent> send(
      GuestCredentials pass, String body, String attributes, String clientId) {
    return conversations.post(
        GUESTS + "/send",
        new SendRequest(PassForm.of(pass), body, attributes, clientId),
        SendAnswer.class,
        answer -> {
          SentForm sent = answer.sent();
          return outcome(answer.refused(), sent == null ? null : sent.sent());
        });
  }

  record ReadRequest(PassForm pass, long index) {}

  record ReadAnswer(@Nullable String refused, @Nullable Long readIndex) {
    static ReadAnswer of(GuestOutcome<Long> outcome) {
      return new ReadAnswer(refusal(outcome), value(outcome).orElse(null));
    }
  }

  @Override
  public GuestOutcome<Long> read(GuestCredentials pass, long index) {
    return conversations.post(
        GUESTS + "/read",
        new ReadRequest(PassForm.of(pass), index),
        ReadAnswer.class,
        answer -> outcome(answer.refused(), answer.readIndex()));
  }

  record TypingAnswer(@Nullable String refused, @Nullable Boolean typing) {
    static TypingAnswer of(GuestOutcome<Boolean> outcome) {
      return new TypingAnswer(refusal(outcome), value(outcome).orElse(null));
    }
  }

  @Override
  public GuestOutcome<Boolean> typing(GuestCredentials pass) {
    return conversations.post(
        GUESTS + "/typing",
        new PassRequest(PassForm.of(pass)),
        TypingAnswer.class,
        answer -> outcome(answer.refused(), answer.typing()));
  }

  record EndRequest(PassForm pass, boolean forget) {}

  record EndAnswer(@Nullable String refused, @Nullable String state) {
    static EndAnswer of(GuestOutcome<Conversation.State> outcome) {
      return new EndAnswer(
          refusal(outcome), value(outcome).map(Conversation.State::word).orElse(null));
    }
  }

  @Override
  public GuestOutcome<Conversation.State> end(GuestCredentials pass, boolean forget) {
    return conversations.post(
        GUESTS + "/end", new EndRequest(PassForm.of(pass), forget), EndAnswer.class, answer -> {
          String state = answer.state();
          return outcome(answer.refused(), state == null ? null : Conversation.State.of(state));
        });
  }

  record SessionForm(
      String sid,
      String accountSid,
      String conversationSid,
      String identity,
      long generation,
      String expires) {

    static SessionForm of(GuestSession session) {
      return new SessionForm(
          session.session().text(),
          session.account().text(),
          session.conversation().text(),
          session.identity(),
          session.generation(),
          session.expires().toString());
    }

    GuestSession session() {
      return new GuestSession(
          new Sid.Session(sid),
          new Sid.Account(accountSid),
          new Sid.Conversation(conversationSid),
          identity,
          generation,
          Instant.parse(expires));
    }
  }

  record EnteredForm(
      SessionForm session,
      ConversationForm conversation,
      List<ParticipantForm> participants,
      long typing) {

    static EnteredForm of(Entered entered) {
      return new EnteredForm(
          SessionForm.of(entered.session()),
          ConversationForm.of(entered.conversation()),
          ParticipantForm.of(entered.participants()),
          entered.typing());
    }

    Entered entered() {
      return new Entered(
          session.session(),
          conversation.conversation(),
          participants.stream().map(ParticipantForm::participant).toList(),
          typing);
    }
  }

  /** Neither: the guest was let in, and the conversation is gone. */
  record EnterAnswer(@Nullable String refused, @Nullable EnteredForm entered) {
    static EnterAnswer of(GuestOutcome<Optional<Entered>> outcome) {
      return new EnterAnswer(
          refusal(outcome),
          value(outcome).flatMap(found -> found).map(EnteredForm::of).orElse(null));
    }
  }

  @Override
  public GuestOutcome<Optional<Entered>> enter(GuestCredentials pass) {
    return conversations.post(
        GUESTS + "/enter",
        new PassRequest(PassForm.of(pass)),
        EnterAnswer.class,
        answer -> outcome(
            answer.refused(), Optional.ofNullable(answer.entered()).map(EnteredForm::entered)));
  }

  record FollowRequest(
      SessionForm session, long revision, long typing, long patienceMillis, String amount) {}

  record NewsForm(
      List<ChangeForm> changes, List<TypingForm> typing, long revision, long number, boolean more) {

    static NewsForm of(PollResult.News news) {
      return new NewsForm(
          ChangeForm.of(news.changes()),
          TypingForm.of(news.typing()),
          news.cursor().revision(),
          news.cursor().typing(),
          news.more());
    }

    PollResult news() {
      return new PollResult.News(
          changes.stream().map(ChangeForm::change).toList(),
          typing.stream().map(TypingForm::typing).toList(),
          new Cursor(revision, number),
          more);
    }
  }

  /**
   * {@code over} is the reason why the session is over; {@code replayed} is present if the token
   * was superseded; if all three are absent, the conversation does not exist any more.
   */
  record FollowAnswer(
      @Nullable String over,
      @Nullable Boolean replayed,
      @Nullable NewsForm news) {
    static FollowAnswer of(PollResult followed) {
      return switch (followed) {
        case PollResult.News news -> new FollowAnswer(null, null, NewsForm.of(news));
        case PollResult.Over(Verdict.Failure failure) ->
          new FollowAnswer(failure.message(), null, null);
        case PollResult.Superseded(boolean replayed) -> new FollowAnswer(null, replayed, null);
        case PollResult.Gone() -> new FollowAnswer(null, null, null);
      };
    }

    PollResult followed() {
      if (over != null) {
        return new PollResult.Over(failure(over));
      }
      if (replayed != null) {
        return new PollResult.Superseded(replayed);
      }
      return news == null ? new PollResult.Gone() : news.news();
    }
  }

  @Override
  public PollResult follow(GuestSession session, Cursor cursor, Duration patience, Amount amount) {
    return patient.post(
        GUESTS + "/follow",
        new FollowRequest(
            SessionForm.of(session),
            cursor.revision(),
            cursor.typing(),
            patience.toMillis(),
            amount.word()),
        FollowAnswer.class,
        FollowAnswer::followed);
  }
}
