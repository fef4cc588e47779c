package parlour.conversations;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.http.json.JsonSize;
import parlour.http.json.JsonText;
import parlour.media.Media;
import parlour.media.MediaFile;
import parlour.media.NewUpload;
import parlour.push.PushAnswer;
import parlour.push.PushOffer;
import parlour.push.PushQueue;
import parlour.push.PushSubscription;
import parlour.push.PushSubscriptions;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Guest;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Verdict;

/** Lets ScopedAuth validate the credentials of each call, and serves that guest's conversation. */
public final class GuestConversationsService implements GuestConversations {
  private final ConversationsService conversations;
  private final ConversationStore store;
  private final Media media;
  private final ScopedAuth scopedAuth;
  private final Revocations revocations;
  private final PushSubscriptions pushes;
  private final RateLimiter limiter;
  private final GuestWatch watch;

  /**
   * @param limiter counts the calls of each session
   */
  public GuestConversationsService(
      ConversationsService conversations,
      Media media,
      ScopedAuth scopedAuth,
      Revocations revocations,
      PushSubscriptions pushes,
      RateLimiter limiter) {
    this.conversations = conversations;
    this.store = conversations.store();
    this.media = media;
    this.scopedAuth = scopedAuth;
    this.revocations = revocations;
    this.pushes = pushes;
    this.limiter = limiter;
    this.watch = new GuestWatch(conversations, revocations);
  }

  private <T> GuestOutcome<T> admitted(
      GuestCredentials credentials, Rate rate, Function<Guest, T> action) {
    return admitted(credentials, rate, 1, action);
  }

  /** Counts only valid calls, so that a refused thief uses up nothing of the guest's rate. */
  private <T> GuestOutcome<T> admitted(
      GuestCredentials credentials, Rate rate, int drops, Function<Guest, T> action) {
    return admitted(credentials, guest -> {
      limiter.tryAcquire(rate, guest.session().text(), drops).ifPresent(wait -> {
        throw new TooManyRequests("the calls of one session", wait);
      });
      return action.apply(guest);
    });
  }

  private <T> GuestOutcome<T> admitted(GuestCredentials credentials, Function<Guest, T> action) {
    return switch (scopedAuth.validate(
        credentials.presented(), credentials.audience(), Purpose.CALL)) {
      case Verdict.Authorized(Guest guest) -> new GuestOutcome.Done<>(action.apply(guest));
      case Verdict.Refused refusal -> new GuestOutcome.Refused<>(refusal);
    };
  }

  @Override
  public GuestOutcome<Optional<History>> history(
      GuestCredentials credentials, PageOfMessages page) {
    return admitted(
        credentials,
        Rate.SESSION_HISTORIES,
        guest -> store
            .transcript(guest.account(), guest.conversation(), page)
            .flatMap(transcript -> history(guest, transcript, page)));
  }

  private Optional<History> history(
      Guest guest, ConversationStore.Transcript transcript, PageOfMessages page) {
    return own(transcript.participants(), guest).flatMap(own -> {
      if (own.joined()) {
        return Optional.of(new History(
            transcript.conversation(),
            guest.identity(),
            guest.sessionExpires(),
            transcript.participants(),
            transcript.messages().items(),
            transcript.messages().more()));
      }
      return RemovedGuestView.of(own, store).history(guest, transcript, page, store);
    });
  }

  /** Empty if the conversation was erased meanwhile. */
  private static Optional<Participant> own(List<Participant> participants, Guest guest) {
    return participants.stream()
        .filter(one -> one.identity().equals(guest.identity()))
        .findFirst();
  }

  @Override
  public GuestOutcome<Optional<List<Speaker>>> speakers(GuestCredentials credentials) {
    return admitted(
        credentials,
        Rate.SESSION_HISTORIES,
        guest -> participant(guest)
            .map(own -> store.speakers(guest.conversation()).stream()
                .filter(one -> own.joined() || !one.since().isAfter(own.revision()))
                .toList()));
  }

  @Override
  public GuestOutcome<Sent> send(
      GuestCredentials credentials,
      String body,
      JsonText attributes,
      List<Sid.Media> files,
      String clientId) {
    return admitted(
        credentials,
        Rate.SESSION_MESSAGES,
        Rate.SESSION_MESSAGES.drops(JsonSize.of(body) + JsonSize.of(attributes.text())),
        guest -> visible(
            conversations.send(
                guest.account(),
                new Conversations.NewMessage(
                    guest.conversation(),
                    new Message.Author(guest.identity(), ParticipantKind.GUEST, ""),
                    Message.Content.of( // the store takes the name of the participant
                        body, attributes),
                    new Conversations.Files(guest.identity().text(), files),
                    Optional.of(clientId))),
            guest));
  }

  @Override
  public GuestOutcome<Optional<Media.Begun>> beginUpload(
      GuestCredentials credentials, NewUpload upload) {
    return admitted(
        credentials,
        Rate.SESSION_UPLOADS,
        Rate.SESSION_UPLOADS.drops(upload.maxBytes()),
        guest -> canSend(guest)
            ? Optional.of(media.begin(upload.by(new MediaFile.Owner(
                guest.account(),
                Optional.of(guest.conversation()),
                guest.identity().text()))))
            : Optional.empty());
  }

  private boolean canSend(Guest guest) {
    return store
            .find(guest.account(), guest.conversation())
            .filter(found -> found.state() == Conversation.State.ACTIVE)
            .isPresent()
        && participant(guest).filter(Participant::joined).isPresent();
  }

  @Override
  public GuestOutcome<List<MediaFile>> files(GuestCredentials credentials, List<Sid.Media> files) {
    return admitted(
        credentials,
        Rate.SESSION_HISTORIES,
        guest -> files.stream()
            .limit(Limits.MEDIA_SET)
            .flatMap(file -> media.find(guest.account(), file).stream())
            .filter(found -> isVisible(found, guest))
            .toList());
  }

  /** A file that was sent can be seen with its message, and one that was not by its uploader. */
  private boolean isVisible(MediaFile file, Guest guest) {
    if (!file.owner().conversation().equals(Optional.of(guest.conversation()))) {
      return false;
    }
    if (file.message().isEmpty()) {
      return file.owner().author().equals(guest.identity().text());
    }
    return store
        .message(guest.account(), guest.conversation(), file.message().get())
        .filter(message -> participant(guest)
            .filter(one -> one.joined() || RemovedGuestView.of(one, store).shows(message))
            .isPresent())
        .isPresent();
  }

  /** Shows a removed guest an earlier message as it was when the guest was removed. */
  private Sent visible(Sent sent, Guest author) {
    return sent instanceof Sent.Duplicate(Message message)
        ? participant(author)
            .<Sent>map(one -> one.joined()
                ? sent
                : new Sent.Duplicate(RemovedGuestView.of(one, store).message(message)))
            .orElseGet(Sent.NotFound::new)
        : sent;
  }

  @Override
  public GuestOutcome<EditOutcome> edit(
      GuestCredentials credentials,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes) {
    int bytes = body.map(JsonSize::of).orElse(0)
        + attributes.map(json -> JsonSize.of(json.text())).orElse(0);
    return admitted(
        credentials,
        Rate.SESSION_MESSAGES,
        Rate.SESSION_MESSAGES.drops(bytes),
        guest -> conversations.editOwn(
            guest.account(), guest.conversation(), guest.identity(), message, body, attributes));
  }

  @Override
  public GuestOutcome<EditOutcome> remove(GuestCredentials credentials, Sid.Message message) {
    return admitted(
        credentials,
        Rate.SESSION_MESSAGES,
        guest -> conversations.removeOwn(
            guest.account(), guest.conversation(), guest.identity(), message));
  }

  @Override
  public GuestOutcome<Optional<Participant>> updateMe(
      GuestCredentials credentials, Optional<String> name, Optional<JsonText> attributes) {
    return admitted(
        credentials,
        Rate.SESSION_SIGNS,
        guest -> conversations
            .updated(
                guest.account(),
                guest.conversation(),
                guest.identity(),
                ParticipantUpdate.profile(name, attributes))
            .filter(Participant::joined));
  }

  @Override
  public GuestOutcome<MessageIndex> read(GuestCredentials credentials, MessageIndex index) {
    return admitted(
        credentials,
        Rate.SESSION_SIGNS,
        guest -> conversations
            .readByParticipant(guest.account(), guest.conversation(), guest.identity(), index)
            .map(Participant::readIndex)
            .orElse(MessageIndex.NONE));
  }

  @Override
  public GuestOutcome<Optional<Integer>> unread(GuestCredentials credentials, MessageIndex after) {
    return admitted(
        credentials,
        Rate.SESSION_HISTORIES,
        guest -> participant(guest)
            .flatMap(own -> store.unread(
                guest.conversation(),
                after,
                own.joined() ? Optional.empty() : Optional.of(own.revision()))));
  }

  @Override
  public GuestOutcome<Boolean> typing(GuestCredentials credentials) {
    return admitted(credentials, Rate.SESSION_SIGNS, guest -> {
      Optional<Participant> participant = participant(guest);
      participant
          .filter(Participant::joined)
          .ifPresent(typist -> conversations.typing(guest.account(), typist));
      return participant.isPresent();
    });
  }

  /** Not limited: a guest whose session is flooded by somebody else must be able to end it. */
  @Override
  public GuestOutcome<Conversation.State> end(GuestCredentials credentials, boolean forget) {
    return admitted(credentials, guest -> {
      conversations.close(guest.account(), guest.conversation(), guest.identity());
      if (forget) { // all sessions: a lost answer may have left two
        pushes.unsubscribeAll(guest.conversation());
        scopedAuth.revokeAllOf(guest.conversation(), ScopedAuth.ENDED_BY_GUEST);
      }
      return Conversation.State.CLOSED;
    });
  }

  @Override
  public GuestOutcome<UpdateOutcome> reopen(GuestCredentials credentials, Duration within) {
    return admitted(
        credentials,
        Rate.SESSION_MESSAGES,
        guest ->
            conversations.reopen(guest.account(), guest.conversation(), guest.identity(), within));
  }

  @Override
  public GuestOutcome<PushOffer> pushOffer(GuestCredentials credentials) {
    return admitted(credentials, Rate.SESSION_SIGNS, guest -> pushes.offer(guest.session()));
  }

  @Override
  public GuestOutcome<PushAnswer> subscribe(
      GuestCredentials credentials, PushSubscription subscription) {
    return admitted(
        credentials,
        Rate.SESSION_SIGNS,
        guest -> pushes.subscribe(
            new PushQueue.Owner(
                guest.session(), guest.account(), guest.conversation(), guest.identity()),
            subscription));
  }

  @Override
  public GuestOutcome<Boolean> unsubscribe(GuestCredentials credentials) {
    return admitted(credentials, guest -> pushes.unsubscribe(guest.session()));
  }

  private Optional<Participant> participant(Guest guest) {
    return store.participant(guest.account(), guest.conversation(), guest.identity());
  }

  @Override
  public GuestOutcome<Optional<Entered>> enter(GuestCredentials credentials) {
    return admitted(credentials, Rate.SESSION_STREAMS, guest -> {
      revocations.wasValidated(guest.token());
      return store
          .find(guest.account(), guest.conversation())
          .flatMap(conversation -> entered(guest, conversation));
    });
  }

  private Optional<Entered> entered(Guest guest, Conversation conversation) {
    List<Participant> participants = store.participants(guest.account(), guest.conversation());
    GuestSession session = new GuestSession(
        guest.session(),
        guest.account(),
        guest.conversation(),
        guest.identity(),
        guest.token().generation(),
        guest.tokenExpires(),
        guest.sessionExpires(),
        guest.isBound());
    long typing = conversations.typings().now();
    return own(participants, guest).map(own -> {
      if (own.joined()) {
        return new Entered(session, conversation, participants, typing);
      }
      RemovedGuestView view = RemovedGuestView.of(own, store);
      return new Entered(
          session, view.conversation(conversation), view.participants(participants), typing);
    });
  }

  @Override
  public PollResult follow(GuestSession session, Cursor cursor, Duration timeout, Amount amount) {
    return watch.next(session, cursor, timeout, amount);
  }
}
