package parlour.realtime;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.conversations.Amount;
import parlour.conversations.EditOutcome;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.History;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.GuestCredentials;
import parlour.conversations.GuestOutcome;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.conversations.Sent;
import parlour.http.json.JsonSize;
import parlour.http.json.JsonText;
import parlour.http.server.AddressRates;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Verdict;

/**
 * The calls of one socket's guest to Conversations. The client repeats no call that failed, so a
 * call that is one too many, or that meets an outage, waits and is repeated here.
 */
final class GuestCalls {
  private final GuestConversations conversations;
  private final Tokens tokens;
  private final AddressRates addresses;
  private final RateLimiter limiter;
  private final String client;
  private final CountDownLatch closed;

  /**
   * The token that was refused last. It is never presented again, because ScopedAuth counts each time
   * as a replay of the same token.
   */
  private volatile @Nullable RefusedToken refused;

  private record RefusedToken(GuestCredentials credentials, Verdict.Refused refusal) {}

  /** Held by the one count of unread messages that runs. */
  private final Semaphore counting = new Semaphore(1);

  /** The tokens that the client presents, one after the other. */
  interface Tokens {
    /** Credentials of the newest token that was accepted. */
    GuestCredentials newest();

    /** Whether they are still the newest, and no newer token is being validated. */
    boolean areNewest(GuestCredentials credentials);
  }

  /**
   * @param addresses counts the calls of the client's address, as the edge counts those over HTTP
   * @param limiter counts the pages of replays of the session
   * @param client the address; empty for one of our own processes
   * @param closed is counted down when the socket is closed
   */
  GuestCalls(
      GuestConversations conversations,
      Tokens tokens,
      AddressRates addresses,
      RateLimiter limiter,
      String client,
      CountDownLatch closed) {
    this.conversations = conversations;
    this.tokens = tokens;
    this.addresses = addresses;
    this.limiter = limiter;
    this.client = client;
    this.closed = closed;
  }

  /** The token was refused. An expected outcome, so it has no stack trace. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Verdict.Refused refusal;

    Refused(Verdict.Refused refusal) {
      super("refused", null, false, false);
      this.refusal = refusal;
    }

    Verdict.Refused refusal() {
      return refusal;
    }
  }

  /** The conversation was erased. */
  static final class Erased extends RuntimeException {
    private static final long serialVersionUID = 1;

    Erased() {
      super("erased", null, false, false);
    }
  }

  /** Reads a page, once: the caller holds memory for it, and must not hold it while it waits. */
  History history(PageOfMessages page) {
    return ask(Rate.HISTORIES, 1, newest -> conversations.history(newest, page))
        .orElseThrow(Erased::new);
  }

  /**
   * The authors of all messages.
   *
   * @param patience how long the call is repeated during an outage
   */
  List<GuestConversations.Speaker> speakers(Duration patience) {
    return patiently(patience, Rate.HISTORIES, 1, conversations::speakers).orElseThrow(Erased::new);
  }

  /**
   * The number of messages after an index; empty if there are too many to count, in an outage, at a
   * rate limit, and while another count of this socket takes long. It is tried once: the client goes
   * on without it, and slow counts would use up the places of the socket's other requests.
   */
  OptionalLong unread(MessageIndex after) {
    if (!awaitsTurnToCount()) {
      return OptionalLong.empty();
    }
    try {
      return ask(Rate.HISTORIES, 1, newest -> conversations.unread(newest, after))
          .map(OptionalLong::of)
          .orElseGet(OptionalLong::empty);
    } catch (Unavailable unknown) {
      return OptionalLong.empty();
    } finally {
      counting.release();
    }
  }

  private boolean awaitsTurnToCount() {
    try {
      return counting.tryAcquire(Limits.REALTIME_COUNT_TURN.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  Sent send(String body, JsonText attributes, List<Sid.Media> files, String clientId) {
    return patiently(
        Rate.MESSAGES,
        Rate.MESSAGES.drops(JsonSize.of(body) + JsonSize.of(attributes.text())),
        newest -> conversations.send(newest, body, attributes, files, clientId));
  }

  EditOutcome edit(Sid.Message message, Optional<String> body, Optional<JsonText> attributes) {
    return patiently(
        Rate.MESSAGES,
        Rate.MESSAGES.drops(body.map(JsonSize::of).orElse(0)
            + attributes.map(json -> JsonSize.of(json.text())).orElse(0)),
        newest -> conversations.edit(newest, message, body, attributes));
  }

  EditOutcome remove(Sid.Message message) {
    return patiently(Rate.MESSAGES, 1, newest -> conversations.remove(newest, message));
  }

  /** Empty if the guest was removed from the conversation. */
  Optional<Participant> updateMe(Optional<String> name, Optional<JsonText> attributes) {
    return patiently(Rate.MESSAGES, 1, newest -> conversations.updateMe(newest, name, attributes));
  }

  MessageIndex read(MessageIndex index) {
    return patiently(Rate.SIGNS, 1, newest -> conversations.read(newest, index));
  }

  /** A sign that nobody waits for. */
  void typing() {
    ask(Rate.SIGNS, 1, conversations::typing);
  }

  /**
   * Counts a call and makes it, once. Does neither with a token that was refused before.
   *
   * @throws Unavailable also if the token was refused while the client presented a newer one: with
   *     that one the call can be repeated
   */
  private <T> T ask(Rate rate, int drops, Function<GuestCredentials, GuestOutcome<T>> call) {
    GuestCredentials credentials = tokens.newest();
    @Nullable RefusedToken before = refused;
    if (before != null && before.credentials().equals(credentials)) {
      throw failure(before);
    }
    count(rate, drops);
    return switch (call.apply(credentials)) {
      case GuestOutcome.Done<T>(T value) -> value;
      case GuestOutcome.Refused<T>(Verdict.Refused refusal) -> {
        RefusedToken now = new RefusedToken(credentials, refusal);
        refused = now;
        throw failure(now);
      }
    };
  }

  private RuntimeException failure(RefusedToken token) {
    return tokens.areNewest(token.credentials())
        ? new Refused(token.refusal())
        : new Unavailable("a newer token", "it is being validated", null);
  }

  private <T> T patiently(Rate rate, int drops, Function<GuestCredentials, GuestOutcome<T>> call) {
    return patiently(Limits.REALTIME_PATIENCE, rate, drops, call);
  }

  private <T> T patiently(
      Duration patience, Rate rate, int drops, Function<GuestCredentials, GuestOutcome<T>> call) {
    return patiently(() -> ask(rate, drops, call), patience, closed);
  }

  private void count(Rate rate, int drops) {
    if (!client.isEmpty()) {
      addresses.tryAcquire(rate, client, drops).ifPresent(wait -> {
        throw new TooManyRequests("the calls of one address", wait);
      });
    }
  }

  /**
   * Repeats a call until it is answered, or the client waits no longer.
   *
   * @throws Unavailable the last failure, when the time is over or the socket is closed
   */
  static <T> T patiently(Supplier<T> call, Duration patience, CountDownLatch closed) {
    long giveUp = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return call.get();
      } catch (Unavailable failure) {
        Duration left = Duration.ofNanos(giveUp - System.nanoTime());
        Duration wait =
            failure instanceof TooManyRequests many ? many.retryAfter() : Limits.REALTIME_RETRY;
        if (left.compareTo(wait) < 0 || isClosed(closed, Durations.min(wait, left))) {
          throw failure;
        }
      }
    }
  }

  private static boolean isClosed(CountDownLatch closed, Duration wait) {
    try {
      return closed.await(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Reads for a replay. Each read is counted as a page, and none is repeated here. */
  Replay.Log log(Supplier<GuestSession> session) {
    return new Replay.Log() {
      @Override
      public PollResult.News after(Revision revision) {
        count(Rate.HISTORIES, 1);
        GuestSession now = session.get();
        limiter.tryAcquire(Rate.SESSION_HISTORIES, now.session().text()).ifPresent(wait -> {
          throw new TooManyRequests("the replays of one session", wait);
        });
        return changes(now, new Cursor(revision, Long.MAX_VALUE));
      }

      @Override
      public Optional<Message> message(MessageIndex index) {
        try {
          return history(new PageOfMessages.After(index.previous(), 1)).messages().stream()
              .filter(message -> message.index().equals(index))
              .findFirst();
        } catch (Refused | Erased _) {
          throw replayWaits();
        }
      }
    };
  }

  /**
   * The changes after a cursor that are there now. Waits a moment for the assurance that the session
   * is not revoked, without which nothing is sent.
   *
   * @throws Unavailable without that assurance, and if the session is over: the thread that follows
   *     the conversation closes the socket then
   */
  private PollResult.News changes(GuestSession session, Cursor cursor) {
    if (conversations.follow(session, cursor, Limits.MAX_REVOCATION_AGE, Amount.LARGE)
            instanceof PollResult.News news
        && news.cursor().revision().isAfter(cursor.revision())) {
      return news;
    }
    throw replayWaits();
  }

  private static Unavailable replayWaits() {
    return new Unavailable("Conversations", "a replay waits", null);
  }
}
