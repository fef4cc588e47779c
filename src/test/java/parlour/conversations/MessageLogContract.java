package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.http.json.WrittenJson;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of a conversation's log, whatever database is under it. */
abstract class MessageLogContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final Identity GUEST = new Identity("guest_1");
  private static final Identity READER = new Identity("agent_reader");
  private static final Conversations.Update TO_CLOSED = Conversations.Update.CLOSE;
  /** Long enough for others to wait for it, and below where they would begin anew. */
  private static final Duration HELD = Limits.POSTGRES_GROUP_LOCK_TIMEOUT.dividedBy(2);

  private static final SecureRandom random = new SecureRandom();

  private final Sid.Account account = Sid.Account.random(random);
  private Database database;
  private ConversationStore store;
  private Sid.Conversation conversation;

  /** Opens the same database each time, also while it is open. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    store = new SqlConversationStore(database);
    conversation = begin();
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void messages_are_numbered_from_0_and_come_back_as_they_were_sent() {
    Message first = added(send("Hello 🙂", "a"));
    Message second = added(send("2 < 3 && 'x'", "b"));
    assertThat(indices(List.of(first, second))).containsExactly(0L, 1L);
    assertThat(all(10)).containsExactly(first, second);
    assertThat(store.message(account, conversation, second.sid())).contains(second);
  }

  @Test
  void a_message_sent_again_under_its_id_is_the_one_that_was_kept() {
    Message kept = added(send("Hello", "a"));
    assertThat(send("Hello, changed", "a")).isEqualTo(new Sent.Duplicate(kept));
    assertThat(added(send("next", "b")).index()).isEqualTo(new MessageIndex(1));
    assertThat(revision()).isEqualTo(3);
  }

  @Test
  void the_same_id_of_another_author_or_conversation_is_another_message() {
    added(send("Hello", "a"));
    added(store.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        message(conversation, new Identity("agent_1"), "Hi", "a"),
        NOW));
    added(store.send(
        account, Sid.Message.next(Instant.EPOCH, random), message(begin(), GUEST, "Hi", "a"), NOW));
  }

  @Test
  void a_guest_who_is_not_a_participant_adds_nothing_and_uses_no_number() {
    Sent sent = store.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        new Conversations.NewMessage(
            conversation,
            new Message.Author(new Identity("somebody else"), ParticipantKind.GUEST, ""),
            Message.Content.of("Hi"),
            Optional.of("a")),
        NOW);
    assertThat(sent).isInstanceOf(Sent.NotFound.class);
    assertThat(added(send("Hello", "b")).index()).isEqualTo(MessageIndex.FIRST);
  }

  @Test
  void messages_without_an_id_are_all_different() {
    for (int i = 0; i < 3; i++) {
      added(store.send(
          account,
          Sid.Message.next(Instant.EPOCH, random),
          new Conversations.NewMessage(
              conversation,
              new Message.Author(new Identity("api"), ParticipantKind.SYSTEM, "Bot"),
              Message.Content.of("same"),
              Optional.empty()),
          NOW));
    }
    assertThat(all(10)).hasSize(3);
  }

  @Test
  void forty_at_once_and_each_of_them_twice_leave_twenty_messages_without_a_gap() {
    List<Sent> sent = AtOnce.run(40, i -> send("message " + i / 2, "id-" + i / 2));
    assertThat(sent.stream().filter(Sent.Added.class::isInstance)).hasSize(20);
    List<Message> log = all(100);
    assertThat(log.stream().map(message -> message.index().number()))
        .containsExactlyElementsOf(LongStream.range(0, 20).boxed().toList());
    assertThat(log.stream().map(message -> message.addedRevision().number()))
        .containsExactlyElementsOf(LongStream.range(2, 22).boxed().toList());
  }

  @Test
  void nothing_can_be_said_in_a_closed_conversation_but_a_resend_is_still_known() {
    Message kept = added(send("Hello", "a"));
    close(LATER);
    close(LATER.plusSeconds(1)); // changes nothing
    assertThat(send("late", "b")).isEqualTo(new Sent.Closed());
    assertThat(send("Hello", "a")).isEqualTo(new Sent.Duplicate(kept));
    assertThat(store.find(account, conversation)).hasValueSatisfying(found -> {
      assertThat(found.state()).isEqualTo(Conversation.State.CLOSED);
      assertThat(found.status().since().revision())
          .isEqualTo(found.revision())
          .isEqualTo(new Revision(3));
      assertThat(found.updated()).isEqualTo(LATER);
    });
  }

  @Test
  void a_conversation_holds_so_many_bytes_and_a_resend_is_still_known() {
    String tenBytes = "ü".repeat(4);
    Message kept = added(send(tenBytes, "a")); // with its attributes, {}
    holds("message_bytes", Limits.CONVERSATION_BYTES - 19);
    added(send(tenBytes, "b"));
    Conversation before = store.find(account, conversation).orElseThrow();
    assertThat(send(tenBytes, "one more")).isEqualTo(new Sent.Full());
    assertThat(store.find(account, conversation)).contains(before);
    assertThat(added(send("ü", "shorter")).index()).isEqualTo(new MessageIndex(2));
    assertThat(send(tenBytes, "a")).isEqualTo(new Sent.Duplicate(kept));
    store.update(account, conversation, TO_CLOSED, Optional.empty(), LATER);
    assertThat(send(tenBytes, "late")).isEqualTo(new Sent.Closed());
  }

  @Test
  void a_conversation_holds_so_many_messages() {
    holds("next_index", Limits.CONVERSATION_MESSAGES - 1);
    added(send("last", "a"));
    assertThat(send("one more", "b")).isEqualTo(new Sent.Full());
  }

  private void holds(String column, long number) {
    int changed = database.write(sql -> sql.update(
        "UPDATE conversation SET " + column + " = ? WHERE sid = ?", number, conversation.text()));
    assertThat(changed).isEqualTo(1);
  }

  @Test
  void a_guest_who_was_removed_adds_and_closes_nothing_and_changes_nothing() {
    Message kept = added(send("Hello", "a"));
    store.leave(account, conversation, guest(), LATER);
    Conversation before = store.find(account, conversation).orElseThrow();
    Instant muchLater = LATER.plusSeconds(60);
    assertThat(store.send(
            account,
            Sid.Message.next(Instant.EPOCH, random),
            message(conversation, GUEST, "late", "b"),
            muchLater))
        .isEqualTo(new Sent.Closed());
    assertThat(send("Hello", "a")).isEqualTo(new Sent.Duplicate(kept));
    assertThat(store.close(account, conversation, GUEST, muchLater)).isFalse();
    assertThat(store.find(account, conversation)).contains(before);
    join(GUEST);
    assertThat(added(send("I am back", "c")).index()).isEqualTo(new MessageIndex(1));
    assertThat(store.close(account, conversation, GUEST, muchLater)).isTrue();
    assertThat(store.close(account, conversation, GUEST, muchLater)).isFalse();
    assertThat(store.find(account, conversation)).hasValueSatisfying(found -> {
      assertThat(found.state()).isEqualTo(Conversation.State.CLOSED);
      assertThat(found.status().since().revision())
          .isEqualTo(found.revision())
          .isEqualTo(new Revision(6));
      assertThat(found.updated()).isEqualTo(muchLater);
    });
  }

  @Test
  void a_message_that_waits_while_its_guest_is_removed_is_not_added() throws Exception {
    assertThat(whileTheGuestIsRemoved(() -> send("late", "b"))).isEqualTo(new Sent.Closed());
    assertThat(store.find(account, conversation)).hasValueSatisfying(found -> {
      assertThat(found.revision()).isEqualTo(new Revision(2));
      assertThat(found.nextIndex()).isEqualTo(MessageIndex.FIRST);
      assertThat(found.activity().messageCount()).isZero();
    });
  }

  @Test
  void an_end_that_waits_for_the_guests_removal_ends_nothing() throws Exception {
    assertThat(whileTheGuestIsRemoved(() -> store.close(account, conversation, GUEST, LATER)))
        .isFalse();
    assertThat(store.find(account, conversation)).hasValueSatisfying(found -> {
      assertThat(found.revision()).isEqualTo(new Revision(2));
      assertThat(found.state()).isEqualTo(Conversation.State.ACTIVE);
    });
  }

  /**
   * Begins it when another node has the conversation's row, and has not said yet what it changes.
   */
  private <T> T whileTheGuestIsRemoved(Callable<T> begun) throws Exception {
    Sid.Participant guest = guest();
    try (Database other = open();
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<T> waiting = other.write(sql -> {
        sql.update(
            "UPDATE conversation SET revision = revision + 1 WHERE sid = ?", conversation.text());
        sql.update(
            "UPDATE participant SET left_at = ?, revision = 2 WHERE sid = ?", LATER, guest.text());
        Future<T> one = executor.submit(begun);
        long until = System.nanoTime() + HELD.toNanos();
        while (System.nanoTime() < until) {
          LockSupport.parkNanos(until - System.nanoTime());
        }
        return one;
      });
      return waiting.get();
    }
  }

  @Test
  void when_many_calls_add_one_identity_at_once_one_succeeds() {
    List<JoinOutcome> outcomes = AtOnce.run(
        10,
        _ -> store.join(
            account,
            conversation,
            Sid.Participant.next(Instant.EPOCH, random),
            new Conversations.NewParticipant(
                new Identity("bot"), ParticipantKind.AGENT, Optional.empty(), Optional.empty()),
            NOW));
    assertThat(outcomes.stream().filter(JoinOutcome.Joined.class::isInstance)).hasSize(1);
    assertThat(outcomes.stream().filter(JoinOutcome.AlreadyThere.class::isInstance))
        .hasSize(9);
  }

  @Test
  void a_conversation_has_so_many_participants_with_those_who_left_and_takes_back_its_own() {
    List<JoinOutcome> outcomes =
        AtOnce.run(Limits.CONVERSATION_PARTICIPANTS + 4, i -> joining(new Identity("agent " + i)));
    assertThat(outcomes.stream().filter(JoinOutcome.Full.class::isInstance))
        .hasSize(4 + 1); // the guest was there before
    store.leave(account, conversation, guest(), LATER);
    Conversation before = store.find(account, conversation).orElseThrow();
    assertThat(joining(new Identity("one more"))).isEqualTo(new JoinOutcome.Full());
    assertThat(store.find(account, conversation)).contains(before);
    assertThat(joining(GUEST)).isInstanceOf(JoinOutcome.Joined.class);
    assertThat(joining(GUEST)).isInstanceOf(JoinOutcome.AlreadyThere.class);
    assertThat(store.participants(account, conversation)).hasSize(Limits.CONVERSATION_PARTICIPANTS);
  }

  private JoinOutcome joining(Identity identity) {
    return store.join(
        account,
        conversation,
        Sid.Participant.next(Instant.EPOCH, random),
        new Conversations.NewParticipant(
            identity, ParticipantKind.AGENT, Optional.empty(), Optional.empty()),
        LATER);
  }

  @Test
  void a_guest_who_is_added_again_is_still_a_guest_with_their_name() {
    String name = guestOf(conversation).name();
    store.leave(account, conversation, guest(), LATER);
    assertThat(store.join(
            account,
            conversation,
            Sid.Participant.next(Instant.EPOCH, random),
            new Conversations.NewParticipant(
                GUEST, ParticipantKind.AGENT, Optional.empty(), Optional.empty()),
            LATER))
        .isInstanceOfSatisfying(JoinOutcome.Joined.class, joined -> {
          assertThat(joined.participant().kind()).isEqualTo(ParticipantKind.GUEST);
          assertThat(joined.participant().name()).isEqualTo(name);
        });
  }

  private Participant guestOf(Sid.Conversation conversation) {
    return store.participant(account, conversation, GUEST).orElseThrow();
  }

  @Test
  void an_update_is_one_change_or_none() {
    close(LATER);
    Conversation closed = store.find(account, conversation).orElseThrow();
    Conversations.Update reopening = Conversations.Update.of(
        Optional.of(JsonText.parse("{\"a\":1}")),
        Optional.of(Conversation.State.ACTIVE),
        Duration.ZERO);
    Instant muchLater = LATER.plusSeconds(60);
    for (Optional<Instant> closedAfter : List.of(Optional.<Instant>empty(), Optional.of(LATER))) {
      assertThat(store.update(account, conversation, reopening, closedAfter, muchLater))
          .isEqualTo(new UpdateOutcome.NotReopened(UpdateOutcome.Obstacle.TOO_LATE));
    }
    assertThat(store.find(account, conversation)).contains(closed);
    assertThat(store.update(
            account, conversation, reopening, Optional.of(LATER.minusMillis(1)), muchLater))
        .isInstanceOfSatisfying(UpdateOutcome.Updated.class, done -> {
          Conversation updated = done.conversation();
          assertThat(updated.state()).isEqualTo(Conversation.State.ACTIVE);
          assertThat(updated.attributes()).isEqualTo(JsonText.parse("{\"a\":1}"));
          assertThat(updated.revision())
              .isEqualTo(new Revision(closed.revision().number() + 1))
              .isEqualTo(updated.status().since().revision());
          assertThat(updated.activity().last()).isEqualTo(muchLater);
        });
    Instant evenLater = muchLater.plusSeconds(60);
    assertThat(store.update(
            account,
            conversation,
            Conversations.Update.of(JsonText.EMPTY),
            Optional.empty(),
            evenLater))
        .isInstanceOfSatisfying(UpdateOutcome.Updated.class, done -> {
          assertThat(done.conversation().activity().last()).isEqualTo(muchLater);
          assertThat(done.conversation().updated()).isEqualTo(evenLater);
        });
  }

  @Test
  void a_conversation_that_is_not_there_takes_nothing() {
    Sid.Conversation nowhere = Sid.Conversation.random(random);
    assertThat(store.send(
            account,
            Sid.Message.next(Instant.EPOCH, random),
            message(nowhere, GUEST, "Hello", "a"),
            NOW))
        .isEqualTo(new Sent.NotFound());
    assertThat(store.changes(account, nowhere, Revision.NONE, 10, Amount.PAGE)).isEmpty();
    assertThat(store.update(account, nowhere, TO_CLOSED, Optional.empty(), NOW))
        .isEqualTo(new UpdateOutcome.NotFound());
    assertThat(store.close(account, nowhere, GUEST, NOW)).isFalse();
    assertThat(store.join(
            account,
            nowhere,
            Sid.Participant.next(Instant.EPOCH, random),
            new Conversations.NewParticipant(
                new Identity("agent_1"),
                ParticipantKind.AGENT,
                Optional.of("Ann"),
                Optional.empty()),
            NOW))
        .isEqualTo(new JoinOutcome.NotFound());
    assertThat(store.updateParticipant(
            account, nowhere, GUEST, ParticipantUpdate.reading(new MessageIndex(0)), NOW))
        .isEmpty();
  }

  @Test
  void an_edited_message_keeps_its_place_and_takes_a_new_revision() {
    Message first = added(send("Helo", "a"));
    added(send("second", "b"));
    Message edited = store
        .edit(account, conversation, first.sid(), Optional.of("Hello"), Optional.empty(), LATER)
        .orElseThrow();
    assertThat(edited.body()).isEqualTo("Hello");
    assertThat(edited.index()).isEqualTo(MessageIndex.FIRST);
    assertThat(edited.addedRevision()).isEqualTo(first.addedRevision());
    assertThat(edited.revision().number()).isEqualTo(revision()).isEqualTo(4);
    assertThat(store.message(account, conversation, first.sid())).contains(edited);
  }

  @Test
  void a_removed_message_leaves_its_place_and_none_of_its_words() {
    Message first = added(send("my card is 4111", "a"));
    Message removed = store.remove(account, conversation, first.sid(), LATER).orElseThrow();
    assertThat(removed.removed()).isTrue();
    assertThat(removed.body()).isEmpty();
    assertThat(store.remove(account, conversation, first.sid(), LATER)).isEmpty();
    assertThat(store.edit(
            account, conversation, first.sid(), Optional.of("back"), Optional.empty(), LATER))
        .isEmpty();
    assertThat(added(send("next", "b")).index()).isEqualTo(new MessageIndex(1));
    assertThat(revision()).isEqualTo(4);
    assertThat(send("my card is 4111", "a")).isEqualTo(new Sent.Duplicate(removed));
  }

  @Test
  void a_message_of_another_conversation_can_not_be_reached() {
    Message mine = added(send("mine", "a"));
    Sid.Conversation other = begin();
    assertThat(store.edit(account, other, mine.sid(), Optional.of("x"), Optional.empty(), NOW))
        .isEmpty();
    assertThat(store.remove(account, other, mine.sid(), NOW)).isEmpty();
    assertThat(store.message(account, other, mine.sid())).isEmpty();
    assertThat(store.message(account, conversation, mine.sid())).contains(mine);
  }

  @Test
  void pages_go_back_from_the_end_and_on_from_any_index() {
    for (int i = 0; i < 7; i++) {
      added(send("m" + i, "id" + i));
    }
    assertThat(indices(newest(3))).containsExactly(4L, 5L, 6L);
    assertThat(indices(before(4, 3))).containsExactly(1L, 2L, 3L);
    assertThat(indices(before(1, 3))).containsExactly(0L);
    assertThat(indices(after(4, 3))).containsExactly(5L, 6L);
  }

  @Test
  void a_page_ends_where_it_would_be_too_long_and_the_next_goes_on_from_there() {
    String long1 = "\"".repeat(Limits.MESSAGE_BODY_BYTES); // twice as long in JSON
    for (int i = 0; i < 9; i++) {
      added(send(long1, "id" + i));
    }
    assertThat(indices(newest(100))).containsExactly(6L, 7L, 8L);
    assertThat(indices(before(6, 100))).containsExactly(3L, 4L, 5L);
    assertThat(indices(all(100))).containsExactly(0L, 1L, 2L);
    List<Long> received = new ArrayList<>();
    Changes page;
    long after = 0;
    do {
      page = store
          .changes(account, conversation, new Revision(after), 100, Amount.PAGE)
          .orElseThrow();
      assertThat(page.changes())
          .hasSizeBetween(3, 5); // with the first, that it began and its guest joined
      for (Changes.Change change : page.changes()) {
        if (change instanceof Changes.Change.OfMessage(Message message)) {
          received.add(message.index().number());
        }
      }
      after = page.upTo().number();
    } while (page.more());
    assertThat(received).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
  }

  @Test
  void a_message_that_is_longer_than_a_page_is_a_page() {
    added(send("\u0001".repeat(3 * Limits.MESSAGE_BODY_BYTES / 2), "of an older release"));
    added(send("next", "next"));
    assertThat(indices(before(1, 100))).containsExactly(0L);
    assertThat(indices(all(100))).containsExactly(0L);
    assertThat(store
            .changes(account, conversation, new Revision(1), 100, Amount.LARGE)
            .orElseThrow()
            .changes())
        .hasSize(1);
    Changes small =
        store.changes(account, conversation, new Revision(1), 100, Amount.SMALL).orElseThrow();
    assertThat(small).isEqualTo(new Changes(List.of(), new Revision(1), true));
  }

  @Test
  void a_participant_who_joins_twice_is_there_once_and_can_return_after_leaving() {
    Participant joined = join(new Identity("agent_1")).orElseThrow();
    assertThat(join(new Identity("agent_1"))).contains(joined);
    assertThat(revision()).isEqualTo(2);
    assertThat(store.leave(account, conversation, joined.sid(), LATER)).isTrue();
    assertThat(store.leave(account, conversation, joined.sid(), LATER)).isFalse();
    assertThat(store.participants(account, conversation).getLast().joined()).isFalse();
    Participant again = join(new Identity("agent_1")).orElseThrow();
    assertThat(again.sid()).isEqualTo(joined.sid());
    assertThat(again.joined()).isTrue();
    assertThat(again.joinedRevision().number()).isEqualTo(revision()).isEqualTo(4);
  }

  @Test
  void a_read_index_only_grows_and_ends_at_the_last_message() {
    for (int i = 0; i < 3; i++) {
      added(send("m" + i, "id" + i));
    }
    assertThat(readTo(1)).isEqualTo(1);
    assertThat(readTo(0)).isEqualTo(1);
    assertThat(revision()).isEqualTo(5);
    assertThat(readTo(99)).isEqualTo(2);
    assertThat(readTo(99)).isEqualTo(2);
    assertThat(revision()).isEqualTo(6);
  }

  @Test
  void changes_contain_each_thing_once_as_it_is_now_in_the_order_of_its_last_change() {
    Message first = added(send("one", "a")); // 2
    Message second = added(send("two", "b")); // 3
    join(new Identity("agent_1")); // 4
    store.edit(
        account, conversation, first.sid(), Optional.of("ONE"), Optional.empty(), LATER); // 5
    store.updateParticipant(
        account, conversation, GUEST, ParticipantUpdate.reading(new MessageIndex(1)), LATER); // 6
    close(LATER); // 7
    Changes all = changes(0, 10);
    assertThat(all.upTo()).isEqualTo(new Revision(7));
    assertThat(all.more()).isFalse();
    assertThat(all.changes().stream().map(change -> change.revision().number()))
        .containsExactly(3L, 4L, 5L, 6L, 7L);
    assertThat(all.changes().getFirst()).isEqualTo(new Changes.Change.OfMessage(second));
    assertThat(changes(6, 10).changes())
        .containsExactly(new Changes.Change.OfState(
            Conversation.State.CLOSED, new Version(new Revision(7), LATER), Optional.of(LATER)));
    assertThat(changes(7, 10).changes()).isEmpty();
  }

  @Test
  void a_transcript_that_was_read_before_shows_each_later_change() {
    List<Runnable> changes = new ArrayList<>(changesOfEachKind());
    changes.add(() -> store.erase(account, conversation, LATER));
    for (int i = 0; i < changes.size(); i++) {
      Optional<ConversationStore.Transcript> before = transcript(store, 10);
      assertThat(transcript(store, 10).orElseThrow())
          .as("remembered before change %d", i)
          .isSameAs(before.orElseThrow());
      changes.get(i).run();
      assertThat(transcript(store, 10))
          .as("after change %d", i)
          .isEqualTo(transcript(new SqlConversationStore(database), 10))
          .isNotEqualTo(before);
    }
    assertThat(transcript(store, 10)).isEmpty();
  }

  /** Of each kind that a transcript shows. */
  private List<Runnable> changesOfEachKind() {
    Message first = added(send("one", "a"));
    Sid.Participant ann = join(new Identity("agent_1")).orElseThrow().sid();
    MessageIndex start = MessageIndex.FIRST;
    return List.of(
        () -> added(send("two", "b")),
        () -> store.edit(
            account, conversation, first.sid(), Optional.of("ONE"), Optional.empty(), LATER),
        () -> store.remove(account, conversation, first.sid(), LATER),
        () -> store.updateParticipant(
            account, conversation, GUEST, ParticipantUpdate.reading(start), LATER),
        () -> store.readByInbox(account, conversation, READER, start, LATER),
        () -> store.leave(account, conversation, ann, LATER),
        () -> join(new Identity("agent_2")),
        () -> store.update(
            account,
            conversation,
            Conversations.Update.of(JsonText.parse("{\"a\":1}")),
            Optional.empty(),
            LATER),
        () -> close(LATER));
  }

  @Test
  void an_overview_that_was_read_before_shows_each_later_change() {
    TeamStore team = new SqlTeamStore(database);
    Identity ann = new Identity("agent_ann");
    List<Runnable> changes = new ArrayList<>(changesOfEachKind());
    changes.add(
        () -> team.assign(account, conversation, ann, Optional.empty(), Optional.of(ann), LATER));
    changes.add(() -> team.label(account, conversation, ann, "vip", LATER));
    changes.add(() -> team.unlabel(account, conversation, ann, "vip", LATER));
    RecentOverviews recent = new RecentOverviews(store);
    for (int i = 0; i < changes.size(); i++) {
      Optional<Conversations.Overview> before = recent.find(account, lastChange());
      assertThat(recent.find(account, lastChange()).orElseThrow())
          .as("remembered before change %d", i)
          .isSameAs(before.orElseThrow());
      changes.get(i).run();
      assertThat(recent.find(account, lastChange()))
          .as("after change %d", i)
          .isEqualTo(store.overview(account, conversation))
          .isNotEqualTo(before);
    }
    assertThat(recent.find(Sid.Account.random(random), lastChange())).isEmpty();
  }

  private ConversationStore.Changed lastChange() {
    Conversations.Place start = new Conversations.Place(Instant.EPOCH, conversation);
    return store.changed(account, start, LATER.plusSeconds(1), 10).getLast();
  }

  @Test
  void a_transcript_shows_each_change_of_another_process_and_the_page_that_was_asked_for() {
    added(send("one", "a"));
    assertThat(transcript(store, 1).orElseThrow().messages().more()).isFalse();
    ConversationStore elsewhere = new SqlConversationStore(database);
    Message second = added(elsewhere.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        message(conversation, GUEST, "two", "b"),
        NOW));
    Page<Message> last = transcript(store, 1).orElseThrow().messages();
    assertThat(last).isEqualTo(new Page<>(List.of(second), true));
    assertThat(transcript(store, 2).orElseThrow().messages().items()).hasSize(2);
    assertThat(elsewhere.erase(account, conversation, LATER)).isTrue();
    assertThat(transcript(store, 2)).isEmpty();
  }

  @Test
  void a_remembered_page_is_written_to_json_once_for_each_state_of_its_conversation() {
    added(send("one", "a"));
    WrittenJson first = json();
    assertThat(json()).isSameAs(first);
    added(send("two", "b"));
    WrittenJson second = json();
    assertThat(json()).isSameAs(second).isNotSameAs(first);
  }

  private WrittenJson json() {
    return Forms.MessageForm.written(
        transcript(store, 10).orElseThrow().messages().items());
  }

  private Optional<ConversationStore.Transcript> transcript(ConversationStore store, int limit) {
    return store.transcript(account, conversation, PageOfMessages.newest(limit));
  }

  @Test
  void changes_come_with_the_participant_who_reads_them() {
    added(send("one", "a")); // 2
    ConversationStore.ChangesFor one = changesForGuest(account, 1).orElseThrow();
    assertThat(one.changes()).isEqualTo(changes(1, 10));
    Participant guest = one.reader().orElseThrow();
    assertThat(guest).isEqualTo(store.participant(account, conversation, GUEST).orElseThrow());

    assertThat(store.leave(account, conversation, guest.sid(), LATER)).isTrue(); // 3
    ConversationStore.ChangesFor removal = changesForGuest(account, 2).orElseThrow();
    assertThat(removal.reader().map(Participant::joined)).contains(false);
    assertThat(removal.changes().upTo())
        .isEqualTo(removal.reader().orElseThrow().revision());

    assertThat(changesForGuest(account, 3))
        .as("nothing to read")
        .contains(new ConversationStore.ChangesFor(changes(3, 10), Optional.empty()));
    assertThat(changesForGuest(Sid.Account.random(random), 1)).isEmpty();
  }

  private Optional<ConversationStore.ChangesFor> changesForGuest(Sid.Account of, long after) {
    return store.changesFor(GUEST, of, conversation, new Revision(after), 10, Amount.PAGE);
  }

  @Test
  void changes_read_in_parts_are_those_read_at_once() {
    for (int i = 0; i < 5; i++) {
      added(send("m" + i, "id" + i));
      join(new Identity("agent_" + i));
    }
    close(LATER);
    List<Changes.Change> parts = new ArrayList<>();
    long cursor = 0;
    Changes part;
    do {
      part = changes(cursor, 2);
      parts.addAll(part.changes());
      cursor = part.upTo().number();
    } while (part.more());
    assertThat(parts).isEqualTo(changes(0, 100).changes());
    assertThat(cursor).isEqualTo(revision());
  }

  @Test
  void acknowledged_changes_are_there_after_a_crash() {
    Message sent = added(send("Hello", "a"));
    // Nothing is closed first: that is what a crash is.
    try (Database afterwards = open()) {
      assertThat(new SqlConversationStore(afterwards)
              .messages(account, conversation, new PageOfMessages.After(MessageIndex.NONE, 10))
              .orElseThrow()
              .items())
          .containsExactly(sent);
    }
  }

  @Test
  void an_update_without_a_difference_takes_no_revision_and_leaves_the_date() {
    Message kept = added(send("Hello", "a"));
    Participant ann = join(new Identity("agent_1")).orElseThrow();
    store.updateParticipant(
        account, conversation, GUEST, ParticipantUpdate.reading(new MessageIndex(0)), LATER);
    Conversation before = store.find(account, conversation).orElseThrow();
    Instant muchLater = LATER.plusSeconds(60);
    store.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        message(conversation, GUEST, "Hello", "a"),
        muchLater);
    Sid.Message nothing = Sid.Message.next(Instant.EPOCH, random);
    store.edit(account, conversation, nothing, Optional.of("x"), Optional.empty(), muchLater);
    store.remove(account, conversation, nothing, muchLater);
    store.join(
        account,
        conversation,
        Sid.Participant.next(Instant.EPOCH, random),
        new Conversations.NewParticipant(
            new Identity("agent_1"), ParticipantKind.AGENT, Optional.of("A"), Optional.empty()),
        muchLater);
    store.leave(account, conversation, Sid.Participant.next(Instant.EPOCH, random), muchLater);
    store.updateParticipant(
        account, conversation, GUEST, ParticipantUpdate.reading(new MessageIndex(0)), muchLater);
    assertThat(store.find(account, conversation)).contains(before);
    assertThat(store.participants(account, conversation)).contains(ann);
    assertThat(store.message(account, conversation, kept.sid())).contains(kept);
  }

  @Test
  void unread_messages_are_counted_up_to_what_anybody_looks_at() {
    for (int i = 0; i < Limits.UNREAD_COUNTED + 5; i++) {
      send("m", "id-" + i);
    }
    assertThat(store.overview(account, conversation))
        .hasValueSatisfying(
            overview -> assertThat(overview.unread()).isEqualTo(Limits.UNREAD_COUNTED));
  }

  @Test
  void unread_messages_of_a_guest_are_counted_only_if_few_messages_must_be_read_for_it() {
    List<Message> sent = new ArrayList<>();
    for (int i = 0; i <= Limits.UNREAD_COUNTED; i++) {
      sent.add(added(send("m", "id-" + i)));
    }
    Revision until = new Revision(revision());
    for (int i = 5; i < 15; i++) {
      store.remove(account, conversation, sent.get(i).sid(), LATER);
    }
    assertThat(store.unread(conversation, MessageIndex.FIRST, Optional.empty()))
        .contains(Limits.UNREAD_COUNTED - 10);
    assertThat(store.unread(conversation, new MessageIndex(9), Optional.empty()))
        .contains(Limits.UNREAD_COUNTED - 9 - 5);
    assertThat(store.unread(conversation, MessageIndex.NONE, Optional.empty())).isEmpty();
    added(send("later", "later"));
    assertThat(store.unread(conversation, new MessageIndex(20), Optional.of(until)))
        .contains(Limits.UNREAD_COUNTED - 20);
    assertThat(store.unread(conversation, new MessageIndex(20), Optional.empty()))
        .contains(Limits.UNREAD_COUNTED + 1 - 20);
  }

  /**
   * Random changes, one after another, beside a model that counts: the revision grows by one with
   * each change and with nothing else, and a reader who reads the changes in parts, from any
   * revision, ends with the whole log.
   */
  @Test
  void whatever_happens_revisions_count_the_changes_and_replay_is_the_log() {
    long seed = Long.getLong("parlour.seed", new Random().nextLong());
    String name = "seed " + seed;
    Random choice = new Random(seed);
    List<String> clientIds = new ArrayList<>();
    Map<Sid.Message, Boolean> removed = new LinkedHashMap<>();
    Map<Identity, Sid.Participant> joined = new HashMap<>();
    long revision = 1;
    long readIndex = -1;
    Replayed replayed = new Replayed();
    for (int step = 0; step < 250; step++) {
      switch (choice.nextInt(10)) {
        case 0, 1, 2 -> {
          clientIds.add("id-" + clientIds.size());
          Message sent = added(send("m" + step, clientIds.getLast()));
          removed.put(sent.sid(), false);
          revision++;
          assertThat(sent.index().number()).as(name).isEqualTo(removed.size() - 1L);
          assertThat(sent.revision().number()).as(name).isEqualTo(revision);
        }
        case 3 -> {
          if (!clientIds.isEmpty()) {
            String known = clientIds.get(choice.nextInt(clientIds.size()));
            assertThat(send("again", known)).as(name).isInstanceOf(Sent.Duplicate.class);
          }
        }
        case 4, 5 -> {
          Sid.Message one = some(removed, choice);
          boolean edits = choice.nextBoolean();
          boolean changes = Boolean.FALSE.equals(removed.get(one));
          Optional<Message> changed = edits
              ? store.edit(
                  account, conversation, one, Optional.of("e" + step), Optional.empty(), LATER)
              : store.remove(account, conversation, one, LATER);
          assertThat(changed.isPresent()).as(name).isEqualTo(changes);
          revision += changes ? 1 : 0;
          if (changes && !edits) {
            removed.put(one, true);
          }
        }
        case 6 -> {
          Identity identity = new Identity("agent_" + choice.nextInt(3));
          Sid.Participant sid = join(identity).orElseThrow().sid();
          revision += joined.put(identity, sid) == null ? 1 : 0;
        }
        case 7 -> {
          Sid.Participant gone = joined.remove(new Identity("agent_" + choice.nextInt(3)));
          if (gone != null) {
            assertThat(store.leave(account, conversation, gone, LATER)).as(name).isTrue();
            revision++;
          }
        }
        case 8 -> {
          long index = Math.min(choice.nextInt(300), removed.size() - 1L);
          revision += index > readIndex ? 1 : 0;
          readIndex = Math.max(readIndex, index);
          assertThat(readTo(index)).as(name).isEqualTo(readIndex);
        }
        default -> replayed.goOn(1 + choice.nextInt(4));
      }
      assertThat(revision()).as(name + ", step " + step).isEqualTo(revision);
    }
    replayed.goOn(3);
    assertModelled(replayed, removed, name);
  }

  private void assertModelled(Replayed replayed, Map<Sid.Message, Boolean> removed, String name) {
    List<Message> log = all(300);
    assertThat(store.find(account, conversation).orElseThrow().activity().messageCount())
        .as(name)
        .isEqualTo((int) removed.values().stream().filter(gone -> !gone).count());
    assertThat(List.copyOf(replayed.messages.values())).as(name).isEqualTo(log);
    assertThat(replayed.participants.values())
        .as(name)
        .containsExactlyInAnyOrderElementsOf(store.participants(account, conversation));
    assertThat(indices(log))
        .as(name)
        .containsExactlyElementsOf(LongStream.range(0, removed.size()).boxed().toList());
  }

  private static Sid.Message some(Map<Sid.Message, Boolean> messages, Random choice) {
    List<Sid.Message> all = List.copyOf(messages.keySet());
    return all.isEmpty()
        ? Sid.Message.next(Instant.EPOCH, random)
        : all.get(choice.nextInt(all.size()));
  }

  /** One who asks for changes, a few at a time. */
  private final class Replayed {
    final TreeMap<Long, Message> messages = new TreeMap<>();
    final Map<Sid.Participant, Participant> participants = new HashMap<>();
    private long known;

    void goOn(int atOnce) {
      Changes part;
      do {
        part = changes(known, atOnce);
        for (Changes.Change change : part.changes()) {
          switch (change) {
            case Changes.Change.OfMessage(Message message) ->
              messages.put(message.index().number(), message);
            case Changes.Change.OfParticipant(Participant one) -> participants.put(one.sid(), one);
            case Changes.Change.OfState state -> {}
            case Changes.Change.OfConversation details -> {}
          }
        }
        known = part.upTo().number();
      } while (part.more());
    }
  }

  @Test
  void a_follower_misses_nothing_that_two_nodes_change_at_once() throws Exception {
    try (Database other = open()) {
      ConversationStore elsewhere = new SqlConversationStore(other);
      List<Changes.Change> followed = new ArrayList<>();
      AtomicBoolean over = new AtomicBoolean();
      Thread follower = Thread.startVirtualThread(() -> {
        long cursor = 0;
        boolean last;
        do {
          last = over.get();
          Changes changes = elsewhere
              .changes(account, conversation, new Revision(cursor), 3, Amount.PAGE)
              .orElseThrow();
          followed.addAll(changes.changes());
          cursor = changes.upTo().number();
          last &= !changes.more();
        } while (!last);
      });
      AtOnce.run(4, i -> {
        ConversationStore node = i % 2 == 0 ? store : elsewhere;
        for (int n = 0; n < 10; n++) {
          node.send(
              account,
              Sid.Message.next(Instant.EPOCH, random),
              message(conversation, GUEST, "m", i + "-" + n),
              NOW);
          node.send(
              account,
              Sid.Message.next(Instant.EPOCH, random),
              message(conversation, GUEST, "m", "same" + n),
              NOW);
          node.updateParticipant(
              account, conversation, GUEST, ParticipantUpdate.reading(new MessageIndex(n)), NOW);
        }
        return i;
      });
      over.set(true);
      follower.join();

      assertThat(indices(all(200)))
          .containsExactlyElementsOf(LongStream.range(0, 50).boxed().toList());
      assertThat(followed.stream()
              .filter(Changes.Change.OfMessage.class::isInstance)
              .map(change ->
                  ((Changes.Change.OfMessage) change).message().index().number()))
          .containsExactlyElementsOf(LongStream.range(0, 50).boxed().toList());
      assertThat(followed).extracting(Changes.Change::revision).isSorted();
    }
  }

  @Test
  void a_conversation_that_is_erased_while_two_nodes_add_to_it_is_gone() {
    try (Database other = open()) {
      ConversationStore elsewhere = new SqlConversationStore(other);
      List<Boolean> erased = AtOnce.run(4, i -> {
        ConversationStore node = i % 2 == 0 ? store : elsewhere;
        if (i < 2) {
          return node.erase(account, conversation, LATER);
        }
        for (int n = 0; n < 10; n++) {
          node.send(
              account,
              Sid.Message.next(Instant.EPOCH, random),
              message(conversation, GUEST, "m", i + "-" + n),
              NOW);
          node.join(
              account,
              conversation,
              Sid.Participant.next(Instant.EPOCH, random),
              new Conversations.NewParticipant(
                  new Identity("a" + n),
                  ParticipantKind.AGENT,
                  Optional.of("Ann"),
                  Optional.empty()),
              NOW);
        }
        return false;
      });
      assertThat(erased).containsOnlyOnce(true);
      assertThat(store.find(account, conversation)).isEmpty();
      for (String table : List.of("message", "participant")) {
        List<String> rows = database.read(sql -> sql.list(
            "SELECT sid FROM " + table + " WHERE conversation_sid = ?",
            row -> row.getString("sid"),
            conversation.text()));
        assertThat(rows).as(table).isEmpty();
      }
    }
  }

  private List<Message> newest(int limit) {
    return page(PageOfMessages.newest(limit));
  }

  private List<Message> all(int limit) {
    return page(new PageOfMessages.After(MessageIndex.NONE, limit));
  }

  private List<Message> before(long index, int limit) {
    return page(new PageOfMessages.Before(new MessageIndex(index), limit));
  }

  private List<Message> after(long index, int limit) {
    return page(new PageOfMessages.After(new MessageIndex(index), limit));
  }

  private List<Message> page(PageOfMessages page) {
    return store.messages(account, conversation, page).orElseThrow().items();
  }

  private Sid.Conversation begin() {
    Sid.Conversation sid = Sid.Conversation.random(random);
    store.create(
        new Conversations.NewConversation(
            sid,
            account,
            Sid.Address.random(random),
            Sid.Deployment.random(random),
            GUEST,
            "Ada",
            JsonText.EMPTY,
            Optional.empty(),
            Optional.empty()),
        Sid.Participant.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        NOW);
    return sid;
  }

  private Sent send(String body, String clientId) {
    return store.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        message(conversation, GUEST, body, clientId),
        NOW);
  }

  private static Conversations.NewMessage message(
      Sid.Conversation conversation, Identity author, String body, String clientId) {
    return new Conversations.NewMessage(
        conversation,
        new Message.Author(
            author, author.equals(GUEST) ? ParticipantKind.GUEST : ParticipantKind.AGENT, "Ada"),
        Message.Content.of(body),
        Optional.of(clientId));
  }

  private static Message added(Sent sent) {
    assertThat(sent).isInstanceOf(Sent.Added.class);
    return ((Sent.Added) sent).message();
  }

  private Optional<Participant> join(Identity identity) {
    return store.join(
                account,
                conversation,
                Sid.Participant.next(Instant.EPOCH, random),
                new Conversations.NewParticipant(
                    identity, ParticipantKind.AGENT, Optional.of("Ann"), Optional.empty()),
                LATER)
            instanceof JoinOutcome.Joined(Participant joined)
        ? Optional.of(joined)
        : store.participant(account, conversation, identity);
  }

  private void close(Instant when) {
    assertThat(store.update(account, conversation, TO_CLOSED, Optional.empty(), when))
        .isInstanceOf(UpdateOutcome.Updated.class);
  }

  private Sid.Participant guest() {
    return store.participant(account, conversation, GUEST).orElseThrow().sid();
  }

  private long readTo(long index) {
    return store
        .updateParticipant(
            account, conversation, GUEST, ParticipantUpdate.reading(new MessageIndex(index)), LATER)
        .orElseThrow()
        .readIndex()
        .number();
  }

  private Changes changes(long after, int limit) {
    return store
        .changes(account, conversation, new Revision(after), limit, Amount.PAGE)
        .orElseThrow();
  }

  private long revision() {
    return store.find(account, conversation).orElseThrow().revision().number();
  }

  private static List<Long> indices(List<Message> messages) {
    return messages.stream().map(message -> message.index().number()).toList();
  }
}
