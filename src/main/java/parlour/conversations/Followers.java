package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Durations;
import parlour.Limits;
import parlour.OutageLog;
import parlour.RandomHex;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.WakeUps.Followed;
import parlour.conversations.WakeUps.Ticket;
import parlour.conversations.WakeUps.Woken;
import parlour.http.client.Nodes;

/**
 * The followers of this process whose conversations other processes serve. A follower reads, and then
 * waits here until the stream of the node that it read from wakes it. One thread for each node
 * receives that node's stream. If a stream breaks, its followers read again, a few at a time.
 */
public final class Followers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Followers.class);

  private final WakeUps conversations;
  private final String process;
  private final AtomicLong numbers = new AtomicLong();
  private final Semaphore turns = new Semaphore(Limits.FOLLOW_READS, true);
  private final Set<String> streams = ConcurrentHashMap.newKeySet();
  private final Map<Long, Follower> followers = new ConcurrentHashMap<>();
  /** The followers between two calls, by the place from which the next call goes on. */
  private final Cache<Place<?>, Follower> returning = Caffeine.newBuilder()
      .maximumSize(Limits.WAKE_UP_FOLLOWERS)
      .expireAfterWrite(Limits.WAKE_UP_LIFETIME)
      .executor(Runnable::run)
      .<Place<?>, Follower>removalListener((_, follower, cause) -> {
        if (follower != null && cause != RemovalCause.EXPLICIT) {
          forget(follower);
        }
      })
      .build();

  private final Map<Nodes.Node, Thread> receivers = new ConcurrentHashMap<>();
  private @Nullable Thread starter;
  private volatile boolean isClosed;

  /**
   * @param conversations at any node
   */
  public Followers(WakeUps conversations, SecureRandom random) {
    this.conversations = conversations;
    this.process = RandomHex.next(random, 8);
  }

  // ---- reads and waits

  /** See {@link GuestConversations#follow}. */
  PollResult follow(GuestSession session, Cursor cursor, Duration timeout, Amount amount) {
    return next(new OfGuest(session, cursor), timeout, amount);
  }

  /** See {@link Conversations#watch}. */
  AccountNews watch(Sid.Account account, AccountCursor cursor, Duration timeout, Amount amount) {
    return next(new OfAccount(account, cursor), timeout, amount);
  }

  /**
   * How far a follower is. One that comes back with the same place has not read since.
   *
   * @param <R> the result of a read
   */
  private sealed interface Place<R> {
    Followed<R> read(WakeUps conversations, Ticket ticket, Amount amount);

    /** The place after a result; the same one if nothing can follow it. */
    Place<R> after(R result);

    boolean isNothing(R result);

    /** The result without a change. */
    R nothing();

    /** The longest time between two reads. */
    Duration rereadAfter();
  }

  private record OfGuest(GuestSession session, Cursor cursor) implements Place<PollResult> {
    @Override
    public Followed<PollResult> read(WakeUps conversations, Ticket ticket, Amount amount) {
      return conversations.follow(ticket, session, cursor, amount);
    }

    @Override
    public Place<PollResult> after(PollResult result) {
      return result instanceof PollResult.News news ? new OfGuest(session, news.cursor()) : this;
    }

    @Override
    public boolean isNothing(PollResult result) {
      return result instanceof PollResult.News news && news.isEmpty();
    }

    @Override
    public PollResult nothing() {
      return PollResult.News.nothing(cursor);
    }

    @Override
    public Duration rereadAfter() {
      return Limits.WAKE_UP_REREAD;
    }
  }

  private record OfAccount(Sid.Account account, AccountCursor cursor)
      implements Place<AccountNews> {
    @Override
    public Followed<AccountNews> read(WakeUps conversations, Ticket ticket, Amount amount) {
      return conversations.watch(ticket, account, cursor, amount);
    }

    @Override
    public Place<AccountNews> after(AccountNews result) {
      return new OfAccount(account, result.cursor());
    }

    @Override
    public boolean isNothing(AccountNews result) {
      return result.isEmpty();
    }

    @Override
    public AccountNews nothing() {
      return AccountNews.none(cursor);
    }

    /** No event says that a token was refused. */
    @Override
    public Duration rereadAfter() {
      return cursor.refused().isPresent() ? Limits.REFUSALS_POLL : Limits.WAKE_UP_REREAD;
    }
  }

  private <R> R next(Place<R> from, Duration timeout, Amount amount) {
    long end = System.nanoTime() + timeout.toNanos();
    Place<R> place = from;
    Follower follower = returning(from);
    boolean comesBack = false;
    try {
      while (true) {
        if (follower.mustRead(place.rereadAfter())) {
          Followed<R> read = read(place, follower, amount);
          place = place.after(read.result());
          if (!place.isNothing(read.result())) {
            comesBack = follower.isAwaited();
            return read.result();
          }
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
          comesBack = true;
          return place.nothing();
        }
        follower.await(left, place.rereadAfter());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return place.nothing();
    } finally {
      if (comesBack) {
        returning.put(place, follower);
      } else {
        forget(follower);
      }
    }
  }

  private Follower returning(Place<?> place) {
    Follower known = returning.asMap().remove(place);
    if (known != null) {
      return known;
    }
    Follower follower = new Follower(numbers.incrementAndGet());
    followers.put(follower.number, follower);
    return follower;
  }

  private void forget(Follower follower) {
    followers.remove(follower.number);
  }

  /** Few read at once, so that a broken stream does not take the connections of all other calls. */
  private <R> Followed<R> read(Place<R> place, Follower follower, Amount amount)
      throws InterruptedException {
    if (!turns.tryAcquire(Limits.CONVERSATIONS_DEADLINE.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new Unavailable("Conversations", "too many followers read at the same time", null);
    }
    try {
      follower.begins();
      Followed<R> read = place.read(conversations, new Ticket(process, follower.number), amount);
      follower.waitsFor(read.stream());
      return read;
    } finally {
      turns.release();
    }
  }

  /** One follower. Used by one thread at a time, except for its wake-ups. */
  private final class Follower {
    private final long number;
    private final Semaphore wakeUps = new Semaphore(1); // the first read
    private long readAt = System.nanoTime();
    private volatile Optional<String> stream = Optional.empty();

    Follower(long number) {
      this.number = number;
    }

    /** A read begins, which is enough for all that happened before it. */
    void begins() {
      wakeUps.drainPermits();
      readAt = System.nanoTime();
    }

    /** Notes which stream wakes it from now on. */
    void waitsFor(Optional<String> name) {
      stream = name;
    }

    void wake() {
      wakeUps.release();
    }

    void wakeIfOf(String name) {
      if (stream.equals(Optional.of(name))) {
        wake();
      }
    }

    /** Whether a stream wakes it. */
    boolean isAwaited() {
      return stream.filter(streams::contains).isPresent();
    }

    boolean mustRead(Duration rereadAfter) {
      return wakeUps.availablePermits() > 0 || nanosLeft(rereadAfter) <= 0;
    }

    private long nanosLeft(Duration rereadAfter) {
      Duration longest =
          isAwaited() ? rereadAfter : Durations.min(rereadAfter, Limits.POLL_WITHOUT_EVENTS);
      return readAt + longest.toNanos() - System.nanoTime();
    }

    /** Waits until it must read, or the time is over. */
    void await(long nanos, Duration rereadAfter) throws InterruptedException {
      long longest = Math.min(nanos, nanosLeft(rereadAfter));
      if (wakeUps.tryAcquire(longest, TimeUnit.NANOSECONDS)) {
        wake(); // for the check before the next read
      }
    }
  }

  // ---- streams

  /**
   * Receives the streams of all nodes from now on.
   *
   * @param at the calls of one node
   */
  public void receive(Nodes nodes, Function<Nodes.Node, WakeUps> at) {
    starter = Thread.ofVirtual().name("wake-ups: nodes").start(() -> {
      try {
        while (!isClosed) {
          for (Nodes.Node node : nodes.all()) {
            receivers.computeIfAbsent(
                node,
                one -> Thread.ofVirtual()
                    .name("wake-ups of Conversations")
                    .start(() -> receive(nodes, one, at.apply(one))));
          }
          Thread.sleep(Limits.NODE_HEALTH_CHECK);
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private void receive(Nodes nodes, Nodes.Node node, WakeUps there) {
    OutageLog outages = new OutageLog(log, "no wake-ups arrive from Conversations at " + node);
    try {
      while (!isClosed && nodes.all().contains(node)) {
        long began = System.nanoTime();
        receive(process + "-" + numbers.incrementAndGet(), there, outages);
        if (System.nanoTime() - began < Limits.NODE_HEALTH_CHECK.toNanos()) {
          Thread.sleep(Limits.NODE_HEALTH_CHECK); // otherwise at once: its followers read now
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } finally {
      receivers.remove(node);
    }
  }

  /** Receives a stream until it breaks. */
  private void receive(String stream, WakeUps there, OutageLog outages) {
    streams.add(stream); // first: the node knows it before its first part arrives
    try {
      Optional<Woken> part = there.next(process, stream, 0);
      while (!isClosed && part.isPresent()) {
        outages.worked();
        for (long number : part.get().followers()) {
          Follower woken = followers.get(number);
          if (woken != null) {
            woken.wake();
          }
        }
        part = there.next(process, stream, part.get().number());
      }
    } catch (RuntimeException e) {
      if (!isClosed) {
        outages.failed(e);
      }
    } finally {
      streams.remove(stream); // first: who waits for it from now on notices by itself
      followers.values().forEach(follower -> follower.wakeIfOf(stream));
    }
  }

  @Override
  public void close() {
    isClosed = true;
    if (starter != null) {
      starter.interrupt();
    }
    receivers.values().forEach(Thread::interrupt);
  }
}
