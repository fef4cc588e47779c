package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.PollResult;
import parlour.notices.LocalEventBus;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Audience;
import parlour.spec.StoppedClock;
import parlour.store.DiskSpace;
import parlour.store.SqliteDatabase;

/** Bounds of what a follower reads at once, and of a disk that is nearly full. */
class BoundsTest {
  private static final SecureRandom random = new SecureRandom();

  @TempDir
  Path folder;

  private final StoppedClock clock = new StoppedClock();
  private final Sid.Account account = Sid.Account.random(random);
  private final Audience audience = new Audience(account, Sid.Deployment.random(random), false);
  private final Sid.Conversation conversation = Sid.Conversation.random(random);
  private final OneGuest scopedAuth = new OneGuest(conversation, audience, clock);
  private SqliteDatabase database;
  private ConversationsService conversations;
  private GuestConversations guests;

  @BeforeEach
  void open() {
    database = SqliteDatabase.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
    conversations = service(DiskSpace.unknown());
    guests = new GuestConversationsService(
        conversations,
        scopedAuth,
        new Revocations(scopedAuth, conversations, clock),
        RateLimiter.UNLIMITED);
    conversations.create(begun(conversation));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void a_follower_without_a_reservation_only_learns_that_a_long_message_exists() {
    GuestConversations.GuestSession session = entered();
    says("short", "a");
    says("x".repeat(Limits.FOLLOW_BYTES / 3), "b");
    says("y".repeat(Limits.FOLLOW_BYTES / 3), "c");
    Duration timeout = Duration.ofSeconds(9);
    PollResult.News first =
        news(guests.follow(session, new Cursor(new Revision(1), 0), timeout, Amount.SMALL));
    assertThat(first.changes()).hasSize(1);
    assertThat(first.more()).isTrue();
    assertThat(guests.follow(session, first.cursor(), timeout, Amount.SMALL))
        .isEqualTo(PollResult.News.later(first.cursor()));
    PollResult.News rest = news(guests.follow(session, first.cursor(), timeout, Amount.LARGE));
    assertThat(rest.changes()).hasSize(2);
    assertThat(rest.more()).isFalse();
  }

  @Test
  void on_a_nearly_full_disk_no_conversation_begins_and_running_ones_go_on() {
    DiskSpace full = new DiskSpace(() -> Optional.of(new DiskSpace.Space(1, 1L << 40)));
    full.check();
    Conversations there = service(full);
    assertThatThrownBy(() -> there.create(begun(Sid.Conversation.random(random))))
        .isInstanceOf(Unavailable.class);
    says("Hello", "a");
  }

  private ConversationsService service(DiskSpace disk) {
    return new ConversationsService(
        new SqlConversationStore(database),
        new LocalEventBus(Limits.FOLLOW_TIMEOUT),
        scopedAuth,
        disk,
        clock,
        random);
  }

  private Conversations.NewConversation begun(Sid.Conversation sid) {
    return new Conversations.NewConversation(
        sid,
        account,
        Sid.Address.random(random),
        audience.deployment(),
        new Identity("guest_1"),
        "Ada",
        "{}",
        Optional.empty(),
        Optional.empty());
  }

  private GuestConversations.GuestSession entered() {
    return done(guests.enter(scopedAuth.pass())).orElseThrow().session();
  }

  private void says(String body, String clientId) {
    assertThat(done(guests.send(scopedAuth.pass(), body, "{}", clientId)))
        .isInstanceOf(Sent.Added.class);
  }

  private static <T> T done(GuestOutcome<T> outcome) {
    return ((GuestOutcome.Done<T>) outcome).value();
  }

  private static PollResult.News news(PollResult result) {
    return (PollResult.News) result;
  }
}
