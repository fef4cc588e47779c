package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;
import static parlour.Eventually.untilItIsIn;

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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;
import parlour.events.EventBus;
import parlour.events.LocalEventBus;
import parlour.http.json.JsonText;
import parlour.media.MediaService;
import parlour.push.NoPushes;
import parlour.rates.RateLimiter;
import parlour.redis.RealRedis;
import parlour.redis.Redis;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Generation;
import parlour.store.DiskSpace;
import parlour.store.Sqlite;
import parlour.store.SqliteDatabase;

/** Nodes over one store: a follower at one node receives the messages that are sent at the other. */
@Timeout(120)
class SeveralNodesTest {
  private static final SecureRandom random = new SecureRandom();

  @TempDir
  Path folder;

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Conversation conversation = Sid.Conversation.random(random);
  private final InstantSource clock = InstantSource.system();
  private final OneGuest scopedAuth = new OneGuest(
      conversation, new Audience(account, Sid.Deployment.random(random), false), clock);
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final AtomicInteger said = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  /** The interfaces of one node. */
  private record Node(Conversations accounts, GuestConversations guests) {}

  private Node node(EventBus events) {
    SqliteDatabase database =
        Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
    opened.push(database);
    ConversationsService conversations = new ConversationsService(
        new SqlConversationStore(database), events, scopedAuth, DiskSpace.unknown(), clock, random);
    Revocations revocations = new Revocations(scopedAuth, conversations, clock);
    opened.push(new PollingThread(revocations));
    Node node = new Node(
        conversations,
        new GuestConversationsService(
            conversations,
            MediaService.inDatabase(database, DiskSpace.unknown(), clock),
            scopedAuth,
            revocations,
            NoPushes.over(database),
            RateLimiter.UNLIMITED));
    node.accounts()
        .create(new Conversations.NewConversation(
            conversation,
            account,
            Sid.Address.random(random),
            Sid.Deployment.random(random),
            new Identity("guest_1"),
            "Ada",
            JsonText.EMPTY,
            Optional.empty(),
            Optional.empty()));
    node.accounts()
        .join(
            account,
            conversation,
            new Identity("agent_1"),
            ParticipantKind.AGENT,
            Optional.of("Ann"));
    return node;
  }

  private Node node(RealRedis server) {
    Redis redis = Redis.start(server.address(), random);
    opened.push(redis);
    redis.eventBus().follow(conversation);
    until(() -> redis.eventBus().pollInterval(conversation).equals(Limits.POLL_WITH_EVENTS));
    return node(redis.eventBus());
  }

  @Test
  void without_redis_a_follower_looks_into_the_log_by_itself() {
    Node one = node(new LocalEventBus(Limits.POLL_WITHOUT_EVENTS));
    Node other = node(new LocalEventBus(Limits.POLL_WITHOUT_EVENTS));
    Follower follower = follow(other);
    say(one);
    until(() -> follower.bodies().size() == 1);
    assertThat(follower.longestDelay()).isLessThan(Limits.POLL_WITHOUT_EVENTS.multipliedBy(6));
  }

  @Test
  void a_node_that_alone_uses_its_store_does_not_poll_it() throws InterruptedException {
    Node one = node(new LocalEventBus(Limits.FOLLOW_TIMEOUT));
    Node other = node(new LocalEventBus(Limits.FOLLOW_TIMEOUT));
    Follower follower = follow(other);
    untilItIsIn(Waiters.Subscription.class, "await", follower.thread);
    say(one);
    TimeUnit.MILLISECONDS.sleep(Limits.POLL_WITHOUT_EVENTS.toMillis() * 2);
    assertThat(follower.bodies()).isEmpty();
    say(other);
    until(() -> follower.bodies().size() == 2);
  }

  @Test
  void with_redis_it_receives_messages_and_typing_at_once() {
    try (RealRedis server = RealRedis.start()) {
      Node one = node(server);
      Node other = node(server);
      Follower follower = follow(other);
      for (int i = 0; i < 20; i++) {
        say(one);
        int sent = i + 1;
        until(() -> follower.bodies().size() == sent);
      }
      // Far below the poll interval, twenty times in a row.
      assertThat(follower.longestDelay()).isLessThan(Limits.POLL_WITH_EVENTS.dividedBy(2));
      one.accounts().typing(account, conversation, new Identity("agent_1"));
      until(() -> follower.typists().equals(List.of("Ann")));
      one.guests().typing(scopedAuth.pass());
      other.accounts().typing(account, conversation, new Identity("agent_1"));
      until(() -> follower.typists().size() == 2);
      assertThat(follower.typists()).as("not oneself").containsExactly("Ann", "Ann");
      closeNodes();
    }
  }

  @Test
  void a_subscriber_of_the_account_receives_changes_at_the_other_node() {
    try (RealRedis server = RealRedis.start()) {
      Node one = node(server);
      Node other = node(server);
      AccountCursor cursor = other
          .accounts()
          .watch(account, other.accounts().watchFromNow(account), Duration.ZERO, Amount.PAGE)
          .cursor();
      say(one);
      AccountNews news =
          other.accounts().watch(account, cursor, Limits.FOLLOW_TIMEOUT, Amount.PAGE);
      assertThat(news.overviews())
          .singleElement()
          .satisfies(overview -> assertThat(overview.lastMessage())
              .hasValueSatisfying(last -> assertThat(last.body()).isEqualTo("m1")));
      closeNodes();
    }
  }

  /** Every acknowledged message is delivered once and in order, whatever happens to Redis. */
  @Test
  void nothing_is_lost_while_redis_is_killed_and_started_again_under_load() throws Exception {
    try (RealRedis server = RealRedis.start()) {
      Node one = node(server);
      Node other = node(server);
      Follower there = follow(other);
      Follower here = follow(one);
      AtomicBoolean over = new AtomicBoolean();
      Thread writing = Thread.ofVirtual().start(() -> {
        while (!over.get()) {
          say(one);
          pause(Duration.ofMillis(2));
        }
      });
      for (int i = 0; i < 3; i++) {
        pause(Duration.ofMillis(300));
        server.kill();
        int before = there.bodies().size();
        until(() -> there.bodies().size() > before + 20); // pushes go on: it looks
        server.startAgain();
      }
      over.set(true);
      writing.join();
      List<String> acknowledged = new ArrayList<>();
      for (int i = 1; i <= said.get(); i++) {
        acknowledged.add("m" + i);
      }
      until(() -> there.bodies().size() >= acknowledged.size());
      until(() -> here.bodies().size() >= acknowledged.size());
      assertThat(there.bodies()).containsExactlyElementsOf(acknowledged);
      assertThat(here.bodies()).containsExactlyElementsOf(acknowledged);
      assertThat(here.longestDelay()).as("at its own node").isLessThan(Limits.POLL_WITHOUT_EVENTS);

      // And then at once again.
      until(() -> {
        long began = System.nanoTime();
        int before = there.bodies().size();
        say(one);
        until(() -> there.bodies().size() > before);
        return System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(100);
      });
      closeNodes();
    }
  }

  /** Before their Redis, so that the log has no loss of Redis that the test caused. */
  private void closeNodes() {
    try {
      close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void say(Node node) {
    String body = "m" + (said.get() + 1);
    Sent sent = node.accounts()
        .send(
            account,
            new Conversations.NewMessage(
                conversation,
                new Message.Author(new Identity("agent_1"), ParticipantKind.AGENT, "Ann"),
                Message.Content.of(body),
                Optional.empty()));
    assertThat(sent).isInstanceOf(Sent.Added.class);
    said.incrementAndGet();
  }

  private Follower follow(Node node) {
    Follower follower = new Follower(node);
    opened.push(follower);
    return follower;
  }

  /** One who follows as a socket does, and keeps what came. */
  private final class Follower implements AutoCloseable {
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> typists = new CopyOnWriteArrayList<>();
    private final List<Duration> delays = new CopyOnWriteArrayList<>();
    private final Thread thread;

    Follower(Node node) {
      GuestSession session = new GuestSession(
          scopedAuth.session,
          account,
          conversation,
          new Identity("guest_1"),
          new Generation(1),
          clock.instant().plus(Limits.TOKEN_TTL_DEFAULT),
          clock.instant().plus(Limits.UNBOUND_SESSION_TTL_DEFAULT),
          false);
      thread = Thread.ofVirtual().start(() -> {
        Cursor cursor = new Cursor(Revision.NONE, 0);
        while (!Thread.currentThread().isInterrupted()) {
          if (node.guests().follow(session, cursor, Limits.FOLLOW_TIMEOUT, Amount.SMALL)
              instanceof PollResult.News(var changes, var typing, Cursor reached, var more)) {
            changes.forEach(this::keep);
            typing.forEach(one -> typists.add(one.participant().name()));
            cursor = reached;
          }
        }
      });
    }

    private void keep(Changes.Change change) {
      if (change instanceof Changes.Change.OfMessage(Message message)) {
        bodies.add(message.body());
        delays.add(Duration.between(message.created(), clock.instant()));
      }
    }

    List<String> bodies() {
      return bodies;
    }

    List<String> typists() {
      return typists;
    }

    Duration longestDelay() {
      return delays.stream().max(Duration::compareTo).orElseThrow();
    }

    @Override
    public void close() {
      thread.interrupt();
      until(() -> !thread.isAlive());
    }
  }

  private static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
