package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.PollResult;
import parlour.http.json.JsonText;
import parlour.rates.LocalRateLimiter;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Generation;
import parlour.scopedauth.Revocation;
import parlour.scopedauth.Verdict;

/** The calls that a guest may make, and the events that a follower of a conversation receives. */
class GuestConversationsServiceTest extends WithOneConversation {
  private static final Verdict.Refused REFUSED =
      new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED);
  private static final Cursor START = new Cursor(Revision.NONE, 0);
  private static final Identity BEA = new Identity("agent_2");

  private final ExecutorService elsewhere = Executors.newVirtualThreadPerTaskExecutor();
  private PollingThread polling;

  @BeforeEach
  void pollForRevocations() {
    polling = new PollingThread(revocations);
  }

  @AfterEach
  void stop() {
    polling.close();
    elsewhere.shutdownNow();
  }

  @Test
  void a_new_guest_finds_the_greeting_and_nothing_else() {
    GuestConversations.History history = history(PageOfMessages.newest(50));
    assertThat(history.messages()).singleElement().satisfies(greeting -> {
      assertThat(greeting.body()).isEqualTo("Welcome Ada");
      assertThat(greeting.author().kind()).isEqualTo(ParticipantKind.SYSTEM);
    });
    assertThat(history.more()).isFalse();
    assertThat(history.identity()).isEqualTo(GUEST);
  }

  @Test
  void a_message_of_a_guest_has_their_name_and_is_visible_to_the_account() {
    Message said = sent(say("Hello", "a"));
    assertThat(said.author().name()).isEqualTo("Ada");
    assertThat(said.author().kind()).isEqualTo(ParticipantKind.GUEST);
    assertThat(conversations.messages(account, conversation, PageOfMessages.newest(1)))
        .contains(new Page<>(List.of(said), true));
    assertThat(say("Hello again", "a"))
        .isEqualTo(new GuestOutcome.Done<>(new Sent.Duplicate(said)));
  }

  @Test
  void every_call_of_a_refused_guest_is_refused_and_changes_nothing() {
    for (Verdict.Failure failure : Verdict.Failure.values()) {
      scopedAuth.verdict = new Verdict.Refused(failure);
      List<GuestOutcome<?>> outcomes = List.of(
          guests.history(scopedAuth.pass(), PageOfMessages.newest(50)),
          say("Hello", "a"),
          guests.read(scopedAuth.pass(), new MessageIndex(0)),
          guests.typing(scopedAuth.pass()),
          guests.end(scopedAuth.pass(), true),
          guests.enter(scopedAuth.pass()));
      assertThat(outcomes)
          .allMatch(new GuestOutcome.Refused<>(new Verdict.Refused(failure))::equals);
    }
    assertThat(scopedAuth.revoked).isEmpty();
    assertThat(conversations.find(account, conversation)).hasValueSatisfying(found -> {
      assertThat(found.revision()).isEqualTo(new Revision(2));
      assertThat(found.state()).isEqualTo(Conversation.State.ACTIVE);
    });
  }

  @Test
  void pages_say_whether_there_is_more_in_their_direction() {
    for (int i = 1; i < 5; i++) {
      say("m" + i, "id" + i);
    }
    assertThat(history(PageOfMessages.newest(5)).more()).isFalse();
    assertThat(history(PageOfMessages.newest(4)).more()).isTrue();
    assertThat(history(new PageOfMessages.After(new MessageIndex(2), 1)).more()).isTrue();
    assertThat(history(new PageOfMessages.After(new MessageIndex(2), 2)).more()).isFalse();
    assertThat(history(new PageOfMessages.After(new MessageIndex(9), 2)).more()).isFalse();
  }

  @Test
  void ending_closes_the_conversation_and_forgetting_ends_the_session_too() {
    guests.end(scopedAuth.pass(), false);
    assertThat(say("late", "a")).isEqualTo(new GuestOutcome.Done<>(new Sent.Closed()));
    assertThat(history(PageOfMessages.newest(5)).messages()).hasSize(1);
    assertThat(scopedAuth.revoked).isEmpty();
    guests.end(scopedAuth.pass(), true);
    assertThat(scopedAuth.revoked).hasSize(1);
  }

  @Test
  void a_follower_first_receives_the_changes_that_it_missed_in_the_order_of_revisions() {
    say("one", "a");
    say("two", "b");
    PollResult.News news = news(guests.follow(enter().session(), after(2), LONG, Amount.SMALL));
    assertThat(bodies(news)).containsExactly("one", "two");
    assertThat(news.cursor().revision()).isEqualTo(new Revision(4));
  }

  @Test
  void a_waiting_follower_receives_a_message_at_once() throws Exception {
    GuestConversations.Entered entered = enter();
    Cursor now = now(entered);
    Future<PollResult> waiting =
        waits(() -> guests.follow(entered.session(), now, LONG, Amount.SMALL));
    say("Hello", "a");
    assertThat(bodies(news(waiting.get(60, TimeUnit.SECONDS)))).containsExactly("Hello");
  }

  @Test
  void a_follower_whose_poll_times_out_receives_nothing_and_continues_from_there() {
    GuestConversations.Entered entered = enter();
    Cursor now = now(entered);
    assertThat(guests.follow(entered.session(), now, Duration.ofMillis(20), Amount.SMALL))
        .isEqualTo(PollResult.News.nothing(now));
  }

  @Test
  void a_long_log_comes_in_parts_that_fit_together() {
    int messages = Limits.FOLLOW_BATCH * 2 + 10;
    for (int i = 0; i < messages; i++) {
      say("m" + i, "id" + i);
    }
    GuestConversations.GuestSession session = enter().session();
    List<String> heard = new ArrayList<>();
    Cursor cursor = after(2);
    while (heard.size() < messages) {
      PollResult.News news = news(guests.follow(session, cursor, LONG, Amount.SMALL));
      heard.addAll(bodies(news));
      cursor = news.cursor();
    }
    assertThat(heard).hasSize(messages).doesNotHaveDuplicates().endsWith("m" + (messages - 1));
  }

  @Test
  void a_typing_indicator_of_another_participant_is_received_once_and_ones_own_is_not() {
    conversations.join(account, conversation, ANN, ParticipantKind.AGENT, Optional.of("Ann"));
    GuestConversations.Entered entered = enter();
    Cursor now = now(entered);
    guests.typing(scopedAuth.pass());
    conversations.typing(account, conversation, ANN);
    PollResult.News news = news(guests.follow(entered.session(), now, LONG, Amount.SMALL));
    assertThat(news.typing())
        .extracting(typing -> typing.participant().name())
        .containsExactly("Ann");
    assertThat(news(guests.follow(entered.session(), news.cursor(), Duration.ZERO, Amount.SMALL))
            .typing())
        .isEmpty();
  }

  @Test
  void a_revocation_ends_the_wait() throws Exception {
    GuestConversations.Entered entered = enter();
    Cursor now = now(entered);
    Future<PollResult> waiting =
        waits(() -> guests.follow(entered.session(), now, LONG, Amount.SMALL));
    scopedAuth.revoke(entered.session().session(), "test");
    revocations.poll();
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(new PollResult.Over(REFUSED));
    assertThat(guests.follow(entered.session(), now, LONG, Amount.SMALL))
        .isEqualTo(new PollResult.Over(REFUSED));
  }

  @Test
  void more_revocations_than_one_answer_holds_are_all_noticed() {
    GuestConversations.GuestSession session = enter().session();
    for (int i = 0; i < Limits.REVOCATIONS_LISTED; i++) {
      scopedAuth.revoke(Sid.Session.random(random), "test");
    }
    scopedAuth.revoke(session.session(), "test");
    revocations.poll();
    assertThat(guests.follow(session, START, LONG, Amount.SMALL))
        .isEqualTo(new PollResult.Over(REFUSED));
  }

  @Test
  void a_session_that_ends_after_the_clock_was_set_back_is_no_longer_followed() {
    GuestConversations.GuestSession session = enter().session();
    revocations.poll();
    clock.jump(Duration.ofHours(-1));
    scopedAuth.revoke(session.session(), "test");
    revocations.poll();
    assertThat(guests.follow(session, START, LONG, Amount.SMALL))
        .isEqualTo(new PollResult.Over(REFUSED));
  }

  @Test
  void only_the_old_token_of_a_bound_session_that_goes_on_can_be_renewed() {
    GuestConversations.GuestSession plain = enter().session();
    var bound = new GuestConversations.GuestSession(
        plain.session(),
        account,
        conversation,
        plain.identity(),
        plain.generation(),
        clock.instant().minusSeconds(1),
        plain.sessionExpires(),
        true);
    assertThat(soon(guests, bound))
        .isEqualTo(new PollResult.Over(
            new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED, true)));
    scopedAuth.revoke(bound.session(), "test");
    revocations.poll();
    assertThat(soon(guests, bound)).isEqualTo(new PollResult.Over(REFUSED));
  }

  @Test
  void right_after_the_clock_jumped_a_socket_is_silent_and_stays_open() {
    GuestConversations.GuestSession session = enter().session();
    clock.jump(Duration.ofDays(10));
    assertThatThrownBy(() -> soon(guests, session)).isInstanceOf(Unavailable.class);
    clock.jump(Duration.ofDays(-10));
    assertThat(bodies(news(soon(guests, session)))).containsExactly("Welcome Ada");
  }

  @Test
  void a_session_that_was_ended_before_a_node_began_is_not_followed_there() {
    GuestConversations.GuestSession session = enter().session();
    scopedAuth.revoke(session.session(), "test");
    clock.pass(Duration.ofMinutes(1)); // longer ago than a new node looks back
    assertThat(soon(newNode(), session)).isEqualTo(new PollResult.Over(REFUSED));
  }

  @Test
  void a_node_that_knows_nothing_of_a_session_asks_once_and_takes_nothing_for_good() {
    GuestConversations.GuestSession session = enter().session();
    GuestConversations node = newNode();
    scopedAuth.isDown = true;
    assertThatThrownBy(() -> soon(node, session)).isInstanceOf(Unavailable.class);
    scopedAuth.isDown = false;
    for (int i = 0; i < 3; i++) {
      assertThat(bodies(news(soon(node, session)))).containsExactly("Welcome Ada");
    }
    assertThat(scopedAuth.asked).hasValue(1);
  }

  /** A lost answer, repeated at another node: two were made, and the guest holds either. */
  @Test
  void a_session_that_is_not_the_newest_of_its_conversation_is_followed_all_the_same() {
    GuestConversations.GuestSession session = enter().session();
    scopedAuth.newest = Sid.Session.random(random);
    assertThat(bodies(news(soon(newNode(), session)))).containsExactly("Welcome Ada");
  }

  @Test
  void while_revocations_cannot_be_read_followers_receive_nothing_and_nothing_is_lost()
      throws Exception {
    GuestConversations.Entered entered = enter();
    Cursor now = now(entered);
    scopedAuth.isDown = true;
    Thread.sleep(Limits.MAX_REVOCATION_AGE);
    say("Are you there?", "a");
    assertThat(guests.follow(entered.session(), now, Duration.ZERO, Amount.SMALL))
        .isEqualTo(PollResult.News.nothing(now));
    Future<PollResult> waiting =
        waits(() -> guests.follow(entered.session(), now, LONG, Amount.SMALL));
    scopedAuth.isDown = false;
    assertThat(bodies(news(waiting.get(60, TimeUnit.SECONDS)))).containsExactly("Are you there?");
  }

  @Test
  void a_message_after_an_unnoticed_revocation_is_not_delivered() throws Exception {
    GuestConversations.Entered entered = enter();
    Cursor now = now(entered);
    scopedAuth.isDown = true;
    scopedAuth.revoke(entered.session().session(), "test");
    Thread.sleep(Limits.MAX_REVOCATION_AGE);
    say("Not for you", "a");
    assertThat(guests.follow(entered.session(), now, Duration.ZERO, Amount.SMALL))
        .isEqualTo(PollResult.News.nothing(now));
    Future<PollResult> waiting =
        waits(() -> guests.follow(entered.session(), now, LONG, Amount.SMALL));
    scopedAuth.isDown = false;
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(new PollResult.Over(REFUSED));
  }

  @Test
  void once_revocations_can_be_read_again_followers_with_nothing_withheld_are_not_polled()
      throws Exception {
    GuestConversations.Entered entered = enter();
    Cursor now = now(entered);
    Sid.Session quiet = Sid.Session.random(random);
    try (Waiters.Subscription subscription = conversations.waiters().subscribe(quiet)) {
      scopedAuth.isDown = true;
      Thread.sleep(Limits.MAX_REVOCATION_AGE);
      say("Are you there?", "a");
      Future<PollResult> waiting =
          waits(() -> guests.follow(entered.session(), now, LONG, Amount.SMALL));
      scopedAuth.isDown = false;
      assertThat(bodies(news(waiting.get(60, TimeUnit.SECONDS)))).containsExactly("Are you there?");
      long began = System.nanoTime();
      subscription.await(Duration.ofMillis(100));
      assertThat(System.nanoTime() - began).isGreaterThan(Duration.ofMillis(90).toNanos());
    }
  }

  @Test
  void sockets_that_all_come_back_at_once_ask_few_at_a_time_and_are_mute_until_their_turn()
      throws Exception {
    GuestConversations.GuestSession one = enter().session();
    Revocations fresh = new Revocations(scopedAuth, conversations, clock);
    GuestConversations node = newNode(fresh);
    Cursor start = START;
    CountDownLatch answered = new CountDownLatch(1);
    scopedAuth.hangs = () -> awaits(answered);
    List<GuestConversations.GuestSession> back = new ArrayList<>();
    var first = new ExecutorCompletionService<PollResult>(elsewhere);
    for (int i = 0; i < Limits.REVOCATION_CHECKS * 3; i++) {
      var session = new GuestConversations.GuestSession(
          Sid.Session.random(random),
          account,
          conversation,
          one.identity(),
          new Generation(1),
          one.expires(),
          one.sessionExpires(),
          false);
      back.add(session);
      first.submit(() -> node.follow(session, start, Duration.ZERO, Amount.SMALL));
    }
    for (int i = 0; i < Limits.REVOCATION_CHECKS * 2; i++) {
      Future<PollResult> follower = first.poll(60, TimeUnit.SECONDS);
      assertThat(follower).isNotNull();
      assertThat(follower.get()).isEqualTo(PollResult.News.nothing(start));
    }
    assertThat(scopedAuth.asked).hasValue(Limits.REVOCATION_CHECKS);
    answered.countDown();
    for (GuestConversations.GuestSession session : back) {
      fresh.poll();
      assertThat(bodies(news(node.follow(session, start, LONG, Amount.SMALL))))
          .containsExactly("Welcome Ada");
    }
  }

  @Test
  void an_end_that_is_answered_late_counts_for_more_than_a_good_standing_noted_meanwhile() {
    GuestConversations.GuestSession session = enter().session();
    Revocations fresh = new Revocations(scopedAuth, conversations, clock);
    scopedAuth.hangs = () -> {
      fresh.wasValidated(session.presented());
      scopedAuth.revoke(session.session(), "test");
    };
    assertThat(newNode(fresh).follow(session, START, Duration.ZERO, Amount.SMALL))
        .isEqualTo(new PollResult.Over(REFUSED));
  }

  @Test
  void an_end_that_a_follower_notices_before_the_poll_deletes_the_subscription_too() {
    GuestConversations.GuestSession session = enter().session();
    List<Sid.Session> ended = new ArrayList<>();
    Revocations fresh = new Revocations(scopedAuth, conversations, clock, ended::add);
    scopedAuth.revoke(session.session(), "test");
    assertThat(newNode(fresh).follow(session, START, Duration.ZERO, Amount.SMALL))
        .isEqualTo(new PollResult.Over(REFUSED));
    fresh.poll();
    assertThat(ended).containsExactly(session.session());
  }

  @Test
  void a_removed_guest_reads_what_there_was_when_they_left() {
    Message before = sent(say("before", "a")); // index 1, revision 3
    agentSays("known"); // 2
    removed();
    Instant removal = clock.instant();
    clock.pass(Duration.ofMinutes(1));
    agentSays("after");
    conversations.read(account, conversation, ANN, new MessageIndex(3));
    conversations.update(
        account, conversation, Conversations.Update.of(JsonText.parse("{\"later\":1}")));
    conversations.join(account, conversation, BEA, ParticipantKind.AGENT, Optional.of("Bea"));
    conversations.edit(
        account, conversation, before.sid(), Optional.of("edited after"), Optional.empty());

    GuestConversations.History newest = history(PageOfMessages.newest(2));
    assertThat(newest.messages()).extracting(Message::body).containsExactly("", "known");
    assertThat(newest.more()).isTrue();
    assertThat(newest.conversation().state()).isEqualTo(Conversation.State.CLOSED);
    assertThat(newest.conversation().changed()).isEqualTo(new Version(new Revision(5), removal));
    assertThat(newest.conversation().status().since().at()).isEqualTo(removal);
    assertThat(newest.conversation().activity())
        .as("the greeting and \"known\"; what \"before\" said is not theirs to know any more")
        .isEqualTo(new Conversation.Activity(new MessageIndex(3), 2, true, removal));
    assertThat(newest.conversation().attributes()).isEqualTo(JsonText.EMPTY);
    assertThat(newest.conversation().details().inboxReadIndex()).isEqualTo(new MessageIndex(2));
    assertThat(newest.participants())
        .extracting(one -> one.identity().text())
        .containsExactly("guest_1");
    GuestConversations.History on = history(new PageOfMessages.After(new MessageIndex(0), 2));
    assertThat(on.messages()).isEqualTo(newest.messages());
    assertThat(on.more()).isFalse();
    assertThat(history(new PageOfMessages.After(new MessageIndex(2), 2)).messages())
        .isEmpty();

    GuestConversations.Entered entered = enter();
    assertThat(entered.conversation()).isEqualTo(newest.conversation());
    assertThat(entered.participants()).isEqualTo(newest.participants());
    GuestOutcome<Sent> again = say("before", "a");
    assertThat(((Sent.Duplicate) done(again)).message().body()).isEmpty();
  }

  @Test
  void a_guest_changes_their_name_and_messages_and_the_others_are_notified() {
    Message sent = sent(say("Hello", "a")); // revision 3
    AccountCursor cursor = conversations.watchFromNow(account);
    Participant renamed = done(guests.updateMe(
            scopedAuth.pass(), Optional.of("Ada L."), Optional.of(JsonText.parse("[1]"))))
        .orElseThrow();
    assertThat(renamed.profile())
        .isEqualTo(new Participant.Profile("Ada L.", JsonText.parse("[1]")));
    EditOutcome edited = done(guests.edit(
        scopedAuth.pass(), sent.sid(), Optional.of("Hello!"), Optional.of(JsonText.parse("null"))));
    assertThat(((EditOutcome.Done) edited).message().content())
        .contains(new Message.Content("Hello!", JsonText.parse("null"), List.of()));
    assertThat(conversations
            .watch(account, cursor, LONG, Amount.PAGE)
            .overviews()
            .getFirst()
            .lastMessage())
        .contains(((EditOutcome.Done) edited).message());
    assertThat(done(guests.remove(scopedAuth.pass(), sent.sid())))
        .isInstanceOf(EditOutcome.Done.class);
    removed();
    assertThat(done(guests.updateMe(scopedAuth.pass(), Optional.of("Bea"), Optional.empty())))
        .isEmpty();
    assertThat(done(guests.remove(scopedAuth.pass(), sent.sid())))
        .isEqualTo(new EditOutcome.Closed());
  }

  @Test
  void edits_and_removals_count_as_messages_of_the_session() {
    Message sent = sent(say("Hello", "a"));
    String longText = "x".repeat(Limits.MESSAGE_BODY_BYTES);
    assertThatThrownBy(() -> repeat(limited ->
            limited.edit(scopedAuth.pass(), sent.sid(), Optional.of(longText), Optional.empty())))
        .isInstanceOf(TooManyRequests.class);
    assertThatThrownBy(() -> repeat(limited -> limited.remove(scopedAuth.pass(), sent.sid())))
        .isInstanceOf(TooManyRequests.class);
  }

  /** Repeats a call more often than a minute allows. */
  private void repeat(Consumer<GuestConversations> call) {
    GuestConversations limited = new GuestConversationsService(
        conversations, media(), scopedAuth, revocations, pushes(), new LocalRateLimiter());
    for (int i = 0; i < 10 * Limits.SESSION_MESSAGES_PER_MINUTE; i++) {
      call.accept(limited);
    }
  }

  @Test
  void a_guest_receives_changed_attributes_until_their_removal_and_none_after_it() {
    GuestConversations.GuestSession session = enter().session();
    attributes("[1]");
    Cursor cursor = after(2);
    PollResult.News news = news(guests.follow(session, cursor, LONG, Amount.SMALL));
    Instant changed =
        conversations.store().find(account, conversation).orElseThrow().updated();
    assertThat(news.changes())
        .containsExactly(new Changes.Change.OfConversation(
            JsonText.parse("[1]"), MessageIndex.NONE, new Version(new Revision(3), changed)));
    removed();
    attributes("[2]");
    assertThat(news(guests.follow(session, cursor, LONG, Amount.SMALL)).changes())
        .noneMatch(Changes.Change.OfConversation.class::isInstance);
  }

  private void attributes(String json) {
    conversations.update(account, conversation, Conversations.Update.of(JsonText.parse(json)));
  }

  @Test
  void a_page_of_a_removed_guest_passes_over_what_was_edited_later_and_has_what_is_behind_it() {
    List<Message> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) { // after the greeting, so from 1 to 5
      sent.add(sent(say("m" + i, "id" + i)));
    }
    removed();
    for (Message message : sent.subList(1, 5)) {
      conversations.edit(
          account, conversation, message.sid(), Optional.of("later"), Optional.empty());
    }
    agentSays("after");
    GuestConversations.History newest = history(PageOfMessages.newest(2).passingOverRemoved());
    assertThat(newest.messages()).extracting(Message::body).containsExactly("Welcome Ada", "m0");
    assertThat(newest.more()).isFalse();
    GuestConversations.History on =
        history(new PageOfMessages.After(new MessageIndex(1), 2).passingOverRemoved());
    assertThat(on.messages()).isEmpty();
    assertThat(on.more()).isFalse();
  }

  @Test
  void a_removed_guest_receives_the_end_of_the_chat_and_nothing_after_it() {
    conversations.join(account, conversation, ANN, ParticipantKind.AGENT, Optional.of("Ann"));
    GuestConversations.GuestSession session = enter().session();
    Cursor cursor = after(3);
    agentSays("before");
    removed();
    for (int i = 0; i <= Limits.FOLLOW_BATCH; i++) { // their leave is not in each part
      agentSays("after");
    }
    conversations.typing(account, conversation, ANN);
    conversations.leave(
        account,
        conversation,
        conversations
            .store()
            .participant(account, conversation, ANN)
            .orElseThrow()
            .sid());
    PollResult.News news = news(guests.follow(session, cursor, LONG, Amount.SMALL));
    assertThat(bodies(news)).containsExactly("before");
    Version removal = conversations
        .store()
        .participant(account, conversation, GUEST)
        .orElseThrow()
        .changed();
    assertThat(news.changes().getLast())
        .isEqualTo(
            new Changes.Change.OfState(Conversation.State.CLOSED, removal, Optional.empty()));
    assertThat(removal.revision()).isEqualTo(new Revision(5));
    assertThat(news.typing()).isEmpty();
    assertThat(guests.follow(session, news.cursor(), Duration.ZERO, Amount.SMALL))
        .isEqualTo(PollResult.News.nothing(news.cursor()));
    PollResult.News anew = news(guests.follow(session, START, LONG, Amount.SMALL));
    assertThat(bodies(anew)).containsExactly("Welcome Ada", "before");
    assertThat(anew.changes()).allMatch(change -> change.revision().number() <= 5);
  }

  @Test
  void a_guest_who_is_added_again_receives_their_return_and_the_missed_changes() {
    GuestConversations.GuestSession session = enter().session();
    removed(); // revision 3
    PollResult.News end = news(guests.follow(session, after(2), LONG, Amount.SMALL));
    agentSays("missed"); // 4
    assertThat(news(guests.follow(session, end.cursor(), Duration.ZERO, Amount.SMALL))
            .isEmpty())
        .isTrue();
    conversations.join(
        account, conversation, GUEST, ParticipantKind.GUEST, Optional.of("Ada")); // 5
    agentSays("welcome back"); // 6
    PollResult.News back = news(guests.follow(session, end.cursor(), LONG, Amount.SMALL));
    assertThat(bodies(back)).containsExactly("missed", "welcome back");
    Instant since = conversations
        .store()
        .find(account, conversation)
        .orElseThrow()
        .status()
        .since()
        .at();
    assertThat(back.changes().get(2))
        .isEqualTo(new Changes.Change.OfState(
            Conversation.State.ACTIVE, new Version(new Revision(5), since), Optional.empty()));
    assertThat(back.changes()).hasSize(4);
    assertThat(history(PageOfMessages.newest(5)).messages()).hasSize(3);
  }

  private void removed() {
    Participant guest =
        conversations.store().participant(account, conversation, GUEST).orElseThrow();
    assertThat(conversations.leave(account, conversation, guest.sid())).isTrue();
  }

  private void agentSays(String body) {
    conversations.send(
        account,
        new Conversations.NewMessage(
            conversation,
            new Message.Author(ANN, ParticipantKind.AGENT, "Ann"),
            Message.Content.of(body),
            Optional.empty()));
  }

  private GuestConversations newNode() {
    return newNode(new Revocations(scopedAuth, conversations, clock));
  }

  private GuestConversations newNode(Revocations its) {
    return new GuestConversationsService(
        conversations, media(), scopedAuth, its, pushes(), RateLimiter.UNLIMITED);
  }

  @Test
  void nobody_follows_past_the_end_of_the_token_that_was_shown() {
    GuestConversations.GuestSession session = enter().session();
    clock.pass(Duration.ofHours(6));
    assertThat(guests.follow(session, START, LONG, Amount.SMALL))
        .isEqualTo(new PollResult.Over(REFUSED));
  }

  @Test
  void an_erased_conversation_is_gone_and_its_guest_with_it() {
    GuestConversations.Entered entered = enter();
    assertThat(conversations.erase(Sid.Account.random(random), conversation)).isFalse();
    assertThat(conversations.erase(account, conversation)).isTrue();
    assertThat(guests.follow(entered.session(), after(2), LONG, Amount.SMALL))
        .isEqualTo(new PollResult.Gone());
    assertThat(scopedAuth.revoked)
        .extracting(Revocation::session)
        .containsExactly(entered.session().session());
    assertThat(say("Hello", "a")).isEqualTo(new GuestOutcome.Done<>(new Sent.NotFound()));
  }

  @Test
  void a_session_that_floods_is_asked_to_wait_and_may_still_do_everything_else() {
    guests = new GuestConversationsService(
        conversations, media(), scopedAuth, revocations, pushes(), new LocalRateLimiter(() -> 0));
    for (int i = 0; i < Limits.SESSION_MESSAGES_PER_MINUTE; i++) {
      say("m" + i, "id" + i);
    }
    assertThatThrownBy(() -> say("late", "late"))
        .isInstanceOfSatisfying(
            TooManyRequests.class, later -> assertThat(later.retryAfter()).isPositive());
    assertThat(history(PageOfMessages.newest(5)).messages()).hasSize(5);
    guests.typing(scopedAuth.pass());
    guests.read(scopedAuth.pass(), new MessageIndex(3));
    enter();
    guests.end(scopedAuth.pass(), true);
    assertThat(scopedAuth.revoked).hasSize(1);
  }

  @Test
  void long_messages_use_a_session_s_minute_up_by_their_bytes() {
    guests = new GuestConversationsService(
        conversations, media(), scopedAuth, revocations, pushes(), new LocalRateLimiter(() -> 0));
    String longest = "x".repeat(Limits.MESSAGE_BODY_BYTES);
    int fit = (int) (Limits.SESSION_MESSAGE_BYTES_PER_MINUTE / Limits.MESSAGE_BODY_BYTES);
    assertThatThrownBy(() -> {
          for (int i = 0; i <= fit; i++) {
            say(longest, "id" + i);
          }
        })
        .isInstanceOf(TooManyRequests.class);
    assertThat(history(PageOfMessages.newest(1)).messages().getFirst().index().number())
        .isBetween(fit / 2L, (long) fit);
  }

  @Test
  void a_refused_caller_uses_up_nothing_that_the_guest_needs() {
    guests = new GuestConversationsService(
        conversations, media(), scopedAuth, revocations, pushes(), new LocalRateLimiter(() -> 0));
    Verdict good = scopedAuth.verdict;
    scopedAuth.verdict = REFUSED;
    for (int i = 0; i < Limits.SESSION_MESSAGES_PER_MINUTE * 2; i++) {
      assertThat(say("thief", "id")).isEqualTo(new GuestOutcome.Refused<>(REFUSED));
    }
    scopedAuth.verdict = good;
    assertThat(sent(say("Hello", "a")).body()).isEqualTo("Hello");
  }

  @Test
  void an_erasure_that_could_not_end_the_sessions_ends_them_when_it_is_asked_for_again() {
    scopedAuth.isDown = true;
    assertThatThrownBy(() -> conversations.erase(account, conversation))
        .isInstanceOf(Unavailable.class);
    scopedAuth.isDown = false;
    assertThat(conversations.erase(Sid.Account.random(random), conversation)).isFalse();
    assertThat(scopedAuth.revoked).isEmpty();
    assertThat(conversations.erase(account, conversation)).isTrue();
    assertThat(scopedAuth.revoked).isNotEmpty();
  }

  @Test
  void a_message_sent_while_quiet_conversations_are_erased_is_not_lost() {
    clock.pass(Limits.MIN_RETENTION);
    ConversationStore store = new SqlConversationStore(database);
    ConversationStore slow = (ConversationStore) Proxy.newProxyInstance(
        ConversationStore.class.getClassLoader(),
        new Class<?>[] {ConversationStore.class},
        (_, method, arguments) -> {
          if (method.getName().startsWith("erase")) {
            say("I am back", "a"); // after it was found to be quiet
          }
          return method.invoke(store, arguments);
        });
    assertThat(service(slow, clock).eraseQuiet(account, deployment, clock.instant(), 1))
        .isZero();
    assertThat(history(PageOfMessages.newest(1)).messages())
        .extracting(Message::body)
        .containsExactly("I am back");
    assertThat(scopedAuth.revoked).isEmpty();
  }

  @Test
  void a_guest_who_ends_and_erases_ends_every_session_of_the_conversation() {
    scopedAuth.newest = Sid.Session.random(random); // of an answer that was lost
    guests.end(scopedAuth.pass(), true);
    assertThat(scopedAuth.revoked)
        .extracting(Revocation::session)
        .containsExactlyInAnyOrder(scopedAuth.session, scopedAuth.newest);
  }

  @Test
  void a_follower_whose_token_is_superseded_receives_nothing_until_it_shows_a_newer_one() {
    GuestConversations.GuestSession session = enter().session();
    scopedAuth.superseded.add(session.presented());
    say("for the guest", "a");
    revocations.pollSuperseded();
    assertThat(guests.follow(session, after(2), LONG, Amount.SMALL))
        .isEqualTo(new PollResult.Superseded(false));
    scopedAuth.revoked.add(new Revocation(clock.instant(), session.session(), false));
    revocations.poll();
    assertThat(guests.follow(session, after(2), LONG, Amount.SMALL))
        .isEqualTo(new PollResult.Superseded(true));
    var newer = new GuestConversations.GuestSession(
        session.session(),
        account,
        conversation,
        session.identity(),
        new Generation(2),
        session.expires(),
        session.sessionExpires(),
        false);
    assertThat(bodies(news(guests.follow(newer, after(2), LONG, Amount.SMALL))))
        .containsExactly("for the guest");
  }

  private Future<PollResult> waits(Callable<PollResult> following) throws InterruptedException {
    Future<PollResult> waiting = elsewhere.submit(following);
    TimeUnit.MILLISECONDS.sleep(50); // either order must do; mostly it waits by now
    return waiting;
  }

  private static void awaits(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private GuestOutcome<Sent> say(String body, String clientId) {
    return guests.send(scopedAuth.pass(), body, JsonText.EMPTY, List.of(), clientId);
  }

  private static Message sent(GuestOutcome<Sent> outcome) {
    return ((Sent.Added) ((GuestOutcome.Done<Sent>) outcome).value()).message();
  }

  private GuestConversations.History history(PageOfMessages page) {
    return done(guests.history(scopedAuth.pass(), page)).orElseThrow();
  }

  private GuestConversations.Entered enter() {
    return done(guests.enter(scopedAuth.pass())).orElseThrow();
  }

  private static <T> T done(GuestOutcome<T> outcome) {
    return ((GuestOutcome.Done<T>) outcome).value();
  }

  private static PollResult.News news(PollResult result) {
    return (PollResult.News) result;
  }

  private static List<String> bodies(PollResult.News news) {
    return news.changes().stream()
        .filter(Changes.Change.OfMessage.class::isInstance)
        .map(change -> ((Changes.Change.OfMessage) change).message().body())
        .toList();
  }

  private static Cursor after(long revision) {
    return new Cursor(new Revision(revision), 0);
  }

  private static Cursor now(GuestConversations.Entered entered) {
    return new Cursor(entered.conversation().revision(), entered.typing());
  }

  /** Everything from the start, without waiting. */
  private static PollResult soon(
      GuestConversations guests, GuestConversations.GuestSession session) {
    return guests.follow(session, START, Duration.ZERO, Amount.SMALL);
  }
}
