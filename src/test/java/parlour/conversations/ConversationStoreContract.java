package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of every store of conversations, whatever database is under it. */
abstract class ConversationStoreContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final Identity GUEST = new Identity("guest_1");
  private static final Identity READER = new Identity("agent_reader");
  private static final SecureRandom random = new SecureRandom();

  private Database database;
  private ConversationStore store;

  /** Opens the same database each time, also while it is open. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    store = new SqlConversationStore(database);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void a_conversation_is_created_with_its_guest_in_it() {
    Conversations.NewConversation conversation = conversation();
    assertThat(create(conversation)).isTrue();
    assertThat(rows(
            "SELECT account_sid || ' ' || address_sid || ' ' || state || ' ' || pre_engagement_data"
                + " FROM conversation WHERE sid = ?",
            conversation))
        .containsExactly("%s %s active {\"topic\":\"Füße\"}"
            .formatted(conversation.account().text(), conversation.address().text()));
    assertThat(rows(
            "SELECT identity || ' ' || friendly_name FROM participant WHERE conversation_sid = ?",
            conversation))
        .containsExactly("guest_1 Ada 🙂");
  }

  @Test
  void the_guests_first_message_is_message_0_and_comes_before_the_greeting() {
    Conversations.NewConversation conversation = asking();
    create(conversation);
    create(conversation);
    assertThat(rows(
            "SELECT message_index || ' ' || author || ' ' || author_kind || ' ' || author_name || ' '"
                + " || body FROM message WHERE conversation_sid = ? ORDER BY message_index",
            conversation))
        .containsExactly(
            "0 guest_1 guest Ada 🙂 Is it open?", "1 greeter system Front desk Welcome");
    assertThat(store
            .changes(conversation.account(), conversation.sid(), new Revision(1), 10, Amount.PAGE)
            .orElseThrow()
            .changes())
        .hasSize(2);
  }

  @Test
  void a_conversation_whose_first_message_cannot_be_kept_is_not_kept_either() {
    Conversations.NewConversation first = asking();
    Sid.Message taken = Sid.Message.next(Instant.EPOCH, random);
    store.create(
        first,
        Sid.Participant.next(Instant.EPOCH, random),
        taken,
        Sid.Message.next(Instant.EPOCH, random),
        NOW);
    Conversations.NewConversation second = asking();
    assertThatThrownBy(() -> store.create(
            second,
            Sid.Participant.next(Instant.EPOCH, random),
            taken,
            Sid.Message.next(Instant.EPOCH, random),
            NOW))
        .isInstanceOf(Exception.class);
    assertThat(rows("SELECT sid FROM conversation WHERE sid = ?", second)).isEmpty();
    assertThat(rows("SELECT sid FROM participant WHERE conversation_sid = ?", second))
        .isEmpty();
  }

  @Test
  void a_repeated_call_creates_nothing_twice_and_changes_nothing() {
    Conversations.NewConversation first = conversation();
    create(first);
    Conversations.NewConversation again = new Conversations.NewConversation(
        first.sid(),
        Sid.Account.random(random),
        Sid.Address.random(random),
        Sid.Deployment.random(random),
        new Identity("guest_2"),
        "Eve",
        JsonText.EMPTY,
        Optional.empty(),
        Optional.empty());
    assertThat(create(again)).isFalse();
    assertThat(rows("SELECT account_sid FROM conversation WHERE sid = ?", first))
        .containsExactly(first.account().text());
    assertThat(rows("SELECT identity FROM participant WHERE conversation_sid = ?", first))
        .containsExactly("guest_1");
  }

  @Test
  void a_repeated_call_does_not_restore_an_erased_conversation() {
    Conversations.NewConversation conversation = asking();
    create(conversation);
    assertThat(store.erase(conversation.account(), conversation.sid(), NOW)).isTrue();
    assertThat(create(conversation)).isFalse();
    assertThat(store.find(conversation.account(), conversation.sid())).isEmpty();
    assertThat(rows("SELECT body FROM message WHERE conversation_sid = ?", conversation))
        .isEmpty();
  }

  @Test
  void a_conversation_that_changed_at_the_instant_or_later_is_not_erased_as_quiet() {
    Conversations.NewConversation conversation = asking();
    create(conversation);
    assertThat(store.eraseQuiet(conversation.account(), conversation.sid(), NOW, NOW))
        .isFalse();
    Revision revision =
        store.find(conversation.account(), conversation.sid()).orElseThrow().revision();
    assertThat(revision.number())
        .isEqualTo(3); // as it was made: its guest, what they said, the greeting
    assertThat(store.wasErased(conversation.account(), conversation.sid())).isFalse();
    assertThat(store.eraseQuiet(conversation.account(), conversation.sid(), NOW.plusMillis(1), NOW))
        .isTrue();
    assertThat(store.find(conversation.account(), conversation.sid())).isEmpty();
  }

  @Test
  void quiet_conversations_are_those_of_a_deployment_or_of_an_address_oldest_first() {
    Conversations.NewConversation first = conversation();
    Conversations.NewConversation second = new Conversations.NewConversation(
        Sid.Conversation.random(random),
        first.account(),
        first.address(),
        Sid.Deployment.random(random),
        GUEST,
        "Ada",
        JsonText.EMPTY,
        Optional.empty(),
        Optional.empty());
    create(second, NOW.plusMillis(1));
    create(first, NOW);
    create(of(first.account(), GUEST), NOW);
    assertThat(store.quiet(first.account(), first.address(), LATER, 10))
        .containsExactly(first.sid(), second.sid());
    assertThat(store.quiet(first.account(), first.address(), LATER, 1))
        .containsExactly(first.sid());
    assertThat(store.quiet(first.account(), first.address(), NOW.plusMillis(1), 10))
        .containsExactly(first.sid());
    assertThat(store.quiet(first.account(), first.deployment(), LATER, 10))
        .containsExactly(first.sid());
    Sid.Account other = Sid.Account.random(random);
    assertThat(store.quiet(other, first.address(), LATER, 10)).isEmpty();
    assertThat(store.quiet(other, first.deployment(), LATER, 10)).isEmpty();
  }

  @Test
  void two_concurrent_calls_for_one_conversation_create_it_once_with_one_guest() {
    Conversations.NewConversation conversation = conversation();
    List<Boolean> created = AtOnce.run(30, i -> create(conversation));
    assertThat(created).containsOnlyOnce(true);
    assertThat(rows("SELECT identity FROM participant WHERE conversation_sid = ?", conversation))
        .containsExactly("guest_1");
  }

  @Test
  void two_nodes_over_one_store_create_a_conversation_once() {
    Conversations.NewConversation conversation = conversation();
    try (Database other = open()) {
      ConversationStore elsewhere = new SqlConversationStore(other);
      List<Boolean> created = AtOnce.run(
          10,
          i -> (i % 2 == 0 ? store : elsewhere)
              .create(
                  conversation,
                  Sid.Participant.next(Instant.EPOCH, random),
                  Sid.Message.next(Instant.EPOCH, random),
                  Sid.Message.next(Instant.EPOCH, random),
                  NOW));
      assertThat(created).containsOnlyOnce(true);
    }
    assertThat(rows("SELECT identity FROM participant WHERE conversation_sid = ?", conversation))
        .hasSize(1);
  }

  @Test
  void concurrent_calls_for_different_conversations_all_succeed() {
    List<Boolean> created = AtOnce.run(50, i -> create(conversation()));
    assertThat(created).containsOnly(true);
  }

  @Test
  void conversation_and_guest_are_kept_both_or_neither() {
    Conversations.NewConversation first = conversation();
    Sid.Participant taken = Sid.Participant.next(Instant.EPOCH, random);
    store.create(
        first,
        taken,
        Sid.Message.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        NOW);
    Conversations.NewConversation second = conversation();
    assertThatThrownBy(() -> store.create(
            second,
            taken,
            Sid.Message.next(Instant.EPOCH, random),
            Sid.Message.next(Instant.EPOCH, random),
            NOW))
        .isInstanceOf(IllegalStateException.class);
    assertThat(rows("SELECT sid FROM conversation WHERE sid = ?", second)).isEmpty();
    assertThat(create(second)).isTrue();
  }

  @Test
  void acknowledged_changes_are_there_after_a_crash() {
    Conversations.NewConversation conversation = conversation();
    create(conversation);
    // Nothing is closed first: that is what a crash is.
    try (Database afterwards = open()) {
      ConversationStore store = new SqlConversationStore(afterwards);
      assertThat(store.create(
              conversation,
              Sid.Participant.next(Instant.EPOCH, random),
              Sid.Message.next(Instant.EPOCH, random),
              Sid.Message.next(Instant.EPOCH, random),
              NOW))
          .isFalse();
    }
  }

  @Test
  void of_a_call_that_was_abandoned_half_way_nothing_is_there() {
    Conversations.NewConversation conversation = conversation();
    assertThatThrownBy(() -> database.write(sql -> {
          sql.update(
              """
              INSERT INTO conversation (sid, account_sid, address_sid, state,
                pre_engagement_data, created_at) VALUES (?, ?, ?, 'active', '{}', ?)
              """,
              conversation.sid().text(),
              conversation.account().text(),
              conversation.address().text(),
              NOW);
          throw new IllegalArgumentException("the crash");
        }))
        .hasMessage("the crash");
    database.close();
    database = open();
    store = new SqlConversationStore(database);
    assertThat(create(conversation)).isTrue();
    assertThat(rows("SELECT identity FROM participant WHERE conversation_sid = ?", conversation))
        .containsExactly("guest_1");
  }

  @Test
  void a_conversation_of_another_account_is_not_there_and_does_not_change() {
    Conversations.NewConversation begun = asking();
    assertThat(create(begun)).isTrue();
    Sid.Account account = begun.account();
    Sid.Conversation conversation = begun.sid();
    Conversation before = store.find(account, conversation).orElseThrow();
    Message known = messages(account, conversation).getFirst();
    Sid.Account other = Sid.Account.random(random);
    PageOfMessages newest = PageOfMessages.newest(10);
    Participant guest = store.participant(account, conversation, GUEST).orElseThrow();

    assertThat(store.find(other, conversation)).isEmpty();
    assertThat(store.overview(other, conversation)).isEmpty();
    assertThat(store.message(other, conversation, known.sid())).isEmpty();
    assertThat(store.messages(other, conversation, newest)).isEmpty();
    assertThat(store.transcript(other, conversation, newest)).isEmpty();
    assertThat(store.participants(other, conversation)).isEmpty();
    assertThat(store.participant(other, conversation, GUEST)).isEmpty();
    assertThat(store.changes(other, conversation, Revision.NONE, 10, Amount.PAGE))
        .isEmpty();

    for (String clientId : List.of("m-1", "m-2")) { // also one that was sent before
      Conversations.NewMessage message = new Conversations.NewMessage(
          conversation,
          new Message.Author(GUEST, ParticipantKind.GUEST, ""),
          Message.Content.of("Hello"),
          Optional.of(clientId));
      assertThat(store.send(other, Sid.Message.next(Instant.EPOCH, random), message, LATER))
          .isEqualTo(new Sent.NotFound());
    }
    assertThat(
            store.edit(other, conversation, known.sid(), Optional.of("x"), Optional.empty(), LATER))
        .isEmpty();
    assertThat(store.remove(other, conversation, known.sid(), LATER)).isEmpty();
    assertThat(store.join(
            other,
            conversation,
            Sid.Participant.next(Instant.EPOCH, random),
            new Conversations.NewParticipant(
                GUEST, ParticipantKind.AGENT, Optional.of("Ann"), Optional.empty()),
            LATER))
        .isEqualTo(new JoinOutcome.NotFound());
    assertThat(store.leave(other, conversation, guest.sid(), LATER)).isFalse();
    assertThat(store.updateParticipant(
            other, conversation, GUEST, ParticipantUpdate.reading(MessageIndex.FIRST), LATER))
        .isEmpty();
    assertThat(store.readByInbox(other, conversation, READER, MessageIndex.FIRST, LATER))
        .isFalse();
    assertThat(
            store.update(other, conversation, Conversations.Update.CLOSE, Optional.empty(), LATER))
        .isEqualTo(new UpdateOutcome.NotFound());
    assertThat(store.close(other, conversation, GUEST, LATER)).isFalse();
    assertThat(store.erase(other, conversation, LATER)).isFalse();
    assertThat(store.eraseQuiet(other, conversation, LATER, LATER)).isFalse();
    assertThat(store.wasErased(other, conversation)).isFalse();

    assertThat(store.find(account, conversation)).contains(before);
    assertThat(store.message(account, conversation, known.sid())).contains(known);
    assertThat(store.participants(account, conversation)).containsExactly(guest);
  }

  @Test
  void the_conversations_of_a_guest_are_those_of_one_account_newest_first_also_silent_ones() {
    Conversations.NewConversation first = conversation();
    Conversations.NewConversation second = of(first.account(), GUEST);
    Conversations.NewConversation third = of(first.account(), GUEST);
    create(first, NOW);
    create(second, LATER);
    create(third, LATER.plusSeconds(1));
    create(of(first.account(), new Identity("guest_2")), NOW);
    create(conversation(), NOW); // of another account, with the same identity

    Page<Conversations.Overview> page = store.ofGuest(first.account(), GUEST, Optional.empty(), 2);
    assertThat(page.more()).isTrue();
    assertThat(sids(page)).containsExactly(third.sid(), second.sid());
    Conversations.Place last = new Conversations.Place(LATER, second.sid());
    Page<Conversations.Overview> rest = store.ofGuest(first.account(), GUEST, Optional.of(last), 2);
    assertThat(rest.more()).isFalse();
    assertThat(sids(rest)).containsExactly(first.sid());
    assertThat(store
            .ofGuest(Sid.Account.random(random), GUEST, Optional.empty(), 2)
            .items())
        .isEmpty();
    assertThat(sids(store.ofGuest(first.account(), new Identity("greeter"), Optional.empty(), 2)))
        .isEmpty();
  }

  private static List<Sid.Conversation> sids(Page<Conversations.Overview> page) {
    return page.items().stream().map(overview -> overview.conversation().sid()).toList();
  }

  private static Conversations.NewConversation of(Sid.Account account, Identity guest) {
    return new Conversations.NewConversation(
        Sid.Conversation.random(random),
        account,
        Sid.Address.random(random),
        Sid.Deployment.random(random),
        guest,
        "Ada",
        JsonText.EMPTY,
        Optional.empty(),
        Optional.empty());
  }

  private List<Message> messages(Sid.Account account, Sid.Conversation conversation) {
    return store
        .messages(account, conversation, PageOfMessages.newest(10))
        .orElseThrow()
        .items();
  }

  private boolean create(Conversations.NewConversation conversation) {
    return create(conversation, NOW);
  }

  private boolean create(Conversations.NewConversation conversation, Instant at) {
    return store.create(
        conversation,
        Sid.Participant.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        at);
  }

  /** The first column of each row, in words. */
  private List<String> rows(String query, Conversations.NewConversation conversation) {
    return database.read(
        sql -> sql.list(query, row -> row.getString(1), conversation.sid().text()));
  }

  private static Conversations.NewConversation asking() {
    Conversations.NewConversation asked = conversation();
    return new Conversations.NewConversation(
        asked.sid(),
        asked.account(),
        asked.address(),
        asked.deployment(),
        asked.identity(),
        asked.customerFriendlyName(),
        asked.preEngagementData(),
        Optional.of(new Conversations.FirstMessage("Is it open?", Optional.of("m-1"))),
        Optional.of(new Conversations.Greeting("Front desk", "Welcome")));
  }

  private static Conversations.NewConversation conversation() {
    return new Conversations.NewConversation(
        Sid.Conversation.random(random),
        Sid.Account.random(random),
        Sid.Address.random(random),
        Sid.Deployment.random(random),
        GUEST,
        "Ada 🙂",
        JsonText.parse("{\"topic\":\"Füße\"}"),
        Optional.empty(),
        Optional.empty());
  }
}
