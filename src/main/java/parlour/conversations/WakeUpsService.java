package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.WakeUpStream.Waiting;

/** Keeps a stream for each process that follows conversations of this one. */
public final class WakeUpsService implements WakeUps {
  private final ConversationsService service;
  private final Conversations conversations;
  private final GuestConversations guestConversations;
  private final Map<String, WakeUpStream> streams = new ConcurrentHashMap<>();
  private volatile boolean isStopped;

  /**
   * @param service knows what wakes a follower
   * @param conversations reads for agents, and for webhooks
   * @param guestConversations reads for guests
   */
  public WakeUpsService(
      ConversationsService service,
      Conversations conversations,
      GuestConversations guestConversations) {
    this.service = service;
    this.conversations = conversations;
    this.guestConversations = guestConversations;
  }

  @Override
  public Followed<PollResult> follow(
      Ticket ticket, GuestSession session, Cursor cursor, Amount amount) {
    // Before the read, which may be answered from what was read then.
    long lastRead = service.recent().lastRead(session.conversation());
    Optional<Waiting> waiting = stream(ticket)
        .flatMap(stream -> stream.add(
            ticket.number(),
            session.conversation(),
            session.expires(),
            lastRead + service.pollInterval(session.conversation()).toNanos(),
            service.waiters(),
            session.session()));
    return read(
        waiting,
        () -> guestConversations.follow(session, cursor, Duration.ZERO, amount),
        result -> {
          if (!(result instanceof PollResult.News news) || news.more()) {
            return false;
          }
          waiting.ifPresent(one -> one.reached(news.cursor().revision()));
          return true;
        });
  }

  @Override
  public Followed<AccountNews> watch(
      Ticket ticket, Sid.Account account, AccountCursor cursor, Amount amount) {
    Optional<Waiting> waiting = stream(ticket)
        .flatMap(stream -> stream.add(
            ticket.number(),
            account,
            Instant.MAX,
            System.nanoTime() + service.pollInterval(account).toNanos(),
            service.waiters()));
    return read(
        waiting,
        () -> conversations.watch(account, cursor, Duration.ZERO, amount),
        news -> !news.more());
  }

  private Optional<WakeUpStream> stream(Ticket ticket) {
    if (isStopped) {
      throw stopped();
    }
    return Optional.ofNullable(streams.get(ticket.process()));
  }

  private static Unavailable stopped() {
    return new Unavailable("Conversations", "this process stops", null);
  }

  /**
   * @param waiting the follower, which waits since before the read, so that it misses nothing
   * @param isComplete whether the follower has everything, and goes on waiting
   */
  private <R> Followed<R> read(
      Optional<Waiting> waiting, Supplier<R> read, Predicate<R> isComplete) {
    boolean waits = false;
    try {
      R result = read.get();
      waits = isComplete.test(result);
      return new Followed<>(result, waits ? waiting.map(Waiting::stream) : Optional.empty());
    } finally {
      if (!waits) {
        waiting.ifPresent(Waiting::end);
      }
    }
  }

  @Override
  public Optional<Woken> next(String process, String name, long received) {
    if (isStopped) {
      throw stopped();
    }
    return stream(process, name, received).flatMap(stream -> next(stream, received));
  }

  /**
   * Finds the stream, or opens it in place of an earlier one of that process. The monitor guards no field: it
   * lets one call at a time find or open the stream, so that a repeated one does not open it again.
   */
  private synchronized Optional<WakeUpStream> stream(String process, String name, long received) {
    WakeUpStream known = streams.get(process);
    if (known != null && known.name().equals(name)) {
      return Optional.of(known);
    }
    if (received != 0) {
      return Optional.empty();
    }
    if (known == null && streams.size() >= Limits.WAKE_UP_STREAMS) {
      throw new Unavailable("Conversations", "too many processes follow conversations", null);
    }
    WakeUpStream opened = new WakeUpStream(name, Limits.WAKE_UP_FOLLOWERS);
    WakeUpStream before = streams.put(process, opened);
    if (before != null) {
      before.close();
    }
    return Optional.of(opened);
  }

  private Optional<Woken> next(WakeUpStream stream, long received) {
    try {
      Optional<Woken> woken = stream.next(received, Limits.WAKE_UP_HEARTBEAT);
      if (isStopped) {
        throw stopped();
      }
      return woken;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("Conversations", "interrupted", e);
    }
  }

  /** Ends all streams, because this process stops. */
  public void stop() {
    isStopped = true;
    streams.values().forEach(WakeUpStream::close);
  }

  /**
   * Wakes those whose time is over, or whose conversation has changed without an event, and forgets
   * those that read again since, and the streams of processes that have gone. Runs periodically.
   */
  public void check() {
    long now = System.nanoTime();
    Instant time = service.now();
    List<Waiting> due = new ArrayList<>();
    streams.forEach((process, stream) -> {
      if (stream.isAbandoned(now)) {
        streams.remove(process, stream);
        stream.close();
      }
      for (Waiting waiting : stream.waiting()) {
        if (waiting.isForgotten(now)) {
          waiting.end();
        } else if (waiting.isOver(time)) {
          waiting.wake();
        } else if (waiting.isDue(now)) {
          due.add(waiting);
        }
      }
    });
    checkConversations(due);
  }

  private void checkConversations(List<Waiting> due) {
    Map<Sid.Conversation, List<Waiting>> followers = new LinkedHashMap<>();
    for (Waiting one : due) {
      if (one.followed() instanceof Sid.Conversation conversation) {
        followers.computeIfAbsent(conversation, _ -> new ArrayList<>()).add(one);
      } else {
        one.wake(); // the changes of an account are not one row, so it reads them itself
      }
    }
    List<Sid.Conversation> all = List.copyOf(followers.keySet());
    for (int from = 0; from < all.size(); from += Limits.WAKE_UP_CHECKS) {
      List<Sid.Conversation> some =
          all.subList(from, Math.min(all.size(), from + Limits.WAKE_UP_CHECKS));
      long now = System.nanoTime();
      Map<Sid.Conversation, Revision> revisions = service.store().revisions(some);
      for (Sid.Conversation conversation : some) {
        check(
            conversation,
            Optional.ofNullable(revisions.get(conversation)),
            now,
            Objects.requireNonNull(followers.get(conversation)));
      }
    }
  }

  /**
   * @param revision of the conversation; empty if it was erased
   */
  private void check(
      Sid.Conversation conversation,
      Optional<Revision> revision,
      long now,
      List<Waiting> followers) {
    service.waiters().follow(conversation);
    long next = now + service.pollInterval(conversation).toNanos();
    for (Waiting one : followers) {
      if (revision.isPresent() && !revision.get().isAfter(one.reached())) {
        one.checkAt(next);
      } else {
        service.recent().invalidate(conversation); // first: what is remembered is older
        one.wake();
      }
    }
  }
}
