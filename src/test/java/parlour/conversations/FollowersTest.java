package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.Eventually.until;

import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.Eventually;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;
import parlour.events.LocalEventBus;
import parlour.http.client.Nodes;
import parlour.http.json.JsonText;
import parlour.media.MediaService;
import parlour.push.NoPushes;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Generation;
import parlour.scopedauth.Revocation;
import parlour.store.DiskSpace;
import parlour.store.Sqlite;
import parlour.store.SqliteDatabase;

/** Followers of one process, and the node of Conversations from which they read. */
@Timeout(120)
class FollowersTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Identity AGENT = new Identity("agent_1");

  @TempDir
  Path folder;

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Conversation conversation = Sid.Conversation.random(random);
  private final InstantSource clock = InstantSource.system();
  private final OneGuest scopedAuth = new OneGuest(
      conversation, new Audience(account, Sid.Deployment.random(random), false), clock);
  private final GuestSession session = session(Limits.TOKEN_TTL_DEFAULT);
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final AtomicInteger said = new AtomicInteger();

  /**
   * @param ttl of its token
   */
  private GuestSession session(Duration ttl) {
    return new GuestSession(
        scopedAuth.session,
        account,
        conversation,
        new Identity("guest_1"),
        new Generation(1),
        clock.instant().plus(ttl),
        clock.instant().plus(Limits.UNBOUND_SESSION_TTL_DEFAULT),
        false);
  }

  @AfterEach
  void close() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  /** A node of Conversations, whose stream a test can cut. */
  private final class Node implements WakeUps {
    private final ConversationsService conversations;
    private final Revocations revocations;
    private final WakeUpsService wakeUps;
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger reading = new AtomicInteger();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger streams = new AtomicInteger();
    private volatile boolean isCut;
    private volatile @Nullable CountDownLatch held;

    /**
     * @param pollInterval between two reads of the store without an event
     */
    Node(Duration pollInterval) {
      SqliteDatabase database =
          Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
      opened.push(database);
      conversations = new ConversationsService(
          new SqlConversationStore(database),
          new LocalEventBus(pollInterval),
          scopedAuth,
          DiskSpace.unknown(),
          clock,
          random);
      revocations = new Revocations(scopedAuth, conversations, clock);
      opened.push(new PollingThread(revocations));
      wakeUps = new WakeUpsService(
          conversations,
          conversations,
          new GuestConversationsService(
              conversations,
              MediaService.inDatabase(database, DiskSpace.unknown(), clock),
              scopedAuth,
              revocations,
              NoPushes.over(database),
              RateLimiter.UNLIMITED));
      conversations.create(new Conversations.NewConversation(
          conversation,
          account,
          Sid.Address.random(random),
          Sid.Deployment.random(random),
          new Identity("guest_1"),
          "Ada",
          JsonText.EMPTY,
          Optional.empty(),
          Optional.empty()));
      conversations.join(account, conversation, AGENT, ParticipantKind.AGENT, Optional.of("Ann"));
    }

    String says() {
      String body = "m" + said.incrementAndGet();
      assertThat(conversations.send(
              account,
              new Conversations.NewMessage(
                  conversation,
                  new Message.Author(AGENT, ParticipantKind.AGENT, "Ann"),
                  Message.Content.of(body),
                  Optional.empty())))
          .isInstanceOf(Sent.Added.class);
      return body;
    }

    @Override
    public Followed<PollResult> follow(
        Ticket ticket, GuestSession guest, Cursor cursor, Amount amount) {
      atOnce.accumulateAndGet(reading.incrementAndGet(), Math::max);
      try {
        Followed<PollResult> read = wakeUps.follow(ticket, guest, cursor, amount);
        reads.incrementAndGet();
        CountDownLatch latch = held;
        if (latch != null) {
          Eventually.await(latch);
        }
        return read;
      } finally {
        reading.decrementAndGet();
      }
    }

    @Override
    public Followed<AccountNews> watch(
        Ticket ticket, Sid.Account of, AccountCursor cursor, Amount amount) {
      reads.incrementAndGet();
      return wakeUps.watch(ticket, of, cursor, amount);
    }

    @Override
    public Optional<Woken> next(String process, String stream, long received) {
      Optional<Woken> part = wakeUps.next(process, stream, received);
      if (isCut) {
        throw new Unavailable("the test", "the answer was lost", null);
      }
      streams.addAndGet(received == 0 ? 1 : 0);
      return part;
    }
  }

  private Followers followers(Node node) {
    Followers followers = new Followers(node, random);
    opened.push(followers);
    followers.receive(Nodes.of("Conversations", URI.create("http://127.0.0.1:9")), _ -> node);
    until("the stream is open", () -> node.streams.get() > 0);
    return followers;
  }

  private Follower follow(Followers followers) {
    return follow(followers, session);
  }

  private Follower follow(Followers followers, GuestSession as) {
    Follower follower = new Follower(followers, as);
    opened.push(follower::stop);
    return follower;
  }

  /** Follows as a socket does, and keeps what came. */
  private static final class Follower {
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<PollResult> ends = new CopyOnWriteArrayList<>();
    private final Thread thread;

    Follower(Followers followers, GuestSession as) {
      thread = Thread.ofVirtual().start(() -> {
        Cursor cursor = new Cursor(Revision.NONE, 0);
        while (!Thread.currentThread().isInterrupted()) {
          try {
            PollResult result = followers.follow(as, cursor, LONG, Amount.SMALL);
            if (!(result instanceof PollResult.News news)) {
              ends.add(result);
              return;
            }
            news.changes().forEach(this::keep);
            cursor = news.cursor();
          } catch (Unavailable outage) {
            // It reads again.
          }
        }
      });
    }

    private void keep(Changes.Change change) {
      if (change instanceof Changes.Change.OfMessage(Message message)) {
        bodies.add(message.body());
      }
    }

    void stop() throws InterruptedException {
      thread.interrupt();
      thread.join();
    }
  }

  private List<String> all() {
    List<String> bodies = new ArrayList<>();
    for (int i = 1; i <= said.get(); i++) {
      bodies.add("m" + i);
    }
    return bodies;
  }

  /** Waits for what a wake-up causes, and not the read of a follower that was not woken. */
  private static void soon(Eventually.Condition condition) {
    long began = System.nanoTime();
    until(condition);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Limits.WAKE_UP_REREAD);
  }

  @Test
  void a_follower_reads_once_for_each_message_and_not_in_between() {
    Node node = new Node(Limits.FOLLOW_TIMEOUT);
    Followers followers = followers(node);
    Follower follower = follow(followers);
    until("it waits", () -> node.reads.get() == 1);
    for (int i = 1; i <= 5; i++) {
      node.says();
      soon(() -> follower.bodies.equals(all()));
      assertThat(node.reads).hasValue(1 + i);
    }
  }

  @Test
  void a_follower_between_two_polls_is_woken_too() {
    Node node = new Node(Limits.FOLLOW_TIMEOUT);
    Followers followers = followers(node);
    PollResult.News none = (PollResult.News)
        followers.follow(session, new Cursor(Revision.NONE, 0), Duration.ZERO, Amount.SMALL);
    PollResult.News reached =
        (PollResult.News) followers.follow(session, none.cursor(), Duration.ZERO, Amount.SMALL);
    assertThat(reached.changes()).isEmpty();
    assertThat(node.reads).as("nothing woke it").hasValue(1);
    node.says();
    PollResult.News news = (PollResult.News)
        followers.follow(session, reached.cursor(), Limits.FOLLOW_TIMEOUT, Amount.SMALL);
    assertThat(news.changes()).hasSize(1);
    assertThat(node.reads).hasValue(2);
  }

  /** The wake-up was taken from the node, and lost with the connection. */
  @Test
  void a_message_whose_wake_up_is_lost_is_read_after_the_cut_and_once() {
    Node node = new Node(Limits.FOLLOW_TIMEOUT);
    Followers followers = followers(node);
    Follower follower = follow(followers);
    until("it waits", () -> node.reads.get() == 1);
    for (int i = 1; i <= 3; i++) {
      int opened = node.streams.get();
      node.isCut = true;
      node.says();
      soon(() -> follower.bodies.equals(all()));
      node.isCut = false;
      until("the stream is open again", () -> node.streams.get() > opened);
      node.says();
      soon(() -> follower.bodies.equals(all()));
    }
  }

  @Test
  void after_a_cut_few_followers_read_at_the_same_time() {
    Node node = new Node(Limits.FOLLOW_TIMEOUT);
    Followers followers = followers(node);
    List<Follower> all = new ArrayList<>();
    for (int i = 0; i < 3 * Limits.FOLLOW_READS; i++) {
      all.add(follow(followers));
    }
    until("all wait", () -> node.reads.get() >= all.size());
    CountDownLatch latch = new CountDownLatch(1);
    int before = node.reads.get();
    node.atOnce.set(0);
    node.held = latch;
    node.isCut = true;
    until("the first ones read", () -> node.reads.get() >= before + Limits.FOLLOW_READS);
    latch.countDown();
    node.held = null;
    until("all have read", () -> node.reads.get() >= before + all.size());
    assertThat(node.atOnce).hasValueLessThanOrEqualTo(Limits.FOLLOW_READS);
    node.isCut = false;
    node.says();
    soon(() -> all.stream().allMatch(one -> one.bodies.equals(all())));
  }

  @Test
  void a_change_without_an_event_is_found_in_the_store() {
    Node other = new Node(Limits.FOLLOW_TIMEOUT);
    Node node = new Node(Limits.POLL_WITHOUT_EVENTS);
    Follower follower = follow(followers(node));
    until("it waits", () -> node.reads.get() == 1);
    other.says(); // which the node does not notice
    soon(() -> {
      node.wakeUps.check();
      return follower.bodies.equals(all());
    });
    int reads = node.reads.get();
    long end = System.nanoTime() + Limits.POLL_WITHOUT_EVENTS.multipliedBy(2).toNanos();
    until(() -> {
      node.wakeUps.check();
      return System.nanoTime() - end > 0;
    });
    assertThat(node.reads).as("nothing has changed").hasValue(reads);
    other.conversations.erase(account, conversation);
    soon(() -> {
      node.wakeUps.check();
      return follower.ends.equals(List.of(new PollResult.Gone()));
    });
  }

  @Test
  void a_follower_is_woken_when_its_token_ends_and_when_its_session_does() {
    Node node = new Node(Limits.FOLLOW_TIMEOUT);
    Followers followers = followers(node);
    Follower brief = follow(followers, session(Duration.ofSeconds(1)));
    until("it waits", () -> node.reads.get() == 1);
    soon(() -> {
      node.wakeUps.check();
      return !brief.ends.isEmpty();
    });
    assertThat(brief.ends).containsExactly(new PollResult.Over(session.refusedToken()));

    Follower revoked = follow(followers);
    until("it waits", () -> node.reads.get() == 3);
    scopedAuth.revoked.add(new Revocation(clock.instant(), scopedAuth.session, true));
    soon(() -> !revoked.ends.isEmpty());
    assertThat(revoked.ends.getFirst()).isInstanceOf(PollResult.Over.class);
  }

  @Test
  void a_node_that_stops_ends_its_streams_and_says_that_it_is_unavailable() {
    Node node = new Node(Limits.FOLLOW_TIMEOUT);
    Followers followers = followers(node);
    assertThat(node.wakeUps.next("p", "s", 0)).isPresent();
    node.wakeUps.stop();
    assertThatThrownBy(() -> node.wakeUps.next("p", "s", 1)).isInstanceOf(Unavailable.class);
    assertThatThrownBy(() -> followers.follow(
            session, new Cursor(Revision.NONE, 0), Limits.FOLLOW_TIMEOUT, Amount.SMALL))
        .isInstanceOf(Unavailable.class);
  }

  @Test
  void an_agent_who_follows_the_account_is_woken_by_a_message() {
    Node node = new Node(Limits.FOLLOW_TIMEOUT);
    Followers followers = followers(node);
    AccountCursor from = node.conversations.watchFromNow(account);
    AccountCursor cursor = new AccountCursor(
        from.since(), from.delivered(), from.typing(), Optional.empty()); // as of a webhook
    AccountCursor reached =
        followers.watch(account, cursor, Duration.ZERO, Amount.PAGE).cursor();
    int reads = node.reads.get();
    node.says();
    AccountNews news = followers.watch(account, reached, Limits.FOLLOW_TIMEOUT, Amount.PAGE);
    assertThat(news.overviews()).hasSize(1);
    assertThat(node.reads).hasValue(reads + 1);
  }
}
