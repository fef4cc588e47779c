package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.events.BusEvent;
import parlour.events.LocalEventBus;
import parlour.http.json.JsonText;
import parlour.scopedauth.RefusedToken;
import parlour.spec.AtOnce;
import parlour.spec.StoppedClock;
import parlour.store.DiskSpace;
import parlour.store.ForwardingDatabase;

class AccountWatchTest extends WithOneConversation {
  @Test
  void a_subscriber_receives_an_erasure_once_also_if_it_was_away() {
    AccountCursor cursor = conversations.watchFromNow(account);
    say("Hello", "a");
    AccountNews news = watch(cursor, LONG);
    conversations.erase(account, conversation);
    clock.pass(Limits.WATCH_OVERLAP.multipliedBy(2));
    AccountNews last = watch(news.cursor(), LONG);
    assertThat(last.erased()).containsExactly(conversation);
    assertThat(last.overviews()).isEmpty();
    assertThat(watch(last.cursor(), Duration.ZERO).erased()).isEmpty();
    assertThat(conversations
            .watch(Sid.Account.random(random), news.cursor(), Duration.ZERO, Amount.PAGE)
            .erased())
        .isEmpty();
    clock.pass(Limits.ERASURES_REMEMBERED);
    conversations.deleteErasureRecords();
    assertThat(watch(news.cursor(), Duration.ZERO).erased()).isEmpty();
  }

  @Test
  void a_change_that_is_repeated_after_a_lost_answer_is_published_again() {
    List<BusEvent> published = new ArrayList<>();
    var events = new LocalEventBus(LONG);
    var service = new ConversationsService(
        conversations.store(), events, scopedAuth, DiskSpace.unknown(), clock, random);
    Sid.Participant ann = ((JoinOutcome.Joined) joins(service)).participant().sid();
    Sid.Message message = service
        .messages(account, conversation, PageOfMessages.newest(1))
        .orElseThrow()
        .items()
        .getFirst()
        .sid();
    assertThat(service.remove(account, conversation, message)).isPresent();
    events.subscribe(published::add);
    var expected = new BusEvent.ConversationChanged(account, conversation);

    assertThat(joins(service)).isInstanceOf(JoinOutcome.AlreadyThere.class);
    assertThat(published).containsExactly(expected);
    assertThat(service.remove(account, conversation, message)).isEmpty();
    assertThat(published).containsExactly(expected, expected);
    assertThat(service.leave(account, conversation, ann)).isTrue();
    assertThat(service.leave(account, conversation, ann)).isFalse();
    assertThat(published).hasSize(4);
    assertThat(service.remove(Sid.Account.random(random), conversation, message))
        .isEmpty();
    assertThat(published).as("a conversation of another account").hasSize(4);
    assertThat(service.erase(account, conversation)).isTrue();
    service.erase(account, conversation);
    assertThat(published).hasSize(6).containsOnly(expected);
  }

  private JoinOutcome joins(ConversationsService service) {
    return service.join(account, conversation, ANN, ParticipantKind.AGENT, Optional.of("Ann"));
  }

  @Test
  void a_subscriber_receives_each_change_once() {
    AccountCursor cursor = conversations.watchFromNow(account);
    AccountNews begun = watch(cursor, Duration.ZERO);
    say("Hello", "a");
    AccountNews news = watch(begun.cursor(), LONG);
    assertThat(news.overviews())
        .singleElement()
        .satisfies(overview -> assertThat(overview.unread()).isEqualTo(1));
    assertThat(watch(news.cursor(), Duration.ZERO).overviews()).isEmpty();
    conversations.read(account, conversation, ANN, new MessageIndex(1));
    assertThat(watch(news.cursor(), LONG).overviews())
        .singleElement()
        .satisfies(overview -> assertThat(overview.unread()).isZero());
    assertThat(conversations
            .watch(Sid.Account.random(random), news.cursor(), Duration.ZERO, Amount.PAGE)
            .overviews())
        .isEmpty();
  }

  @Test
  void a_change_is_read_once_for_all_who_watch() {
    AtomicInteger reads = new AtomicInteger();
    ConversationStore counting = new SqlConversationStore(new ForwardingDatabase(database) {
      @Override
      public <T extends @Nullable Object> T read(Work<T> work) {
        T result = database.read(work);
        if (result instanceof Optional<?> one
            && one.orElse(null) instanceof Conversations.Overview) {
          reads.incrementAndGet();
        }
        return result;
      }
    });
    ConversationsService watched = service(counting, clock);
    AccountCursor cursor = watched.watchFromNow(account);
    say("Hello", "a");
    List<AccountNews> all =
        AtOnce.run(20, _ -> watched.watch(account, cursor, Duration.ZERO, Amount.PAGE));
    assertThat(all)
        .allSatisfy(news -> assertThat(news.overviews())
            .singleElement()
            .satisfies(one -> assertThat(one.unread()).isEqualTo(1)));
    int atOnce = reads.get(); // one, unless the machine stops for Limits.OVERVIEW_WAIT
    assertThat(atOnce).isLessThan(20);
    // A change of another process.
    conversations.read(account, conversation, ANN, new MessageIndex(1));
    AccountCursor next = all.getFirst().cursor();
    for (int i = 0; i < 2; i++) {
      assertThat(watched.watch(account, next, Duration.ZERO, Amount.PAGE).overviews())
          .singleElement()
          .satisfies(one -> assertThat(one.unread()).isZero());
    }
    assertThat(reads).hasValue(atOnce + 1);
  }

  @Test
  void a_subscriber_receives_every_change_also_of_many_at_once() {
    AccountCursor cursor = conversations.watchFromNow(account);
    Set<Sid.Conversation> begun = new HashSet<>();
    for (int i = 0; i < 3; i++) { // in one millisecond: the clock stands
      begun.addAll(AtOnce.run(500, _ -> begins(conversations)));
    }
    List<Sid.Conversation> received = new ArrayList<>();
    cursor = readAll(cursor, received);
    assertThat(received).hasSameSizeAs(begun).containsExactlyInAnyOrderElementsOf(begun);
    clock.pass(Duration.ofMillis(5));
    Sid.Conversation next = begins(conversations);
    received.clear();
    readAll(cursor, received);
    assertThat(received).containsExactly(next);
  }

  @Test
  void a_subscriber_reads_without_a_pause_until_there_is_nothing_more() {
    AccountCursor cursor = conversations.watchFromNow(account);
    AtOnce.run(150, _ -> begins(conversations));
    Duration pace = Duration.ofSeconds(1);
    int received = 0;
    while (received < 150) {
      AccountNews news = watch(cursor, Duration.ZERO);
      received += news.overviews().size();
      assertThat(news.pause(pace)).isEqualTo(received < 150 ? Duration.ZERO : pace);
      cursor = news.cursor();
    }
    AccountNews nothing = watch(cursor, Duration.ZERO);
    assertThat(nothing.pause(pace)).as("it has waited already").isZero();
  }

  @Test
  void a_subscriber_without_a_reservation_learns_only_that_there_is_more() {
    AccountCursor cursor = conversations.watchFromNow(account);
    say("Hello", "a");
    guests.typing(scopedAuth.pass());
    AccountNews news = conversations.watch(account, cursor, LONG, Amount.SMALL);
    assertThat(news.overviews()).isEmpty();
    assertThat(news.more()).isTrue();
    assertThat(news.typing()).hasSize(1);
    AccountNews rest = watch(news.cursor(), LONG);
    assertThat(rest.overviews()).hasSize(1);
    assertThat(rest.typing()).isEmpty();
    assertThat(rest.more()).isFalse();
  }

  @Test
  void a_subscriber_receives_a_refused_token_once_also_if_it_did_not_fit_at_first() {
    AccountCursor cursor = conversations.watchFromNow(account);
    scopedAuth.refused.add(new RefusedToken(conversation, clock.instant()));
    clock.pass(Limits.REFUSALS_POLL);
    AccountNews waits = conversations.watch(account, cursor, LONG, Amount.SMALL);
    assertThat(waits.overviews()).isEmpty();
    assertThat(waits.more()).isTrue();
    AccountNews received = watch(waits.cursor(), LONG);
    assertThat(received.overviews()).hasSize(1);
    clock.pass(Limits.REFUSALS_POLL);
    assertThat(watch(received.cursor(), Duration.ZERO).isEmpty()).isTrue();
  }

  @Test
  void refused_tokens_are_read_at_their_own_pace_however_often_changes_are_read() {
    AccountCursor cursor = conversations.watchFromNow(account);
    scopedAuth.refusalsRead.set(0);
    for (int i = 0; i < 20; i++) {
      say("Hello", "m" + i);
      cursor = watch(cursor, LONG).cursor();
    }
    assertThat(scopedAuth.refusalsRead).hasValue(0);
    clock.pass(Limits.REFUSALS_POLL);
    watch(cursor, Duration.ZERO);
    assertThat(scopedAuth.refusalsRead).hasValue(1);
  }

  @Test
  void a_cursor_that_no_longer_has_old_revisions_does_not_repeat_them() {
    AccountCursor cursor = conversations.watchFromNow(account);
    int many = Limits.WATCH_REVISIONS + 200;
    for (int i = 0; i < many / 100; i++) {
      AtOnce.run(100, _ -> begins(conversations));
      clock.pass(Duration.ofMillis(1));
    }
    List<Sid.Conversation> received = new ArrayList<>();
    cursor = readAll(cursor, received);
    assertThat(received).hasSize(many).doesNotHaveDuplicates();
    assertThat(cursor.delivered()).hasSizeLessThanOrEqualTo(Limits.WATCH_REVISIONS);
  }

  @Test
  void a_subscriber_receives_the_changes_of_a_node_whose_clock_is_behind() {
    StoppedClock slow = new StoppedClock();
    slow.set(clock.instant().minus(Limits.CLOCK_SKEW).plusSeconds(2));
    Conversations other = service(new SqlConversationStore(database), slow);
    AccountCursor cursor = conversations.watchFromNow(account);
    say("here", "a");
    List<Sid.Conversation> received = new ArrayList<>();
    cursor = readAll(cursor, received);
    Sid.Conversation there = begins(other);
    received.clear();
    readAll(cursor, received);
    assertThat(received).containsExactly(there);
  }

  @Test
  void a_subscriber_receives_the_changes_after_the_clock_was_set_back() {
    AccountCursor cursor = conversations.watchFromNow(account);
    say("before", "a");
    List<Sid.Conversation> received = new ArrayList<>();
    cursor = readAll(cursor, received);
    clock.pass(Duration.ofHours(-1));
    Sid.Conversation after = begins(conversations);
    received.clear();
    cursor = readAll(cursor, received);
    assertThat(received).containsExactly(after);
    received.clear();
    readAll(cursor, received);
    assertThat(received).isEmpty();
  }

  @Test
  void a_subscriber_does_not_receive_earlier_changes() {
    say("before", "a");
    List<Sid.Conversation> received = new ArrayList<>();
    readAll(conversations.watchFromNow(account), received);
    assertThat(received).isEmpty();
  }

  /** Reads until there is nothing more, and adds the conversations to a list. */
  private AccountCursor readAll(AccountCursor from, List<Sid.Conversation> received) {
    AccountCursor cursor = from;
    while (true) {
      AccountNews news = watch(cursor, Duration.ZERO);
      if (news.overviews().isEmpty()) {
        return news.cursor();
      }
      news.overviews().forEach(one -> received.add(one.conversation().sid()));
      assertThat(received).hasSizeLessThan(10_000);
      cursor = news.cursor();
    }
  }

  /** Someone starts a conversation and says something, which makes it visible to watchers. */
  private Sid.Conversation begins(Conversations where) {
    Sid.Conversation sid = Sid.Conversation.random(random);
    Identity identity = new Identity("guest_" + sid.text());
    where.create(new Conversations.NewConversation(
        sid,
        account,
        Sid.Address.random(random),
        Sid.Deployment.random(random),
        identity,
        "Ada",
        JsonText.EMPTY,
        Optional.empty(),
        Optional.empty()));
    where.send(
        account,
        new Conversations.NewMessage(
            sid,
            new Message.Author(identity, ParticipantKind.GUEST, "Ada"),
            Message.Content.of("Hello"),
            Optional.of("a")));
    return sid;
  }

  private AccountNews watch(AccountCursor cursor, Duration timeout) {
    return conversations.watch(account, cursor, timeout, Amount.PAGE);
  }

  private GuestOutcome<Sent> say(String body, String clientId) {
    return guests.send(scopedAuth.pass(), body, JsonText.EMPTY, List.of(), clientId);
  }
}
