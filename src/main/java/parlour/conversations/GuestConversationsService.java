package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import parlour.Durations;
import parlour.Identity;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.http.json.JsonSize;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Guest;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Verdict;

/** The guest's door: asks ScopedAuth about each pass, and opens that guest's conversation. */
public final class GuestConversationsService implements GuestConversations {
  private final ConversationLog log;
  private final ScopedAuth scopedAuth;
  private final Revocations revocations;
  private final RateLimiter limiter;

  /**
   * @param limiter where the calls of each session are counted
   */
  public GuestConversationsService(
      ConversationLog log, ScopedAuth scopedAuth, Revocations revocations, RateLimiter limiter) {
    this.log = log;
    this.scopedAuth = scopedAuth;
    this.revocations = revocations;
    this.limiter = limiter;
  }

  /** Only who is let in is counted: a refused thief uses nothing up that the guest needs. */
  private <T> GuestOutcome<T> admitted(
      GuestCredentials credentials, Rate rate, Function<Guest, T> action) {
    return admitted(credentials, rate, 1, action);
  }

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
        credentials.token(), credentials.audience(), credentials.fingerprint())) {
      case Verdict.Authorized(Guest guest) -> new GuestOutcome.Done<>(action.apply(guest));
      case Verdict.Refused(Verdict.Failure failure) -> new GuestOutcome.Refused<>(failure);
    };
  }

  @Override
  public GuestOutcome<Optional<History>> history(
      GuestCredentials credentials, PageOfMessages page) {
    return admitted(
        credentials,
        Rate.SESSION_HISTORIES,
        guest -> log.store()
            .find(guest.conversation())
            .flatMap(conversation -> history(guest, conversation, page)));
  }

  /** The conversation is read first: what is added meanwhile comes with its revision later. */
  private Optional<History> history(Guest guest, Conversation conversation, PageOfMessages page) {
    List<Message> messages = log.messages(conversation.sid(), page);
    // After the messages: they are for whoever is in it now.
    List<Participant> participants = log.store().participants(conversation.sid());
    return own(participants, guest)
        .map(own -> own.joined()
            ? new History(
                conversation,
                guest.identity(),
                participants,
                messages,
                page.goesOn(messages, conversation.nextIndex()))
            : history(asOfLeaving(own), conversation, guest, participants, page));
  }

  private History history(
      RemovedGuestView then,
      Conversation conversation,
      Guest guest,
      List<Participant> participants,
      PageOfMessages page) {
    List<Message> messages = then.messages(log.messages(conversation.sid(), then.page(page)));
    return new History(
        then.conversation(conversation),
        guest.identity(),
        then.participants(participants),
        messages,
        page.goesOn(messages, then.nextIndex()));
  }

  /** Their account's server may remove a guest, for whom the conversation has ended then. */
  private RemovedGuestView asOfLeaving(Participant gone) {
    return new RemovedGuestView(
        gone.revision(), log.store().nextIndex(gone.conversation(), gone.revision()));
  }

  /** Empty when the conversation was erased meanwhile. */
  private static Optional<Participant> own(List<Participant> participants, Guest guest) {
    return participants.stream()
        .filter(one -> one.identity().equals(guest.identity()))
        .findFirst();
  }

  @Override
  public GuestOutcome<Sent> send(
      GuestCredentials credentials, String body, String attributes, String clientId) {
    return admitted(
        credentials,
        Rate.SESSION_MESSAGES,
        Rate.SESSION_MESSAGES.drops(JsonSize.of(body) + JsonSize.of(attributes)),
        guest -> asSeen(
            log.send(
                guest.account(),
                new Conversations.NewMessage(
                    guest.conversation(),
                    guest.identity(),
                    ParticipantKind.GUEST,
                    "", // the store takes the participant's
                    body,
                    attributes,
                    Optional.of(clientId))),
            guest));
  }

  /** Shows a removed guest earlier messages as they were when the guest was removed. */
  private Sent asSeen(Sent sent, Guest author) {
    return sent instanceof Sent.Duplicate(Message message)
        ? participant(author)
            .<Sent>map(
                own -> own.joined() ? sent : new Sent.Duplicate(asOfLeaving(own).message(message)))
            .orElseGet(Sent.NotFound::new)
        : sent;
  }

  @Override
  public GuestOutcome<MessageIndex> read(GuestCredentials credentials, MessageIndex index) {
    return admitted(
        credentials,
        Rate.SESSION_SIGNS,
        guest -> log.read(guest.account(), guest.conversation(), guest.identity(), index)
            .map(Participant::readIndex)
            .orElse(MessageIndex.NONE));
  }

  @Override
  public GuestOutcome<Boolean> typing(GuestCredentials credentials) {
    return admitted(credentials, Rate.SESSION_SIGNS, guest -> {
      Optional<Participant> participant = participant(guest);
      participant
          .filter(Participant::joined)
          .ifPresent(known -> log.typing(guest.account(), known));
      return participant.isPresent();
    });
  }

  /** Never limited: to end it is what is left to a guest whose session is flooded by another. */
  @Override
  public GuestOutcome<Conversation.State> end(GuestCredentials credentials, boolean forget) {
    return admitted(credentials, guest -> {
      log.close(guest.account(), guest.conversation(), guest.identity());
      if (forget) { // all sessions: a lost answer may have left two
        scopedAuth.revokeAllOf(guest.conversation(), "the guest ended the chat and erased it");
      }
      return Conversation.State.CLOSED;
    });
  }

  private Optional<Participant> participant(Guest guest) {
    return log.store().participant(guest.conversation(), guest.identity());
  }

  @Override
  public GuestOutcome<Optional<Entered>> enter(GuestCredentials credentials) {
    return admitted(credentials, Rate.SESSION_STREAMS, guest -> {
      revocations.wasLetIn(guest.token());
      return log.store()
          .find(guest.conversation())
          .flatMap(conversation -> entered(guest, conversation));
    });
  }

  private Optional<Entered> entered(Guest guest, Conversation conversation) {
    List<Participant> participants = log.store().participants(conversation.sid());
    GuestSession session = new GuestSession(
        guest.session(),
        guest.account(),
        guest.conversation(),
        guest.identity(),
        guest.token().generation(),
        guest.tokenExpires());
    long typing = log.typings().now();
    return own(participants, guest).map(own -> {
      if (own.joined()) {
        return new Entered(session, conversation, participants, typing);
      }
      RemovedGuestView then = asOfLeaving(own);
      return new Entered(
          session, then.conversation(conversation), then.participants(participants), typing);
    });
  }

  @Override
  public PollResult follow(GuestSession session, Cursor cursor, Duration timeout, Amount amount) {
    // Patience is the caller's and runs with the machine; when a token expires is the clock's.
    long giveUp =
        System.nanoTime() + Durations.min(timeout, Limits.FOLLOW_TIMEOUT).toNanos();
    try (Waiters.Subscription subscription =
        log.followers().subscribe(session.conversation(), session.session())) {
      while (true) {
        Optional<Changes> changes = log.store()
            .changes(session.conversation(), cursor.revision(), Limits.FOLLOW_BATCH, amount);
        if (changes.isEmpty()) {
          return new PollResult.Gone();
        }
        List<Typing> typing = log.typings().after(session.conversation(), cursor.typing());
        // After the log was read: who was ended before something was said is not told it.
        Revocations.Status status = revocations.status(session.shown());
        Instant now = log.now();
        Optional<PollResult> end = end(session, status, now);
        if (end.isPresent()) {
          return end.get();
        }
        Optional<PollResult.News> told = news(session, cursor, changes.get(), typing);
        if (told.isEmpty()) {
          return new PollResult.Gone();
        }
        PollResult.News news = told.get();
        Duration left = Duration.ofNanos(giveUp - System.nanoTime());
        if (status == Revocations.Status.GOOD && (!news.isEmpty() || !left.isPositive())) {
          return news;
        }
        if (!left.isPositive()) {
          return PollResult.News.nothing(cursor); // kept back, not passed over
        }
        if (!news.isEmpty()) {
          subscription.keepBack();
        }
        subscription.await(Durations.min(left, Duration.between(now, session.expires())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return PollResult.News.nothing(cursor);
    }
  }

  private Optional<PollResult> end(GuestSession session, Revocations.Status status, Instant now) {
    if (!now.isBefore(session.expires())) {
      if (status != Revocations.Status.ENDED && log.doubtsItsClock()) {
        throw new Unavailable("Conversations", "the clock has jumped, and may be wrong", null);
      }
      return Optional.of(new PollResult.Over(Verdict.Failure.TOKEN_VALIDATION_FAILED));
    }
    return switch (status) {
      // An erasure ends the sessions, too, after the conversation.
      case ENDED ->
        Optional.of(
            log.store().find(session.conversation()).isEmpty()
                ? new PollResult.Gone()
                : new PollResult.Over(Verdict.Failure.TOKEN_VALIDATION_FAILED));
      case SUPERSEDED -> Optional.of(new PollResult.Superseded(false));
      case REPLAYED -> Optional.of(new PollResult.Superseded(true));
      case GOOD, UNKNOWN -> Optional.empty();
    };
  }

  /** Empty when the conversation was erased meanwhile. */
  private Optional<PollResult.News> news(
      GuestSession session, Cursor cursor, Changes changes, List<Typing> typing) {
    long typed = typing.isEmpty() ? cursor.typing() : typing.getLast().number();
    Cursor reached = new Cursor(changes.upTo(), typed);
    if (changes.changes().isEmpty() && typing.isEmpty() && !changes.more()) {
      return Optional.of(PollResult.News.nothing(reached));
    }
    // After the log was read, and not in it, where their leave may be further on: what was read is
    // for whoever is in it now.
    return log.store()
        .participant(session.conversation(), session.identity())
        .map(own -> own.joined()
            ? new PollResult.News(
                asSeen(changes, cursor, own),
                others(typing, session.identity()),
                reached,
                changes.more())
            : untilLeaving(changes, cursor, reached, own));
  }

  private static List<Typing> others(List<Typing> typing, Identity identity) {
    return typing.stream()
        .filter(one -> !one.participant().identity().equals(identity))
        .toList();
  }

  /** To a guest who was removed before and is back it is said that it goes on. */
  private List<Changes.Change> asSeen(Changes changes, Cursor cursor, Participant own) {
    boolean isBack = own.joinedRevision().isAfter(cursor.revision().laterOf(Revision.CREATED))
        && !own.joinedRevision().isAfter(changes.upTo());
    Optional<Conversation> now = isBack ? log.store().find(own.conversation()) : Optional.empty();
    return now.map(conversation -> with(
            new Changes.Change.OfState(conversation.state(), own.joinedRevision()),
            changes.changes()))
        .orElse(changes.changes());
  }

  /** The cursor stays where they left: if they are added again, they hear what they missed. */
  private static PollResult.News untilLeaving(
      Changes changes, Cursor cursor, Cursor reached, Participant gone) {
    Revision left = gone.revision();
    List<Changes.Change> told = changes.changes().stream()
        .filter(change -> !change.revision().isAfter(left))
        .toList();
    boolean isEnd = left.isAfter(cursor.revision()) && !left.isAfter(changes.upTo());
    return new PollResult.News(
        isEnd ? with(new Changes.Change.OfState(Conversation.State.CLOSED, left), told) : told,
        List.of(),
        new Cursor(cursor.revision().laterOf(reached.revision().earlierOf(left)), reached.typing()),
        changes.more() && left.isAfter(changes.upTo()));
  }

  /** In the order of revisions, and what is added after another one of its revision. */
  private static List<Changes.Change> with(
      Changes.Change.OfState added, List<Changes.Change> changes) {
    return Stream.concat(changes.stream(), Stream.of(added))
        .sorted(Comparator.comparing(Changes.Change::revision))
        .toList();
  }
}
