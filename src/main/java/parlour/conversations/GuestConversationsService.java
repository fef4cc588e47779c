package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.rates.Buckets;
import parlour.rates.Rate;
import parlour.scopedauth.Guest;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Verdict;

/** The guest's door: asks ScopedAuth about each pass, and opens that guest's conversation. */
public final class GuestConversationsService implements GuestConversations {
  private final ConversationLog log;
  private final ScopedAuth scopedAuth;
  private final Revocations revocations;
  private final Buckets buckets;

  /**
   * @param buckets where the calls of each session are counted
   */
  public GuestConversationsService(
      ConversationLog log, ScopedAuth scopedAuth, Revocations revocations, Buckets buckets) {
    this.log = log;
    this.scopedAuth = scopedAuth;
    this.revocations = revocations;
    this.buckets = buckets;
  }

  /** Only who is let in is counted: a refused thief uses nothing up that the guest needs. */
  private <T> GuestOutcome<T> admitted(GuestPass pass, Rate rate, Function<Guest, T> deed) {
    return admitted(pass, guest -> {
      buckets.tooMany(rate, guest.session().text()).ifPresent(wait -> {
        throw new TooManyRequests("the calls of one session", wait);
      });
      return deed.apply(guest);
    });
  }

  private <T> GuestOutcome<T> admitted(GuestPass pass, Function<Guest, T> deed) {
    return switch (scopedAuth.validate(pass.token(), pass.audience(), pass.fingerprint())) {
      case Verdict.Authorized(Guest guest) -> new GuestOutcome.Done<>(deed.apply(guest));
      case Verdict.Refused(Verdict.Failure failure) -> new GuestOutcome.Refused<>(failure);
    };
  }

  @Override
  public GuestOutcome<Optional<History>> history(GuestPass pass, PageOfMessages page) {
    return admitted(
        pass,
        Rate.SESSION_HISTORIES,
        guest -> log.store()
            .find(guest.conversation())
            .map(conversation -> history(guest, conversation, page)));
  }

  /** The conversation is read first: what is added meanwhile comes with its revision later. */
  private History history(Guest guest, Conversation conversation, PageOfMessages page) {
    List<Message> messages = log.messages(conversation.sid(), page);
    List<Participant> participants = log.store().participants(conversation.sid());
    return new History(
        asSeen(conversation, guest, participants),
        guest.identity(),
        participants,
        messages,
        isMore(page, messages, conversation.nextIndex()));
  }

  /** Their account's server may remove a guest, for whom the conversation has ended then. */
  private static Conversation asSeen(
      Conversation conversation, Guest guest, List<Participant> participants) {
    return participants.stream().anyMatch(one -> isGone(one, guest.identity()))
        ? conversation.closed()
        : conversation;
  }

  private static boolean isGone(Participant participant, String identity) {
    return participant.identity().equals(identity) && !participant.joined();
  }

  private static boolean isMore(PageOfMessages page, List<Message> messages, long nextIndex) {
    return !messages.isEmpty()
        && switch (page) {
          case PageOfMessages.Before before -> messages.getFirst().index() > 0;
          case PageOfMessages.After after -> messages.getLast().index() < nextIndex - 1;
        };
  }

  @Override
  public GuestOutcome<Sent> send(GuestPass pass, String body, String attributes, String clientId) {
    return admitted(
        pass,
        Rate.SESSION_MESSAGES,
        guest -> participant(guest)
            .map(participant -> log.send(
                guest.account(),
                new Conversations.NewMessage(
                    guest.conversation(),
                    guest.identity(),
                    Kind.GUEST,
                    participant.name(),
                    body,
                    attributes,
                    Optional.of(clientId))))
            .orElseGet(Sent.Nowhere::new));
  }

  @Override
  public GuestOutcome<Long> read(GuestPass pass, long index) {
    return admitted(
        pass,
        Rate.SESSION_SIGNS,
        guest -> log.read(guest.account(), guest.conversation(), guest.identity(), index)
            .map(Participant::readIndex)
            .orElse(-1L));
  }

  @Override
  public GuestOutcome<Boolean> typing(GuestPass pass) {
    return admitted(pass, Rate.SESSION_SIGNS, guest -> {
      Optional<Participant> participant = participant(guest);
      participant
          .filter(Participant::joined)
          .ifPresent(known -> log.typing(guest.account(), known));
      return participant.isPresent();
    });
  }

  /** Never limited: to end it is what is left to a guest whose session is flooded by another. */
  @Override
  public GuestOutcome<Conversation.State> end(GuestPass pass, boolean forget) {
    return admitted(pass, guest -> {
      log.close(guest.account(), guest.conversation(), guest.identity());
      if (forget) {
        scopedAuth.revoke(guest.session(), "the guest ended the chat and erased it");
      }
      return Conversation.State.CLOSED;
    });
  }

  private Optional<Participant> participant(Guest guest) {
    return log.store().participant(guest.conversation(), guest.identity());
  }

  @Override
  public GuestOutcome<Optional<Entered>> enter(GuestPass pass) {
    return admitted(pass, Rate.SESSION_STREAMS, guest -> {
      revocations.wasLetIn(guest.session());
      return log.store()
          .find(guest.conversation())
          .map(conversation -> entered(guest, conversation));
    });
  }

  private Entered entered(Guest guest, Conversation conversation) {
    List<Participant> participants = log.store().participants(conversation.sid());
    return new Entered(
        new GuestSession(
            guest.session(),
            guest.account(),
            guest.conversation(),
            guest.identity(),
            guest.tokenExpires()),
        asSeen(conversation, guest, participants),
        participants,
        log.typings().now());
  }

  @Override
  public Followed follow(GuestSession session, Cursor cursor, Duration patience) {
    // Patience is the caller's and runs with the machine; when a token expires is the clock's.
    long giveUp = System.nanoTime() + least(patience, Limits.FOLLOW_PATIENCE).toNanos();
    try (Followers.Watch watch = log.followers().watch(session.conversation(), session.session())) {
      while (true) {
        Optional<Changes> changes =
            log.store().changes(session.conversation(), cursor.revision(), Limits.FOLLOWED_AT_ONCE);
        if (changes.isEmpty()) {
          return new Followed.Gone();
        }
        List<Typing> typing = log.typings().after(session.conversation(), cursor.typing());
        // After the log was read: who was ended before something was said is not told it.
        Revocations.Standing standing = revocations.standing(session.session());
        Instant now = log.now();
        if (standing == Revocations.Standing.ENDED || !now.isBefore(session.expires())) {
          return new Followed.Over(Verdict.Failure.TOKEN_VALIDATION_FAILED);
        }
        Followed.News news = news(session, cursor, changes.get(), typing);
        Duration left = Duration.ofNanos(giveUp - System.nanoTime());
        if (standing == Revocations.Standing.GOOD && (!news.isEmpty() || !left.isPositive())) {
          return news;
        }
        if (!left.isPositive()) {
          return new Followed.News(List.of(), List.of(), cursor); // kept back, not passed over
        }
        if (!news.isEmpty()) {
          watch.keepBack();
        }
        watch.await(least(left, Duration.between(now, session.expires())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Followed.News(List.of(), List.of(), cursor);
    }
  }

  private static Followed.News news(
      GuestSession session, Cursor cursor, Changes changes, List<Typing> typing) {
    List<Typing> others = typing.stream()
        .filter(one -> !one.participant().identity().equals(session.identity()))
        .toList();
    long typed = typing.isEmpty() ? cursor.typing() : typing.getLast().number();
    return new Followed.News(
        asSeen(changes.changes(), session.identity()), others, new Cursor(changes.upTo(), typed));
  }

  /** What ends for a guest who is removed ends at once, and after what was said before. */
  private static List<Changes.Change> asSeen(List<Changes.Change> changes, String identity) {
    List<Changes.Change> seen = new ArrayList<>(changes);
    for (Changes.Change change : changes) {
      if (change instanceof Changes.Change.OfParticipant(Participant participant)
          && isGone(participant, identity)) {
        seen.add(new Changes.Change.OfState(Conversation.State.CLOSED, change.revision()));
      }
    }
    return seen;
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
