package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.events.BusEvent;
import parlour.events.LocalEventBus;
import parlour.http.json.JsonText;
import parlour.store.DiskSpace;
import parlour.store.ForwardingDatabase;

/** A change that this process has added or read is not read again, and no other is missed. */
class RecentChangesTest extends WithOneConversation {
  private static final Identity BOB = new Identity("agent_2");
  private static final Message.Author GUEST_AUTHOR =
      new Message.Author(GUEST, ParticipantKind.GUEST, "Ada");

  private final AtomicInteger reads = new AtomicInteger();
  private Duration pollInterval = Duration.ofHours(1);
  private ConversationStore store;
  private ConversationsService elsewhere;
  private RecentChanges recent;

  @BeforeEach
  void begin() {
    store = new SqlConversationStore(new CountingReads());
    recent = new RecentChanges(store, _ -> pollInterval);
    elsewhere = service(new SqlConversationStore(database), clock);
  }

  @Test
  void a_message_that_was_added_here_is_not_read() {
    Revision start = follow(upTo(add("one"))).upTo();
    int before = reads.get();
    Message two = add("two");
    assertThat(messages(follow(start))).containsExactly(two);
    Message three = add("three");
    assertThat(messages(follow(two.revision()))).containsExactly(three);
    assertThat(follow(three.revision()).isEmpty()).isTrue();
    assertThat(reads).as("the reads after the first one").hasValue(before);
  }

  @Test
  void a_message_of_another_process_before_one_of_this_process_is_not_skipped() {
    Revision start = follow(upTo(add("one"))).upTo();
    says(elsewhere, "two, without an event");
    Message three = add("three");
    assertThat(messages(follow(start)).stream().map(Message::body))
        .containsExactly("two, without an event", "three");
    assertThat(messages(follow(start))).last().isEqualTo(three);
  }

  @Test
  void a_message_whose_event_comes_after_that_of_the_next_one_is_not_skipped() {
    Revision start = follow(upTo(add("one"))).upTo();
    Message two = says(elsewhere, "two");
    Message three = says(elsewhere, "three");
    recent.added(three);
    recent.added(two);
    assertThat(messages(follow(start))).containsExactly(two, three);
  }

  @Test
  void a_change_of_another_process_without_an_event_is_read_after_the_poll_interval() {
    Revision start = follow(upTo(add("one"))).upTo();
    Message two = says(elsewhere, "two");
    assertThat(follow(start).isEmpty()).as("before").isTrue();
    pollInterval = Duration.ZERO;
    assertThat(messages(follow(start))).containsExactly(two);
  }

  @Test
  void a_change_of_another_process_is_read_after_its_event_or_the_loss_of_events() {
    Revision start = follow(upTo(add("one"))).upTo();
    Message two = says(elsewhere, "two");
    recent.invalidate(conversation);
    assertThat(messages(follow(start))).containsExactly(two);
    Message three = says(elsewhere, "three");
    recent.invalidateAll();
    assertThat(messages(follow(two.revision()))).containsExactly(three);
  }

  @Test
  void nobody_receives_what_a_removed_message_said() {
    Revision start = follow(upTo(add("one"))).upTo();
    Message two = add("two");
    assertThat(conversations.remove(account, conversation, two.sid())).isPresent();
    recent.invalidate(conversation);
    assertThat(messages(follow(start))).singleElement().matches(Message::removed);
  }

  /** Each kind of change once; a message is the guest's own, and the last one. */
  private List<BiConsumer<ConversationsService, Message>> changes() {
    Optional<String> body = Optional.of("changed");
    return List.of(
        (node, last) -> sends(node, GUEST_AUTHOR, "another"),
        (node, last) -> node.edit(account, conversation, last.sid(), body, Optional.empty()),
        (node, last) ->
            node.editOwn(account, conversation, GUEST, last.sid(), body, Optional.empty()),
        (node, last) -> node.remove(account, conversation, last.sid()),
        (node, last) -> node.removeOwn(account, conversation, GUEST, last.sid()),
        (node, last) ->
            node.join(account, conversation, BOB, ParticipantKind.AGENT, Optional.of("Bob")),
        (node, last) -> node.read(account, conversation, ANN, last.index()),
        (node, last) -> node.updateParticipant(
            account, conversation, ANN, ParticipantUpdate.reading(last.index())),
        (node, last) -> node.leave(
            account,
            conversation,
            store.participant(account, conversation, BOB).orElseThrow().sid()),
        (node, last) -> node.update(
            account, conversation, Conversations.Update.of(JsonText.parse("{\"a\":1}"))),
        (node, last) -> node.erase(account, conversation));
  }

  @Test
  void nothing_remembered_is_received_after_a_change_that_fails_and_is_made_later() {
    conversations.join(account, conversation, ANN, ParticipantKind.AGENT, Optional.of("Ann"));
    List<BiConsumer<ConversationsService, Message>> changes = changes();
    for (int i = 0; i < changes.size(); i++) {
      BiConsumer<ConversationsService, Message> change = changes.get(i);
      SlowWrites slow = new SlowWrites();
      ConversationStore slowStore = new SqlConversationStore(slow);
      ConversationsService node = service(slowStore, clock);
      Revision start = upTo(sends(conversations, GUEST_AUTHOR, "before"));
      var _ = received(node, start);
      Message last = sends(node, GUEST_AUTHOR, "text " + i);
      slow.areSlow = true;
      assertThatThrownBy(() -> change.accept(node, last)).isInstanceOf(Unavailable.class);
      Revision reached = upTo(last);
      assertThat(received(node, reached)).as("change %s, before it", i).isEqualTo(stored(reached));
      slow.makeAll();
      assertThat(received(node, reached)).as("change %s, after it", i).isEqualTo(stored(reached));
      assertThat(received(node, last.revision()))
          .as("change %s, for a reader of the message", i)
          .isEqualTo(stored(last.revision()));
    }
  }

  @Test
  void a_change_whose_outcome_is_unknown_wakes_those_who_wait() {
    SlowWrites slow = new SlowWrites();
    LocalEventBus events = new LocalEventBus(LONG);
    ConversationsService node = new ConversationsService(
        new SqlConversationStore(slow), events, scopedAuth, DiskSpace.unknown(), clock, random);
    List<BusEvent> published = new CopyOnWriteArrayList<>();
    events.subscribe(published::add);
    slow.areSlow = true;
    assertThatThrownBy(() -> sends(node, GUEST_AUTHOR, "text")).isInstanceOf(Unavailable.class);
    assertThat(published).containsExactly(new BusEvent.ConversationChanged(account, conversation));
  }

  private Optional<Changes> received(ConversationsService node, Revision reached) {
    return node.recent()
        .after(reached, ANN, account, conversation, Amount.SMALL)
        .map(known -> known.changes().changes());
  }

  private Optional<Changes> stored(Revision reached) {
    return elsewhere.changes(account, conversation, reached, Limits.FOLLOW_BATCH);
  }

  @Test
  void a_guest_who_was_removed_without_an_event_receives_no_later_message() {
    GuestConversations.GuestSession session = entered();
    Revision start = says(conversations, "one").revision();
    assertThat(poll(session, start).isEmpty()).isTrue();
    assertThat(elsewhere.leave(account, conversation, guest().sid())).isTrue();
    says(conversations, "not for the guest");
    GuestConversations.PollResult.News end = poll(session, start);
    assertThat(end.changes()).noneMatch(Changes.Change.OfMessage.class::isInstance);
    says(conversations, "neither");
    assertThat(poll(session, end.cursor().revision()).isEmpty()).isTrue();
  }

  @Test
  void a_reader_is_known_to_be_joined_only_at_the_revision_at_which_they_were_read() {
    follow(upTo(add("one")));
    Sid.Participant guest = guest().sid();
    assertThat(elsewhere.leave(account, conversation, guest)).isTrue();
    Message later = add("later");
    assertThat(after(upTo(later), account, Amount.SMALL).orElseThrow().changes().reader())
        .hasValueSatisfying(reader -> assertThat(reader.joined()).isFalse());
  }

  @Test
  void each_reader_of_a_message_is_read_with_it_once() {
    Identity ann = new Identity("agent_1");
    conversations.join(account, conversation, ann, ParticipantKind.AGENT, Optional.of("Ann"));
    follow(upTo(add("one")));
    Message two = add("two");
    int before = reads.get();
    for (int i = 0; i < 2; i++) {
      assertThat(recent
              .after(upTo(two), ann, account, conversation, Amount.SMALL)
              .orElseThrow()
              .changes()
              .reader())
          .hasValueSatisfying(reader -> assertThat(reader.identity()).isEqualTo(ann));
    }
    assertThat(reads).hasValue(before + 1);
    assertThat(messages(follow(upTo(two)))).containsExactly(two);
    assertThat(reads).hasValue(before + 1);
  }

  @Test
  void a_message_of_another_process_is_read_once_for_all_who_follow() {
    Identity ann = new Identity("agent_1");
    conversations.join(account, conversation, ann, ParticipantKind.AGENT, Optional.of("Ann"));
    Revision start = follow(upTo(add("one"))).upTo();
    assertThat(followAs(ann, upTo(add("two"))).changes()).hasSize(1);
    follow(start);
    Message three = says(elsewhere, "three");
    recent.invalidate(conversation);
    int before = reads.get();
    assertThat(messages(follow(upTo(three)))).containsExactly(three);
    assertThat(messages(followAs(ann, upTo(three)))).containsExactly(three);
    assertThat(reads).hasValue(before + 1);
  }

  @Test
  void
      a_reader_who_left_before_a_message_of_another_process_does_not_receive_it_as_a_participant() {
    Identity ann = new Identity("agent_1");
    conversations.join(account, conversation, ann, ParticipantKind.AGENT, Optional.of("Ann"));
    Message one = add("one");
    follow(upTo(one));
    followAs(ann, upTo(one));
    Sid.Participant left =
        store.participant(account, conversation, ann).orElseThrow().sid();
    assertThat(elsewhere.leave(account, conversation, left)).isTrue();
    says(elsewhere, "later");
    recent.invalidate(conversation);
    follow(one.revision());
    Message last = add("last");
    assertThat(recent
            .after(upTo(last), ann, account, conversation, Amount.SMALL)
            .orElseThrow()
            .changes()
            .reader())
        .hasValueSatisfying(reader -> assertThat(reader.joined()).isFalse());
  }

  @Test
  void the_ends_of_more_conversations_than_a_process_has_sockets_fit() {
    assertThat(Limits.RECENT_CHANGES_BYTES / Limits.MESSAGE_ENVELOPE_BYTES)
        .isGreaterThan(Limits.PUBLIC_CONNECTIONS);
  }

  private Changes followAs(Identity reader, Revision reached) {
    return recent
        .after(reached, reader, account, conversation, Amount.SMALL)
        .orElseThrow()
        .changes()
        .changes();
  }

  @Test
  void a_message_that_is_too_long_for_a_small_poll_is_read_when_there_is_room() {
    Revision start = follow(upTo(add("one"))).upTo();
    Message large = add("x".repeat(Limits.FOLLOW_UNRESERVED_BYTES));
    assertThat(follow(start)).isEqualTo(new Changes(List.of(), start, true));
    assertThat(
            messages(after(start, account, Amount.LARGE).orElseThrow().changes().changes()))
        .containsExactly(large);
  }

  @Test
  void another_account_receives_nothing() {
    Message one = add("one");
    follow(upTo(one));
    Sid.Account other = Sid.Account.random(random);
    assertThat(after(one.revision(), other, Amount.SMALL)).isEmpty();
    assertThat(follow(one.revision()).isEmpty()).isTrue();
  }

  @Test
  void an_erased_conversation_is_gone() {
    Message one = add("one");
    follow(upTo(one));
    assertThat(conversations.erase(account, conversation)).isTrue();
    recent.invalidate(conversation);
    assertThat(after(one.revision(), account, Amount.SMALL)).isEmpty();
  }

  private Participant guest() {
    return store.participant(account, conversation, GUEST).orElseThrow();
  }

  /** Adds a message as this process does. */
  private Message add(String body) {
    Message added = says(conversations, body);
    recent.added(added);
    return added;
  }

  private Message says(ConversationsService service, String body) {
    return sends(service, new Message.Author(ANN, ParticipantKind.AGENT, "Ann"), body);
  }

  private Message sends(ConversationsService service, Message.Author author, String body) {
    Sent sent = service.send(
        account,
        new Conversations.NewMessage(
            conversation, author, Message.Content.of(body), Optional.empty()));
    return ((Sent.Added) sent).message();
  }

  /** The revision before a message, at which a reader has yet to receive it. */
  private static Revision upTo(Message message) {
    return new Revision(message.revision().number() - 1);
  }

  private Changes follow(Revision reached) {
    return after(reached, account, Amount.SMALL).orElseThrow().changes().changes();
  }

  private Optional<RecentChanges.Known> after(Revision reached, Sid.Account of, Amount amount) {
    return recent.after(reached, GUEST, of, conversation, amount);
  }

  private static List<Message> messages(Changes changes) {
    return changes.changes().stream()
        .map(change -> ((Changes.Change.OfMessage) change).message())
        .toList();
  }

  private GuestConversations.GuestSession entered() {
    return ((GuestOutcome.Done<Optional<GuestConversations.Entered>>)
            guests.enter(scopedAuth.pass()))
        .value()
        .orElseThrow()
        .session();
  }

  private GuestConversations.PollResult.News poll(
      GuestConversations.GuestSession session, Revision after) {
    revocations.poll();
    return (GuestConversations.PollResult.News) guests.follow(
        session, new GuestConversations.Cursor(after, 0), Duration.ZERO, Amount.SMALL);
  }

  private final class CountingReads extends ForwardingDatabase {
    CountingReads() {
      super(RecentChangesTest.this.database);
    }

    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
      reads.incrementAndGet();
      return super.read(work);
    }
  }

  /** Makes changes only after their callers have given up. */
  private final class SlowWrites extends ForwardingDatabase {
    private final List<Work<?>> waiting = new ArrayList<>();
    private boolean areSlow;

    SlowWrites() {
      super(RecentChangesTest.this.database);
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
      if (areSlow) {
        waiting.add(work);
        throw new Unavailable("a database of a test", "the change may still be made", null);
      }
      return super.write(work);
    }

    void makeAll() {
      for (Work<?> work : waiting) {
        var _ = super.write(work);
      }
    }
  }
}
