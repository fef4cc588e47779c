package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.spec.AtOnce;
import parlour.store.Database;
import parlour.store.Schema;

/**
 * The contract of a store, beside the log itself, that clients of the public Conversations API
 * need.
 */
abstract class ConversationDetailsContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final Instant MUCH_LATER = LATER.plusSeconds(60);
  private static final Identity GUEST = new Identity("guest_1");
  private static final Identity READER = new Identity("agent_reader");
  private static final Identity ANN = new Identity("agent_1");

  private static final SecureRandom random = new SecureRandom();

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Conversation conversation = Sid.Conversation.random(random);
  private Database database;
  private ConversationStore store;

  /** Opens the same database each time, with the migrations of this schema. */
  protected abstract Database open(Schema schema);

  @BeforeEach
  void openStore() {
    database = open(SqlConversationStore.SCHEMA);
    store = new SqlConversationStore(database);
    begin(conversation);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void the_number_of_messages_leaves_out_those_that_were_removed() {
    assertThat(found().activity().messageCount()).isZero();
    List<Sent> sent = AtOnce.run(20, i -> send(GUEST, "message " + i / 2, "id-" + i / 2));
    assertThat(found().activity().messageCount()).isEqualTo(10);
    Sid.Message one = sent.stream()
        .filter(Sent.Added.class::isInstance)
        .map(added -> ((Sent.Added) added).message().sid())
        .findFirst()
        .orElseThrow();
    AtOnce.run(4, i -> store.remove(account, conversation, one, LATER));
    assertThat(found().activity().messageCount()).isEqualTo(9);
    assertThat(found().nextIndex()).isEqualTo(new MessageIndex(10));
    try (Database afterwards = open(SqlConversationStore.SCHEMA)) { // as after a crash
      assertThat(new SqlConversationStore(afterwards).find(account, conversation))
          .contains(found());
    }
  }

  @Test
  void revisions_are_those_of_the_last_changes_and_missing_for_an_erased_conversation() {
    Sid.Conversation other = Sid.Conversation.random(random);
    begin(other);
    send(GUEST, "hello", "a");
    assertThat(store.revisions(List.of(conversation, other, Sid.Conversation.random(random))))
        .containsOnly(
            Map.entry(conversation, found().revision()), Map.entry(other, Revision.CREATED));
    assertThat(found().revision().isAfter(Revision.CREATED)).isTrue();
    store.erase(account, other, LATER);
    assertThat(store.revisions(List.of(other))).isEmpty();
  }

  @Test
  void a_page_that_passes_over_removed_messages_is_filled_up_with_those_behind_them() {
    List<Message> sent = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      sent.add(((Sent.Added) send(GUEST, "m" + i, "id" + i)).message());
    }
    for (int i : new int[] {0, 4, 5, 6, 7}) {
      store.remove(account, conversation, sent.get(i).sid(), LATER);
    }
    PageOfMessages newest = PageOfMessages.newest(3);
    assertThat(indices(page(newest).items())).as("their places").containsExactly(7L, 8L, 9L);
    Page<Message> last = page(newest.passingOverRemoved());
    assertThat(indices(last.items())).containsExactly(3L, 8L, 9L);
    assertThat(last.more()).isTrue();
    Page<Message> first = page(newest.passingOverRemoved().next(last.items()));
    assertThat(indices(first.items())).containsExactly(1L, 2L);
    assertThat(first.more()).as("nothing but a removed message is left").isFalse();
    Page<Message> on = page(new PageOfMessages.After(new MessageIndex(2), 2).passingOverRemoved());
    assertThat(indices(on.items())).containsExactly(3L, 8L);
    assertThat(on.more()).isTrue();
    PageOfMessages rest = new PageOfMessages.After(new MessageIndex(2), 2);
    assertThat(page(rest.passingOverRemoved().next(on.items())))
        .isEqualTo(new Page<>(List.of(sent.get(9)), false));
  }

  private static List<Long> indices(List<Message> messages) {
    return messages.stream().map(message -> message.index().number()).toList();
  }

  private Page<Message> page(PageOfMessages page) {
    return store.messages(account, conversation, page).orElseThrow();
  }

  @Test
  void a_state_has_the_time_at_which_it_began() {
    assertThat(found().status().since()).isEqualTo(new Version(Revision.CREATED, NOW));
    store.close(account, conversation, GUEST, LATER);
    Version closed = new Version(new Revision(2), LATER);
    assertThat(found().status())
        .isEqualTo(new Conversation.Status(Conversation.State.CLOSED, closed));
    update("[1]", Conversation.State.CLOSED, MUCH_LATER);
    assertThat(found().status().since()).as("nothing but attributes changed").isEqualTo(closed);
    update("\"text\"", Conversation.State.ACTIVE, MUCH_LATER);
    assertThat(found().status())
        .isEqualTo(new Conversation.Status(
            Conversation.State.ACTIVE, new Version(new Revision(4), MUCH_LATER)));
    assertThat(found().attributes()).isEqualTo(JsonText.parse("\"text\""));
  }

  @Test
  void a_participant_has_the_times_of_the_last_change_and_of_the_last_reading() {
    assertThat(participant(GUEST).updated()).isEqualTo(NOW);
    assertThat(participant(GUEST).read()).isEqualTo(Participant.ReadMark.NONE);
    send(GUEST, "Hello", "a");
    send(GUEST, "Hello?", "b");
    read(0, LATER);
    Participant once = participant(GUEST);
    assertThat(once.read())
        .isEqualTo(new Participant.ReadMark(MessageIndex.FIRST, Optional.of(LATER)));
    assertThat(once.changed()).isEqualTo(new Version(found().revision(), LATER));
    read(0, MUCH_LATER);
    assertThat(participant(GUEST)).as("read again, which changes nothing").isEqualTo(once);
    join(ANN, LATER);
    assertThat(participant(ANN).updated()).isEqualTo(LATER);
    store.leave(account, conversation, participant(ANN).sid(), MUCH_LATER);
    assertThat(participant(ANN).updated()).isEqualTo(MUCH_LATER);
    join(ANN, MUCH_LATER.plusSeconds(1));
    assertThat(participant(ANN).updated()).isEqualTo(MUCH_LATER.plusSeconds(1));
    assertThat(participant(ANN).created()).isEqualTo(LATER);
  }

  @Test
  void a_participant_changes_name_attributes_and_read_index_in_one_change_or_none() {
    send(GUEST, "Hello", "a"); // revision 2
    ParticipantUpdate update = new ParticipantUpdate(
        Optional.of("Ada L."),
        Optional.of(JsonText.parse("[1]")),
        Optional.of(new MessageIndex(9)));
    Participant changed = update(GUEST, update, LATER).orElseThrow();
    assertThat(changed.profile())
        .isEqualTo(new Participant.Profile("Ada L.", JsonText.parse("[1]")));
    assertThat(changed.read())
        .isEqualTo(new Participant.ReadMark(MessageIndex.FIRST, Optional.of(LATER)));
    assertThat(changed.changed()).isEqualTo(new Version(new Revision(3), LATER));
    assertThat(changes(2, Amount.PAGE).changes())
        .containsExactly(new Changes.Change.OfParticipant(changed));
    assertThat(update(GUEST, update, MUCH_LATER)).as("the same again").contains(changed);
    assertThat(update(GUEST, ParticipantUpdate.reading(MessageIndex.NONE), MUCH_LATER))
        .as("a lower read index")
        .contains(changed);
    assertThat(found().changed()).isEqualTo(changed.changed());
    Participant renamed = update(
            GUEST, ParticipantUpdate.profile(Optional.of("Ada"), Optional.empty()), MUCH_LATER)
        .orElseThrow();
    assertThat(renamed.profile()).isEqualTo(new Participant.Profile("Ada", JsonText.parse("[1]")));
    assertThat(renamed.read()).as("when they read").isEqualTo(changed.read());
    store.leave(account, conversation, renamed.sid(), MUCH_LATER);
    Optional<Participant> left = store.participant(account, conversation, GUEST);
    assertThat(update(GUEST, update, MUCH_LATER)).as("who has left").isEqualTo(left);
    assertThat(update(ANN, update, MUCH_LATER)).as("who was never there").isEmpty();
    assertThat(found().revision()).isEqualTo(new Revision(5));
  }

  private Optional<Participant> update(Identity identity, ParticipantUpdate update, Instant now) {
    return store.updateParticipant(account, conversation, identity, update, now);
  }

  @Test
  void a_guest_edits_and_removes_only_what_they_wrote() {
    Message own = ((Sent.Added) send(GUEST, "Hello", "a")).message(); // revision 2
    Message others = sends(new Message.Author(ANN, ParticipantKind.AGENT, "Ann")); // 3
    Message impostors = sends(new Message.Author(GUEST, ParticipantKind.SYSTEM, "Ada")); // 4
    for (Message other : List.of(others, impostors)) {
      assertThat(edit(other, "Bye")).isEqualTo(new EditOutcome.NotFound());
      assertThat(removed(other)).isEqualTo(new EditOutcome.NotFound());
    }
    assertThat(found().revision()).isEqualTo(new Revision(4));
    Message edited = ((EditOutcome.Done) edit(own, "Hello!")).message();
    assertThat(edited.body()).isEqualTo("Hello!");
    assertThat(edited.attributes()).isEqualTo(JsonText.EMPTY);
    assertThat(edited.changed()).isEqualTo(new Version(new Revision(5), LATER));
    Message removed = ((EditOutcome.Done) removed(own)).message();
    assertThat(removed.removed()).isTrue();
    assertThat(removed(own)).as("removed again").isEqualTo(new EditOutcome.Done(removed));
    assertThat(edit(own, "Hello?")).isEqualTo(new EditOutcome.NotFound());
    assertThat(found().revision()).isEqualTo(new Revision(6));
    assertThat(found().activity().messageCount()).isEqualTo(2);
  }

  @Test
  void a_guest_who_cannot_send_can_not_edit_or_remove_either() {
    Message own = ((Sent.Added) send(GUEST, "Hello", "a")).message();
    store.leave(account, conversation, participant(GUEST).sid(), NOW);
    assertThat(edit(own, "Bye")).isEqualTo(new EditOutcome.Closed());
    join(GUEST, NOW);
    assertThat(edit(own, "Bye")).isInstanceOf(EditOutcome.Done.class);
    store.close(account, conversation, GUEST, NOW);
    Conversation before = found();
    assertThat(edit(own, "Hello")).isEqualTo(new EditOutcome.Closed());
    assertThat(removed(own)).isEqualTo(new EditOutcome.Closed());
    assertThat(found()).isEqualTo(before);
  }

  @Test
  void the_bytes_that_an_edit_adds_count_as_sent_by_the_guest() {
    Message own = ((Sent.Added) send(GUEST, "Hello", "a")).message();
    database.write(sql -> sql.update(
        "UPDATE conversation SET message_bytes = ? WHERE sid = ?",
        Limits.CONVERSATION_BYTES - 3,
        conversation.text()));
    assertThat(edit(own, "Hello!!!!")).isEqualTo(new EditOutcome.Full());
    assertThat(edit(own, "Hello!!!")).isInstanceOf(EditOutcome.Done.class);
    assertThat(edit(own, "Hello")).isInstanceOf(EditOutcome.Done.class);
    assertThat(edit(own, "Hello!"))
        .as("a shorter text frees none")
        .isEqualTo(new EditOutcome.Full());
  }

  private EditOutcome edit(Message message, String body) {
    return store.editOwn(
        account, conversation, GUEST, message.sid(), Optional.of(body), Optional.empty(), LATER);
  }

  private EditOutcome removed(Message message) {
    return store.removeOwn(account, conversation, GUEST, message.sid(), LATER);
  }

  private Message sends(Message.Author author) {
    return ((Sent.Added) store.send(
            account,
            Sid.Message.next(Instant.EPOCH, random),
            new Conversations.NewMessage(
                conversation, author, Message.Content.of("Hi"), Optional.empty()),
            NOW))
        .message();
  }

  @Test
  void the_attributes_of_messages_are_kept_to_the_letter() {
    List<String> written = List.of("null", "[1, 2]", "\"text\"", "{ \"a\" : \"\\u00e4\" }");
    for (String attributes : written) {
      var _ = store.send(
          account,
          Sid.Message.next(Instant.EPOCH, random),
          new Conversations.NewMessage(
              conversation,
              new Message.Author(ANN, ParticipantKind.AGENT, "Ann"),
              Message.Content.of("Hello", JsonText.parse(attributes)),
              Optional.empty()),
          NOW);
    }
    assertThat(store
            .messages(account, conversation, PageOfMessages.newest(10))
            .orElseThrow()
            .items())
        .extracting(message -> message.attributes().text())
        .isEqualTo(written);
  }

  @Test
  void changed_attributes_and_the_agents_read_index_are_in_the_log_once_as_they_are_now() {
    assertThat(changes(0, Amount.PAGE).changes())
        .noneMatch(Changes.Change.OfConversation.class::isInstance);
    send(GUEST, "Hello", "a"); // revision 2
    update("[1]", Conversation.State.ACTIVE, NOW);
    assertThat(changes(2, Amount.PAGE).changes())
        .containsExactly(new Changes.Change.OfConversation(
            JsonText.parse("[1]"), MessageIndex.NONE, new Version(new Revision(3), NOW)));
    assertThat(store.readByInbox(account, conversation, READER, MessageIndex.FIRST, NOW))
        .isTrue();
    assertThat(store.readByInbox(account, conversation, READER, MessageIndex.FIRST, NOW))
        .isTrue();
    store.close(account, conversation, GUEST, NOW);
    Changes.Change.OfConversation last = new Changes.Change.OfConversation(
        JsonText.parse("[1]"), MessageIndex.FIRST, new Version(new Revision(4), NOW));
    assertThat(changes(2, Amount.PAGE))
        .isEqualTo(new Changes(
            List.of(
                last,
                new Changes.Change.OfState(
                    Conversation.State.CLOSED,
                    new Version(new Revision(5), NOW),
                    Optional.of(NOW))),
            new Revision(5),
            false));
    assertThat(changes(4, Amount.PAGE).changes()).doesNotContain(last);
  }

  @Test
  void attributes_that_are_longer_than_what_a_reader_can_take_wait_until_it_can() {
    update('"' + "x".repeat(Limits.FOLLOW_UNRESERVED_BYTES) + '"', Conversation.State.ACTIVE, NOW);
    send(GUEST, "Hello", "a");
    assertThat(changes(1, Amount.SMALL)).isEqualTo(new Changes(List.of(), Revision.CREATED, true));
    Changes all = changes(1, Amount.LARGE);
    assertThat(all.changes()).hasSize(2);
    assertThat(all.more()).isFalse();
  }

  private Changes changes(long after, Amount amount) {
    return store
        .changes(account, conversation, new Revision(after), 100, amount)
        .orElseThrow();
  }

  @Test
  void conversations_of_an_older_version_get_their_counts_and_times() {
    database.close();
    Sid.Conversation old = Sid.Conversation.random(random);
    Sid.Conversation closed = Sid.Conversation.random(random);
    database = open(older());
    database.write(sql -> {
      for (Sid.Conversation one : List.of(old, closed)) {
        sql.update(
            """
            INSERT INTO conversation (sid, account_sid, address_sid, state, pre_engagement_data,
              created_at, updated_at, last_activity_at, next_index, revision, state_revision)
            VALUES (?, ?, ?, ?, '{}', ?, ?, ?, 3, 5, 5)
            """,
            one.text(),
            account.text(),
            Sid.Address.random(random).text(),
            one.equals(old) ? "active" : "closed",
            NOW,
            MUCH_LATER,
            LATER);
        sql.update(
            """
            INSERT INTO participant (sid, conversation_sid, identity, friendly_name, joined_at,
              left_at, read_index)
            VALUES (?, ?, ?, 'Ada', ?, ?, 1)
            """,
            Sid.Participant.next(Instant.EPOCH, random).text(),
            one.text(),
            GUEST.text(),
            NOW,
            one.equals(old) ? null : LATER);
        for (int i : IntStream.range(0, 3).toArray()) {
          sql.update(
              """
              INSERT INTO message (sid, conversation_sid, message_index, author, author_kind,
                author_name, body, attributes, created_at, updated_at, added_revision, revision,
                removed)
              VALUES (?, ?, ?, 'guest_1', 'guest', 'Ada', '', '{}', ?, ?, ?, ?, ?)
              """,
              Sid.Message.next(Instant.EPOCH, random).text(),
              one.text(),
              i,
              NOW,
              NOW,
              i + 2,
              i + 2,
              i == 1);
        }
      }
      return true;
    });
    database.close();
    database = open(SqlConversationStore.SCHEMA);
    store = new SqlConversationStore(database);
    Conversation migrated = store.find(account, old).orElseThrow();
    assertThat(migrated.activity().messageCount()).isEqualTo(2);
    assertThat(migrated.status().since().at()).isEqualTo(NOW);
    assertThat(migrated.details().revision()).isEqualTo(Revision.CREATED);
    assertThat(store.find(account, closed).orElseThrow().status().since().at()).isEqualTo(LATER);
    Participant guest = store.participant(account, old, GUEST).orElseThrow();
    assertThat(guest.attributes()).isEqualTo(JsonText.EMPTY);
    assertThat(guest.updated()).isEqualTo(NOW);
    assertThat(guest.read())
        .isEqualTo(new Participant.ReadMark(new MessageIndex(1), Optional.empty()));
    assertThat(store.participant(account, closed, GUEST).orElseThrow().updated())
        .isEqualTo(LATER);
  }

  /** The tables before counts and times, in a database in which nothing is yet. */
  private Schema older() {
    emptied();
    return new Schema(
        SqlConversationStore.SCHEMA.role(),
        SqlConversationStore.SCHEMA.migrations().subList(0, 6));
  }

  /** Makes the next {@link #open} create a new database. */
  protected abstract void emptied();

  private Conversation found() {
    return store.find(account, conversation).orElseThrow();
  }

  private Participant participant(Identity identity) {
    return store.participant(account, conversation, identity).orElseThrow();
  }

  private void update(String attributes, Conversation.State state, Instant now) {
    assertThat(store.update(
            account,
            conversation,
            Conversations.Update.of(
                Optional.of(JsonText.parse(attributes)), Optional.of(state), Duration.ZERO),
            Optional.of(Instant.EPOCH),
            now))
        .isInstanceOf(UpdateOutcome.Updated.class);
  }

  private void read(long index, Instant now) {
    assertThat(store.updateParticipant(
            account, conversation, GUEST, ParticipantUpdate.reading(new MessageIndex(index)), now))
        .isPresent();
  }

  private void join(Identity identity, Instant now) {
    assertThat(store.join(
            account,
            conversation,
            Sid.Participant.next(Instant.EPOCH, random),
            new Conversations.NewParticipant(
                identity, ParticipantKind.AGENT, Optional.of("Ann"), Optional.empty()),
            now))
        .isInstanceOf(JoinOutcome.Joined.class);
  }

  private Sent send(Identity author, String body, String clientId) {
    return store.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        new Conversations.NewMessage(
            conversation,
            new Message.Author(author, ParticipantKind.GUEST, "Ada"),
            Message.Content.of(body),
            Optional.of(clientId)),
        NOW);
  }

  private void begin(Sid.Conversation sid) {
    assertThat(store.create(
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
            NOW))
        .isTrue();
  }
}
