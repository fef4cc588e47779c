package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.InboxList.Order;
import parlour.http.json.JsonText;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** How every store of conversations keeps who works on them, and which guests wait. */
abstract class TeamStoreContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Identity GUEST = new Identity("guest_1");
  private static final Identity ANN = new Identity("agent_ann");
  private static final Identity BEN = new Identity("agent_ben");
  private static final SecureRandom random = new SecureRandom();

  private final Sid.Account account = Sid.Account.random(random);
  private Database database;
  private ConversationStore store;
  private TeamStore team;

  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    store = new SqlConversationStore(database);
    team = new SqlTeamStore(database);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void a_conversation_is_claimed_handed_over_and_released() {
    Sid.Conversation one = asks(0);
    Revision before = overview(one).conversation().revision();
    assertThat(assign(one, null, ANN)).isEqualTo(new AssignOutcome.Assigned());
    assertThat(overview(one).teamwork().assignee()).contains(ANN);
    assertThat(overview(one).conversation().revision().isAfter(before)).isTrue();
    assertThat(assign(one, ANN, BEN)).isEqualTo(new AssignOutcome.Assigned());
    assertThat(assign(one, BEN, null)).isEqualTo(new AssignOutcome.Assigned());
    assertThat(overview(one).teamwork().assignee()).isEmpty();
  }

  @Test
  void a_claim_that_comes_too_late_names_the_winner_and_changes_nothing() {
    Sid.Conversation one = asks(0);
    assign(one, null, ANN);
    assertThat(assign(one, null, BEN)).isEqualTo(new AssignOutcome.Taken(Optional.of(ANN)));
    assertThat(assign(one, BEN, null)).isEqualTo(new AssignOutcome.Taken(Optional.of(ANN)));
    assertThat(assign(one, null, ANN)).isEqualTo(new AssignOutcome.Assigned());
    assertThat(overview(one).teamwork().assignee()).contains(ANN);
    assertThat(team.assign(
            Sid.Account.random(random), one, BEN, Optional.of(ANN), Optional.of(BEN), NOW))
        .isEqualTo(new AssignOutcome.NotFound());
  }

  @Test
  void of_agents_who_claim_at_once_one_wins() {
    Sid.Conversation one = asks(0);
    List<AssignOutcome> outcomes =
        AtOnce.run(8, number -> assign(one, null, new Identity("agent_" + number)));
    assertThat(outcomes).filteredOn(AssignOutcome.Assigned.class::isInstance).hasSize(1);
    AssignOutcome.Taken lost = new AssignOutcome.Taken(overview(one).teamwork().assignee());
    assertThat(outcomes).filteredOn(AssignOutcome.Taken.class::isInstance).containsOnly(lost);
  }

  @Test
  void a_guest_waits_from_the_first_message_until_an_answer_and_a_greeting_is_none() {
    Sid.Conversation one = asks(10);
    assertThat(waitsSince(one)).contains(at(10));
    says(one, GUEST, ParticipantKind.GUEST, 20);
    says(one, Conversations.Greeting.AUTHOR, ParticipantKind.SYSTEM, 25);
    assertThat(waitsSince(one)).contains(at(10));
    says(one, ANN, ParticipantKind.AGENT, 30);
    assertThat(waitsSince(one)).isEmpty();
    says(one, GUEST, ParticipantKind.GUEST, 40);
    says(one, GUEST, ParticipantKind.GUEST, 50);
    assertThat(waitsSince(one)).contains(at(40));
  }

  @Test
  void a_message_that_is_given_back_leaves_who_waits_and_the_order_as_they_were() {
    Sid.Conversation one = asks(10);
    Conversations.Overview before = overview(one);
    assertThat(sendsWithoutItsFile(one, ANN, ParticipantKind.AGENT, 20))
        .isEqualTo(new Sent.NoSuchFile());
    assertThat(overview(one).teamwork()).isEqualTo(before.teamwork());
    assertThat(overview(one).conversation().activity())
        .isEqualTo(before.conversation().activity());
    assertThat(overview(one).conversation().revision())
        .isEqualTo(before.conversation().revision());
    sendsWithoutItsFile(one, GUEST, ParticipantKind.GUEST, 30);
    assertThat(waitsSince(one)).contains(at(10));
    says(one, ANN, ParticipantKind.AGENT, 40);
    sendsWithoutItsFile(one, GUEST, ParticipantKind.GUEST, 50);
    assertThat(waitsSince(one)).isEmpty();
    assertThat(overview(one).conversation().activity().last()).isEqualTo(at(40));
    says(one, GUEST, ParticipantKind.GUEST, 60);
    assertThat(waitsSince(one)).contains(at(60));
  }

  private Sent sendsWithoutItsFile(
      Sid.Conversation conversation, Identity author, ParticipantKind kind, int second) {
    return store.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        new Conversations.NewMessage(
            conversation,
            new Message.Author(author, kind, "name"),
            Message.Content.of("text"),
            new Conversations.Files(author.text(), List.of(Sid.Media.random(random))),
            Optional.empty()),
        at(second));
  }

  @Test
  void nobody_waits_in_a_closed_conversation_and_after_it_is_reopened_again() {
    Sid.Conversation one = asks(10);
    becomes(one, Conversation.State.CLOSED, 20);
    assertThat(waitsSince(one)).isEmpty();
    assertThat(sids(new InboxList.Waiting(Order.NEWEST))).isEmpty();
    becomes(one, Conversation.State.ACTIVE, 30);
    assertThat(waitsSince(one)).contains(at(10));
  }

  @Test
  void each_list_has_its_conversations_in_its_order_page_by_page() {
    Sid.Conversation first = asks(10);
    Sid.Conversation second = asks(20);
    Sid.Conversation third = asks(30);
    says(first, GUEST, ParticipantKind.GUEST, 40); // the latest activity, and the longest wait
    assertThat(sids(new InboxList.Waiting(Order.OLDEST))).containsExactly(first, second, third);
    assertThat(sids(new InboxList.Waiting(Order.NEWEST))).containsExactly(third, second, first);
    assertThat(sids(new InboxList.InState(Conversation.State.ACTIVE)))
        .containsExactly(first, third, second);
    assertThat(sids(new InboxList.Unassigned())).containsExactly(first, third, second);
    assign(first, null, ANN);
    assign(third, null, ANN);
    assign(second, null, BEN);
    assertThat(sids(new InboxList.AssignedTo(ANN))).containsExactly(first, third);
    assertThat(count(Sight.ALL, new InboxList.AssignedTo(ANN))).isEqualTo(2);
    assertThat(count(Sight.ALL, new InboxList.Waiting(Order.NEWEST))).isEqualTo(3);
    assertThat(count(Sight.ALL, new InboxList.Unassigned())).isZero();
    assertThat(store.count(account, Sight.ALL, new InboxList.Waiting(Order.OLDEST), 2))
        .as("no more than are asked for")
        .isEqualTo(2);
    assertThat(store.count(
            Sid.Account.random(random), Sight.ALL, new InboxList.Waiting(Order.OLDEST), 9))
        .isZero();
    assertThat(sids(new InboxList.Unassigned())).isEmpty();
    becomes(third, Conversation.State.CLOSED, 50);
    assertThat(sids(new InboxList.AssignedTo(ANN))).containsExactly(first);
    assertThat(sids(new InboxList.InState(Conversation.State.CLOSED))).containsExactly(third);
    assertThat(store
            .inbox(
                Sid.Account.random(random),
                Sight.ALL,
                new InboxList.Unassigned(),
                Optional.empty(),
                9)
            .items())
        .isEmpty();
  }

  @Test
  void a_conversation_of_a_hidden_desk_is_in_no_list_and_leaves_no_gap() {
    List<Sid.Conversation> asked = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      asked.add(asks(10 * i));
      label(asked.getLast(), "refund");
    }
    assign(asked.get(0), null, ANN);
    assign(asked.get(1), null, ANN);
    becomes(asked.get(2), Conversation.State.CLOSED, 70);
    becomes(asked.get(3), Conversation.State.CLOSED, 80);
    List<Sid.Address> desks = asked.stream().map(this::deskOf).toList();
    // hidden: one that is assigned, one that is closed, one that waits
    List<Sid.Address> hidden = List.of(desks.get(0), desks.get(2), desks.get(4));
    List<Sid.Address> others = new ArrayList<>(List.of(desks.get(1), desks.get(3), desks.get(5)));
    others.add(Sid.Address.random(random)); // a desk without conversations
    List<Sid.Address> many = new ArrayList<>(others);
    while (many.size() <= Limits.DESKS_JOINED) {
      many.add(Sid.Address.random(random));
    }
    for (Sight sight : List.of(new Sight(hidden, others), new Sight(hidden, many))) {
      assertThat(sids(sight, new InboxList.InState(Conversation.State.ACTIVE)))
          .containsExactly(asked.get(5), asked.get(1));
      assertThat(sids(sight, new InboxList.InState(Conversation.State.CLOSED)))
          .containsExactly(asked.get(3));
      assertThat(sids(sight, new InboxList.AssignedTo(ANN))).containsExactly(asked.get(1));
      assertThat(sids(sight, new InboxList.Unassigned())).containsExactly(asked.get(5));
      assertThat(sids(sight, new InboxList.Waiting(Order.OLDEST)))
          .containsExactly(asked.get(1), asked.get(5));
      assertThat(sids(sight, new InboxList.Waiting(Order.NEWEST)))
          .containsExactly(asked.get(5), asked.get(1));
      assertThat(sids(sight, new InboxList.Labelled("refund")))
          .containsExactly(asked.get(5), asked.get(3), asked.get(1));
    }
    for (Sight sight : List.of(new Sight(hidden, others), new Sight(hidden, many))) {
      assertThat(count(sight, new InboxList.Unassigned())).isEqualTo(1);
      assertThat(count(sight, new InboxList.Waiting(Order.NEWEST))).isEqualTo(2);
    }
    Sight nothing = new Sight(desks, List.of());
    assertThat(count(nothing, new InboxList.Unassigned())).isZero();
    assertThat(sids(nothing, new InboxList.InState(Conversation.State.ACTIVE))).isEmpty();
    assertThat(sids(nothing, new InboxList.Labelled("refund"))).isEmpty();
  }

  @Test
  void the_unread_messages_of_a_list_are_counted_in_its_first_conversations() {
    Sid.Conversation first = asks(10);
    Sid.Conversation second = asks(20);
    Sid.Conversation third = asks(30);
    says(first, GUEST, ParticipantKind.GUEST, 40);
    says(first, new Identity("bot"), ParticipantKind.SYSTEM, 45);
    says(second, ANN, ParticipantKind.AGENT, 50);
    assign(third, null, ANN);
    long ofFirst = overview(first).unread();
    assertThat(ofFirst).isEqualTo(2);
    assertThat(unread(Sight.ALL, 9)).isEqualTo(ofFirst + overview(second).unread());
    assertThat(unread(Sight.ALL, 1)).isEqualTo(overview(second).unread());
    assertThat(store.unread(account, Sight.ALL, new InboxList.AssignedTo(ANN), 9))
        .isEqualTo(1);
    assertThat(store.unread(account, Sight.ALL, new InboxList.AssignedTo(BEN), 9))
        .isZero();
    assertThat(unread(new Sight(List.of(deskOf(second)), List.of(deskOf(first))), 9))
        .isEqualTo(ofFirst);
    assertThat(unread(new Sight(List.of(deskOf(first)), List.of()), 9)).isZero();
    for (int said = 0; said < Limits.UNREAD_OF_EACH; said++) {
      says(first, GUEST, ParticipantKind.GUEST, 60);
    }
    assertThat(unread(new Sight(List.of(deskOf(second)), List.of(deskOf(first))), 9))
        .isEqualTo(Limits.UNREAD_OF_EACH);
  }

  private int unread(Sight sight, int conversations) {
    return store.unread(account, sight, new InboxList.Unassigned(), conversations);
  }

  @Test
  void a_filter_combines_state_agent_label_and_desk() {
    List<Sid.Conversation> asked = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      asked.add(asks(10 * i));
    }
    for (int labelled : List.of(0, 1, 2, 5)) {
      label(asked.get(labelled), "refund");
    }
    for (int anns : List.of(0, 1, 3)) {
      assign(asked.get(anns), null, ANN);
    }
    becomes(asked.get(2), Conversation.State.CLOSED, 70);
    becomes(asked.get(1), Conversation.State.CLOSED, 80);
    says(asked.get(0), GUEST, ParticipantKind.GUEST, 90);
    Optional<Conversation.State> open = Optional.of(Conversation.State.ACTIVE);
    Optional<Conversation.State> closed = Optional.of(Conversation.State.CLOSED);
    Optional<InboxList.Worker> ann = Optional.of(new InboxList.Worker(Optional.of(ANN)));
    Optional<InboxList.Worker> nobody = Optional.of(new InboxList.Worker(Optional.empty()));
    Optional<String> refund = Optional.of("refund");
    Optional<Sid.Address> desk = Optional.of(deskOf(asked.get(1)));
    assertThat(filtered(
            asked,
            Sight.ALL,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()))
        .containsExactly(5, 4, 3, 2, 1, 0);
    assertThat(
            filtered(asked, Sight.ALL, open, Optional.empty(), Optional.empty(), Optional.empty()))
        .containsExactly(0, 5, 4, 3);
    assertThat(filtered(asked, Sight.ALL, open, ann, Optional.empty(), Optional.empty()))
        .containsExactly(0, 3);
    assertThat(filtered(asked, Sight.ALL, closed, ann, Optional.empty(), Optional.empty()))
        .containsExactly(1);
    assertThat(filtered(
            asked, Sight.ALL, closed, Optional.empty(), Optional.empty(), Optional.empty()))
        .containsExactly(1, 2);
    assertThat(filtered(asked, Sight.ALL, Optional.empty(), ann, refund, Optional.empty()))
        .containsExactly(1, 0);
    assertThat(filtered(asked, Sight.ALL, open, Optional.empty(), refund, Optional.empty()))
        .containsExactly(5, 0);
    assertThat(filtered(asked, Sight.ALL, open, nobody, refund, Optional.empty()))
        .containsExactly(5);
    assertThat(
            filtered(asked, Sight.ALL, Optional.empty(), Optional.empty(), Optional.empty(), desk))
        .containsExactly(1);
    assertThat(filtered(asked, Sight.ALL, closed, ann, refund, desk)).containsExactly(1);
    assertThat(filtered(asked, Sight.ALL, open, ann, refund, desk)).isEmpty();
    Sight sight = new Sight(
        List.of(desk.get()),
        asked.stream().map(this::deskOf).filter(one -> !one.equals(desk.get())).toList());
    assertThat(filtered(asked, sight, Optional.empty(), ann, Optional.empty(), Optional.empty()))
        .containsExactly(3, 0);
    assertThat(filtered(asked, sight, Optional.empty(), Optional.empty(), refund, Optional.empty()))
        .containsExactly(5, 2, 0);
    assertThat(filtered(asked, sight, Optional.empty(), Optional.empty(), Optional.empty(), desk))
        .isEmpty();
  }

  /** The numbers of the conversations in a list that is read in pages of two. */
  private List<Integer> filtered(
      List<Sid.Conversation> asked,
      Sight sight,
      Optional<Conversation.State> state,
      Optional<InboxList.Worker> worker,
      Optional<String> label,
      Optional<Sid.Address> desk) {
    InboxList list = new InboxList.Filtered(state, worker, label, desk);
    List<Integer> found = new ArrayList<>();
    Optional<Conversations.Place> after = Optional.empty();
    while (true) {
      InboxPage page = store.inbox(account, sight, list, after, 2);
      page.items().forEach(one -> found.add(asked.indexOf(one.conversation().sid())));
      if (page.next().isEmpty()) {
        return found;
      }
      after = page.next();
    }
  }

  @Test
  void a_page_of_a_rare_combination_examines_a_bounded_part_and_says_where_it_goes_on() {
    Sid.Address desk = Sid.Address.random(random);
    Sid.Conversation rare = asks(0);
    label(rare, "refund");
    becomes(rare, Conversation.State.CLOSED, 0);
    var _ = database.write(sql -> sql.update(
        "UPDATE conversation SET created_at = 0, last_activity_at = 0 WHERE sid = ?", rare.text()));
    var _ = database.write(
        sql -> sql.update("UPDATE conversation_label SET began_at = 0 WHERE label = 'refund'"));
    fill(desk, 2 * Limits.LIST_EXAMINED);
    Optional<Conversation.State> closed = Optional.of(Conversation.State.CLOSED);
    Optional<InboxList.Worker> nobody = Optional.of(new InboxList.Worker(Optional.empty()));
    Optional<String> refund = Optional.of("refund");
    Optional<Sid.Address> own = Optional.of(deskOf(rare));
    Sight whole = Sight.ALL;
    Sight part = new Sight(List.of(desk), List.of(deskOf(rare)));
    examinesPages(
        whole, rare, filter(Optional.empty(), nobody, Optional.empty(), Optional.empty()));
    examinesPages(whole, rare, filter(Optional.empty(), nobody, refund, Optional.empty()));
    examinesPages(whole, rare, filter(closed, Optional.empty(), refund, own));
    examinesPages(part, rare, filter(closed, Optional.empty(), Optional.empty(), Optional.empty()));
    examinesPages(part, rare, new InboxList.Labelled("refund"));
    List<Sid.Address> many = new ArrayList<>();
    for (int i = 0; i <= Limits.DESKS_JOINED; i++) {
      many.add(Sid.Address.random(random));
    }
    Sight of = new Sight(List.of(desk), many);
    examinesPages(of, rare, new InboxList.InState(Conversation.State.CLOSED));
    var _ = database.write(sql -> sql.update(
        "UPDATE conversation SET address_sid = ? WHERE sid = ?", desk.text(), rare.text()));
    examinesPages(whole, rare, filter(closed, nobody, Optional.empty(), Optional.of(desk)));
  }

  private static InboxList filter(
      Optional<Conversation.State> state,
      Optional<InboxList.Worker> worker,
      Optional<String> label,
      Optional<Sid.Address> desk) {
    return new InboxList.Filtered(state, worker, label, desk);
  }

  /** The first two pages end after so many rows without a conversation, and the third has the last one. */
  private void examinesPages(Sight sight, Sid.Conversation rare, InboxList list) {
    Optional<Conversations.Place> after = Optional.empty();
    for (int page = 1; page <= 2; page++) {
      InboxPage examined = store.inbox(account, sight, list, after, 50);
      assertThat(examined.items()).as("%s", list).isEmpty();
      long left = (2L - page) * Limits.LIST_EXAMINED + 1;
      assertThat(examined.next().map(Conversations.Place::at))
          .as("page %s of %s", page, list)
          .contains(Instant.ofEpochMilli(left));
      assertThat(examined.next().map(Conversations.Place::sid))
          .as("the place of no conversation")
          .contains(new Sid.Conversation("CH" + "0".repeat(32)));
      after = examined.next();
    }
    InboxPage last = store.inbox(account, sight, list, after, 50);
    assertThat(last.items())
        .as("%s", list)
        .singleElement()
        .extracting(one -> one.conversation().sid())
        .isEqualTo(rare);
    assertThat(last.next()).isEmpty();
  }

  @Test
  void a_filter_by_a_desk_that_is_hidden_or_of_another_account_ends_with_an_empty_page() {
    Sid.Address desk = Sid.Address.random(random);
    fill(desk, Limits.LIST_EXAMINED + 9);
    Sight hiding = new Sight(List.of(desk), List.of(deskOf(asks(0))));
    Optional<Conversation.State> closed = Optional.of(Conversation.State.CLOSED);
    Optional<InboxList.Worker> ben = Optional.of(new InboxList.Worker(Optional.of(BEN)));
    InboxPage nothing = new InboxPage(List.of(), Optional.empty());
    for (InboxList list : List.of(
        filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(desk)),
        filter(closed, Optional.empty(), Optional.empty(), Optional.of(desk)),
        filter(closed, ben, Optional.empty(), Optional.of(desk)),
        filter(Optional.empty(), Optional.empty(), Optional.of("refund"), Optional.of(desk)))) {
      InboxPage seen = store.inbox(account, Sight.ALL, list, Optional.empty(), 1);
      assertThat(seen.items()).as("%s", list).hasSize(1);
      assertThat(seen.next()).as("%s", list).isPresent();
      assertThat(store.inbox(account, hiding, list, Optional.empty(), 1))
          .as("%s", list)
          .isEqualTo(nothing);
      assertThat(store.inbox(Sid.Account.random(random), Sight.ALL, list, Optional.empty(), 1))
          .as("%s", list)
          .isEqualTo(nothing);
    }
  }

  /** A page must not end among them, because its place names no conversation. */
  @Test
  void conversations_with_one_time_at_the_bound_of_a_page_are_each_listed_once() {
    Sid.Address hidden = Sid.Address.random(random);
    fill(hidden, 2 * Limits.LIST_EXAMINED);
    List<Sid.Address> seen = new ArrayList<>();
    while (seen.size() <= Limits.DESKS_JOINED) {
      seen.add(Sid.Address.random(random));
    }
    Sight sight = new Sight(List.of(hidden), seen);
    var _ = database.write(sql -> sql.update("UPDATE conversation SET state = 'active'"));
    var _ = database.write(sql -> sql.update(
        "UPDATE conversation SET address_sid = ? WHERE sid LIKE '%00'",
        seen.getFirst().text()));
    haveOneTime(Limits.LIST_EXAMINED - 500, Limits.LIST_EXAMINED + 1_000);
    listsEachOnce(sight);
    haveOneTime(1, 2 * Limits.LIST_EXAMINED);
    listsEachOnce(sight);
  }

  /** The filled conversations of these numbers become as old as the first of them. */
  private void haveOneTime(int first, int last) {
    var _ = database.write(sql -> {
      sql.update(
          "UPDATE conversation SET created_at = ? WHERE created_at BETWEEN ? AND ?",
          first,
          first,
          last);
      sql.update(
          "UPDATE conversation SET last_activity_at = created_at, waiting_since = created_at");
      return sql.update(
          "UPDATE conversation_label SET began_at = ? WHERE began_at BETWEEN ? AND ?",
          first,
          first,
          last);
    });
  }

  private void listsEachOnce(Sight sight) {
    List<String> newestFirst = rows(
        "SELECT sid FROM conversation WHERE address_sid = '%s' ORDER BY created_at DESC, sid DESC"
            .formatted(sight.others().getFirst().text()));
    assertThat(newestFirst).hasSize(2 * Limits.LIST_EXAMINED / 100);
    for (InboxList list : List.of(
        new InboxList.InState(Conversation.State.ACTIVE),
        new InboxList.Waiting(Order.NEWEST),
        new InboxList.Labelled("refund"))) {
      assertThat(examined(sight, list)).as("%s", list).isEqualTo(newestFirst);
    }
    assertThat(examined(sight, new InboxList.Waiting(Order.OLDEST)))
        .isEqualTo(newestFirst.reversed());
  }

  /** A list that is read by its pages. None of them begins after a conversation that is not in the list. */
  private List<String> examined(Sight sight, InboxList list) {
    List<String> listed = new ArrayList<>();
    List<String> named = new ArrayList<>();
    Optional<Conversations.Place> after = Optional.empty();
    do {
      InboxPage page = store.inbox(account, sight, list, after, 50);
      page.items().forEach(one -> listed.add(one.conversation().sid().text()));
      after = page.next();
      after.ifPresent(place -> named.add(place.sid().text()));
    } while (after.isPresent());
    assertThat(named).as("%s", list).isNotEmpty();
    named.removeAll(listed);
    assertThat(named).as("%s", list).isSubsetOf("CH" + "0".repeat(32), "CH" + "f".repeat(32));
    return listed;
  }

  /** Closed conversations of a desk that Ben has, with a label; each began at its number, in milliseconds. */
  private void fill(Sid.Address desk, int count) {
    String numbers =
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT ";
    String sid = "'CH" + "0".repeat(26) + "' || substr(CAST(1000000 + i AS TEXT), 2)";
    var _ = database.write(sql -> {
      sql.update(
          "INSERT INTO conversation (sid, account_sid, address_sid, state, pre_engagement_data,"
              + " created_at, updated_at, last_activity_at, guest_spoke, next_index, message_count,"
              + " revision, assignee)" + numbers + sid
              + ", ?, ?, 'closed', '{}', i, i, i, TRUE, 0, 0, 1, ? FROM n",
          count,
          account.text(),
          desk.text(),
          BEN.text());
      return sql.update(
          "INSERT INTO conversation_label (conversation_sid, label, account_sid, began_at)"
              + numbers + sid + ", 'refund', ?, i FROM n",
          count,
          account.text());
    });
  }

  private int count(Sight sight, InboxList list) {
    return store.count(account, sight, list, 9);
  }

  private Sid.Address deskOf(Sid.Conversation conversation) {
    return overview(conversation).conversation().address();
  }

  /** A page is read for several conversations at once. */
  @Test
  void a_long_page_shows_of_each_conversation_its_own_details() {
    int count = 50;
    List<Sid.Conversation> asked = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Sid.Conversation one = asks(i);
      asked.add(one);
      for (int said = 0; said < i % 4; said++) {
        says(one, GUEST, ParticipantKind.GUEST, count + i);
      }
      if (i % 3 == 0) {
        label(one, "refund");
        label(one, "label " + i);
      }
    }
    List<Conversations.Overview> page = store
        .inbox(
            account,
            Sight.ALL,
            new InboxList.InState(Conversation.State.ACTIVE),
            Optional.empty(),
            count)
        .items();
    assertThat(page).hasSize(count);
    for (Conversations.Overview overview : page) {
      Sid.Conversation sid = overview.conversation().sid();
      int i = asked.indexOf(sid);
      assertThat(overview.unread()).isEqualTo(1 + i % 4);
      assertThat(overview.guest().orElseThrow().conversation()).isEqualTo(sid);
      assertThat(overview.guest().orElseThrow().identity()).isEqualTo(GUEST);
      Message last = overview.lastMessage().orElseThrow();
      assertThat(last.conversation()).isEqualTo(sid);
      assertThat(last.index()).isEqualTo(new MessageIndex(1 + i % 4));
      assertThat(overview.teamwork().labels())
          .isEqualTo(i % 3 == 0 ? List.of("label " + i, "refund") : List.of());
    }
  }

  @Test
  void labels_are_kept_once_listed_and_removed_with_their_conversation() {
    Sid.Conversation older = asks(10);
    Sid.Conversation newer = asks(20);
    Revision before = overview(older).conversation().revision();
    assertThat(label(older, "refund")).isEqualTo(new LabelOutcome.Done());
    assertThat(overview(older).conversation().revision().isAfter(before)).isTrue();
    Revision after = overview(older).conversation().revision();
    assertThat(label(older, "refund")).isEqualTo(new LabelOutcome.Done());
    assertThat(overview(older).conversation().revision()).isEqualTo(after);
    label(older, "VIP");
    label(newer, "refund");
    assertThat(overview(older).teamwork().labels()).containsExactlyInAnyOrder("VIP", "refund");
    assertThat(team.labels(account)).containsExactlyInAnyOrder("VIP", "refund");
    assertThat(sids(new InboxList.Labelled("refund"))).containsExactly(newer, older);
    becomes(newer, Conversation.State.CLOSED, 30);
    assertThat(sids(new InboxList.Labelled("refund"))).containsExactly(newer, older);
    assertThat(team.unlabel(account, newer, ANN, "refund", NOW)).isEqualTo(new LabelOutcome.Done());
    assertThat(sids(new InboxList.Labelled("refund"))).containsExactly(older);
    store.erase(account, older, NOW);
    assertThat(sids(new InboxList.Labelled("refund"))).isEmpty();
    assertThat(team.labels(account)).isEmpty();
  }

  @Test
  void another_account_finds_no_label_and_can_give_none() {
    Sid.Conversation one = asks(10);
    label(one, "refund");
    Sid.Account other = Sid.Account.random(random);
    assertThat(team.labels(other)).isEmpty();
    assertThat(store
            .inbox(other, Sight.ALL, new InboxList.Labelled("refund"), Optional.empty(), 9)
            .items())
        .isEmpty();
    assertThat(team.label(other, one, ANN, "x", NOW)).isEqualTo(new LabelOutcome.NotFound());
    assertThat(team.unlabel(other, one, ANN, "refund", NOW)).isEqualTo(new LabelOutcome.NotFound());
    assertThat(overview(one).teamwork().labels()).containsExactly("refund");
  }

  @Test
  void the_history_says_who_worked_on_a_conversation_and_who_closed_it() {
    Sid.Conversation one = asks(10); // in which the first agent is
    assign(ANN, one, null, ANN);
    assign(ANN, one, ANN, BEN);
    assign(BEN, one, BEN, null);
    assign(ANN, one, BEN, ANN); // too late
    assertThat(store.update(
            account, one, Conversations.Update.CLOSE.by(BEN), Optional.empty(), at(20)))
        .isInstanceOf(UpdateOutcome.Updated.class);
    store.update(account, one, Conversations.Update.CLOSE, Optional.empty(), at(21)); // it is
    store.reopen(account, one, GUEST, Optional.of(at(0)), at(30));
    store.close(account, one, GUEST, at(40));
    becomes(one, Conversation.State.ACTIVE, 50);
    store.update(account, one, Conversations.Update.of(JsonText.EMPTY), Optional.empty(), at(60));
    List<TeamEvent> all = team.history(account, one, Revision.NONE).items();
    assertThat(history(one, Revision.NONE))
        .containsExactly(
            "joined about agent_ann",
            "assigned by agent_ann about agent_ann",
            "assigned by agent_ann about agent_ben",
            "left about agent_ann",
            "assigned by agent_ben",
            "closed by agent_ben",
            "reopened by guest_1",
            "closed by guest_1",
            "reopened");
    assertThat(all.get(5).at()).isEqualTo(at(20));
    assertThat(team.history(account, one, all.get(7).revision()).items())
        .containsExactly(all.get(8));
    assertThat(team.history(Sid.Account.random(random), one, Revision.NONE).items())
        .isEmpty();
    store.erase(account, one, NOW);
    assertThat(rows("SELECT count(*) FROM conversation_event")).containsExactly("0");
  }

  @Test
  void the_history_has_each_change_of_a_label_once_with_the_agent_who_made_it() {
    Sid.Conversation one = asks(10);
    label(one, "agent_ben"); // a label that reads like an agent
    label(one, "agent_ben"); // it has it already
    label(one, "<b>VIP & co");
    assertThat(team.unlabel(account, one, BEN, "agent_ben", at(20)))
        .isEqualTo(new LabelOutcome.Done());
    team.unlabel(account, one, BEN, "agent_ben", at(30)); // it does not have it
    team.unlabel(account, one, ANN, "<b>VIP & co", at(40));
    assertThat(history(one, Revision.NONE))
        .containsExactly(
            "joined about agent_ann",
            "labelled by agent_ann with agent_ben",
            "labelled by agent_ann with <b>VIP & co",
            "unlabelled by agent_ben with agent_ben",
            "unlabelled by agent_ann with <b>VIP & co");
    assertThat(team.history(account, one, Revision.NONE).items().get(3).at()).isEqualTo(at(20));
  }

  /** It does not know the table of the history. */
  @Test
  void a_process_of_the_version_before_that_erases_a_conversation_leaves_no_history() {
    Sid.Conversation one = asks(10);
    assign(one, null, ANN);
    Sid.Conversation other = asks(20);
    var _ = database.write(sql -> {
      sql.update("DELETE FROM message WHERE conversation_sid = ?", one.text());
      sql.update("DELETE FROM participant WHERE conversation_sid = ?", one.text());
      return sql.update("DELETE FROM conversation WHERE sid = ?", one.text());
    });
    assertThat(rows("SELECT conversation_sid FROM conversation_event"))
        .containsExactly(other.text());
  }

  @Test
  void only_the_agent_who_works_on_a_conversation_reads_it_for_the_team() {
    Sid.Conversation one = asks(10);
    assign(ANN, one, null, ANN);
    assertThat(reads(one, BEN)).as("there is one").isTrue();
    assertThat(overview(one).unread()).isEqualTo(1);
    assertThat(reads(one, ANN)).isTrue();
    assertThat(overview(one).unread()).isZero();
    says(one, GUEST, ParticipantKind.GUEST, 20);
    assign(ANN, one, ANN, null);
    assertThat(overview(one).unread()).isEqualTo(1);
    reads(one, BEN);
    assertThat(overview(one).unread()).as("nobody works on it").isZero();
  }

  private boolean reads(Sid.Conversation conversation, Identity agent) {
    return store.readByInbox(account, conversation, agent, new MessageIndex(9), NOW);
  }

  @Test
  void a_history_is_read_page_by_page_and_keeps_the_latest_that_a_team_reads() {
    Sid.Conversation one = asks(10);
    wasClosed(one, Limits.EVENTS_OF_A_CONVERSATION - 1, "'agent_' || (n % 10)");
    assertThat(history(one, Revision.NONE)).contains("joined about agent_ann");
    assign(ANN, one, null, BEN);
    assertThat(history(one, Revision.NONE))
        .hasSize(Limits.EVENTS_OF_A_CONVERSATION)
        .doesNotContain("joined about agent_ann")
        .endsWith("assigned by agent_ann about agent_ben");
    assertThat(team.history(account, one, Revision.NONE).items()).hasSize(Limits.EVENTS_READ);
  }

  @Test
  void a_guest_who_ends_a_chat_over_and_over_replaces_only_their_own_part_of_its_history() {
    Sid.Conversation one = asks(10);
    wasClosed(one, Limits.EVENTS_OF_ONE, "'guest_1'");
    store.close(account, one, GUEST, at(20));
    store.reopen(account, one, GUEST, Optional.of(at(0)), at(30));
    assertThat(history(one, Revision.NONE))
        .hasSize(1 + Limits.EVENTS_OF_ONE)
        .startsWith("joined about agent_ann")
        .endsWith("closed by guest_1", "reopened by guest_1");
    assertThat(rows("SELECT min(revision) FROM conversation_event WHERE done_by <> ''"))
        .containsExactly("1003");
  }

  @Test
  void labels_given_over_and_over_replace_no_other_entry_of_their_agent_and_none_replaces_them() {
    Sid.Conversation one = asks(10);
    assign(ANN, one, null, BEN);
    for (int i = 0; i <= Limits.EVENTS_OF_ONE / 2; i++) {
      label(one, "label " + i);
      team.unlabel(account, one, ANN, "label " + i, at(20));
    }
    assertThat(history(one, Revision.NONE))
        .hasSize(2 + Limits.EVENTS_OF_ONE)
        .startsWith(
            "joined about agent_ann",
            "assigned by agent_ann about agent_ben",
            "labelled by agent_ann with label 1");
    wasClosed(one, Limits.EVENTS_OF_ONE, "'agent_ann'");
    assign(ANN, one, BEN, ANN);
    assertThat(history(one, Revision.NONE))
        .hasSize(1 + 2 * Limits.EVENTS_OF_ONE)
        .startsWith("joined about agent_ann", "labelled by agent_ann with label 1")
        .endsWith("assigned by agent_ann about agent_ann");
  }

  /** As if it had been closed so many times, by the revisions from 1,001 on. */
  private void wasClosed(Sid.Conversation conversation, int times, String by) {
    int first = 1_001;
    var _ = database.write(sql -> {
      sql.update(
          "UPDATE conversation SET revision = ? WHERE sid = ?", first + times, conversation.text());
      return sql.update("""
          INSERT INTO conversation_event (conversation_sid, revision, kind, done_by, about, created_at)
          WITH RECURSIVE number (n) AS (SELECT %d UNION ALL SELECT n + 1 FROM number WHERE n < %d)
          SELECT '%s', n, 'closed', %s, '', 0 FROM number
          """.formatted(first, first + times - 1, conversation.text(), by));
    });
  }

  @Test
  void an_agent_leaves_the_conversations_that_they_are_in_and_no_guest_does() {
    Sid.Conversation one = asks(10);
    Sid.Conversation other = asks(20);
    joins(other, BEN);
    assertThat(team.joinedBy(account, ANN, 9)).containsExactlyInAnyOrder(one, other);
    assertThat(team.joinedBy(account, ANN, 1)).hasSize(1);
    assertThat(team.joinedBy(account, GUEST, 9)).isEmpty();
    assertThat(team.joinedBy(Sid.Account.random(random), ANN, 9)).isEmpty();
    assertThat(team.leave(account, one, ANN, NOW)).isTrue();
    assertThat(team.leave(account, one, ANN, NOW)).isFalse();
    assertThat(team.leave(account, one, GUEST, NOW)).isFalse();
    assertThat(team.joinedBy(account, ANN, 9)).containsExactly(other);
    assertThat(store.participant(account, one, ANN).orElseThrow().joined()).isFalse();
    assertThat(store.participant(account, other, BEN).orElseThrow().joined()).isTrue();
  }

  @Test
  void a_removed_agent_stays_in_closed_conversations_which_stay_as_old_as_they_are() {
    Sid.Conversation active = asks(10);
    Sid.Conversation closed = asks(20);
    becomes(closed, Conversation.State.CLOSED, 30);
    String updated =
        "SELECT updated_at FROM conversation WHERE sid = '%s'".formatted(closed.text());
    List<String> before = rows(updated);
    for (Sid.Conversation one : team.joinedBy(account, ANN, 9)) {
      team.leave(account, one, ANN, at(40));
    }
    assertThat(rows(updated)).isEqualTo(before);
    assertThat(store.participant(account, active, ANN).orElseThrow().joined()).isFalse();
    assertThat(team.joinedBy(account, ANN, 9)).isEmpty();
    becomes(closed, Conversation.State.ACTIVE, 50);
    assertThat(team.joinedBy(account, ANN, 9)).containsExactly(closed);
  }

  private void joins(Sid.Conversation conversation, Identity agent) {
    store.join(
        account,
        conversation,
        Sid.Participant.next(Instant.EPOCH, random),
        new Conversations.NewParticipant(
            agent, ParticipantKind.AGENT, Optional.of("name"), Optional.empty()),
        NOW);
  }

  /** The whole history, without its times. */
  private List<String> history(Sid.Conversation conversation, Revision from) {
    List<String> events = new ArrayList<>();
    Page<TeamEvent> page;
    Revision after = from;
    do {
      page = team.history(account, conversation, after);
      for (TeamEvent event : page.items()) {
        events.add(event.kind().word()
            + event.by().map(by -> " by " + by.text()).orElse("")
            + event.about().map(about -> " about " + about.text()).orElse("")
            + event.label().map(label -> " with " + label).orElse(""));
        after = event.revision();
      }
    } while (page.more());
    return events;
  }

  @Test
  void a_note_is_added_once_read_by_revision_and_removed_by_its_author() {
    Sid.Conversation one = asks(10);
    Note first = added(writes(one, ANN, "first", "a"));
    assertThat(overview(one).conversation().revision()).isEqualTo(first.addedRevision());
    assertThat(added(writes(one, ANN, "first", "a"))).isEqualTo(first);
    Note second = added(writes(one, BEN, "second", "a"));
    assertThat(notes(one, Revision.NONE)).containsExactly(first, second);
    assertThat(notes(one, first.revision())).containsExactly(second);
    assertThat(team.removeNote(account, one, first.addedRevision(), BEN, NOW)).isFalse();
    assertThat(team.removeNote(account, one, first.addedRevision(), ANN, NOW)).isTrue();
    assertThat(team.removeNote(account, one, first.addedRevision(), ANN, NOW)).isFalse();
    List<Note> changed = notes(one, second.revision());
    assertThat(changed).hasSize(1);
    assertThat(changed.getFirst().addedRevision()).isEqualTo(first.addedRevision());
    assertThat(changed.getFirst().removed()).isTrue();
    assertThat(changed.getFirst().body()).isEmpty();
    store.erase(account, one, NOW);
    assertThat(rows("SELECT count(*) FROM note")).containsExactly("0");
  }

  @Test
  void notes_are_in_no_page_of_messages_and_no_change_and_of_no_other_account() {
    Sid.Conversation one = asks(10);
    Revision before = overview(one).conversation().revision();
    writes(one, ANN, "secret", "a");
    assertThat(
            store.changes(account, one, before, 10, Amount.PAGE).orElseThrow().changes())
        .isEmpty();
    assertThat(store
            .messages(account, one, PageOfMessages.newest(10))
            .orElseThrow()
            .items())
        .noneMatch(message -> message.toString().contains("secret"));
    assertThat(overview(one).lastMessage().orElseThrow().toString()).doesNotContain("secret");
    Sid.Account other = Sid.Account.random(random);
    assertThat(team.notes(other, one, Revision.NONE).items()).isEmpty();
    TeamConversations.NewNote note = new TeamConversations.NewNote(BEN, "Ben", "x", "b");
    assertThat(team.addNote(other, one, note, NOW)).isEqualTo(new NoteOutcome.NotFound());
    assertThat(team.removeNote(other, one, before, ANN, NOW)).isFalse();
  }

  @Test
  void a_conversation_has_a_bounded_number_of_notes_which_are_read_in_parts() {
    Sid.Conversation one = asks(10);
    for (int i = 0; i < Limits.NOTES_OF_A_CONVERSATION; i++) {
      added(writes(one, ANN, "note", "a" + i));
    }
    Revision before = overview(one).conversation().revision();
    assertThat(writes(one, ANN, "one more", "b")).isEqualTo(new NoteOutcome.Full());
    assertThat(overview(one).conversation().revision()).isEqualTo(before);
    Page<Note> part = team.notes(account, one, Revision.NONE);
    assertThat(part.items()).hasSize(Limits.NOTES_READ);
    assertThat(part.more()).isTrue();
    assertThat(notes(one, Revision.NONE)).hasSize(Limits.NOTES_OF_A_CONVERSATION);
  }

  private NoteOutcome writes(
      Sid.Conversation conversation, Identity author, String body, String clientId) {
    return team.addNote(
        account,
        conversation,
        new TeamConversations.NewNote(author, author.text(), body, clientId),
        NOW);
  }

  private static Note added(NoteOutcome outcome) {
    return ((NoteOutcome.Added) outcome).note();
  }

  /** All notes after a revision. */
  private List<Note> notes(Sid.Conversation conversation, Revision after) {
    List<Note> notes = new ArrayList<>();
    Revision read = after;
    for (boolean more = true; more; ) {
      Page<Note> page = team.notes(account, conversation, read);
      notes.addAll(page.items());
      more = page.more();
      read = notes.isEmpty() ? read : notes.getLast().revision();
    }
    return notes;
  }

  private List<String> rows(String query) {
    return database.read(sql -> sql.list(query, row -> row.getString(1)));
  }

  @Test
  void a_conversation_has_a_bounded_number_of_labels() {
    Sid.Conversation one = asks(10);
    for (int i = 0; i < Limits.LABELS_OF_A_CONVERSATION; i++) {
      assertThat(label(one, "label " + i)).isEqualTo(new LabelOutcome.Done());
    }
    assertThat(label(one, "one more")).isEqualTo(new LabelOutcome.Full());
    assertThat(label(one, "label 0")).isEqualTo(new LabelOutcome.Done());
    team.unlabel(account, one, ANN, "label 1", NOW);
    assertThat(label(one, "one more")).isEqualTo(new LabelOutcome.Done());
  }

  private LabelOutcome label(Sid.Conversation conversation, String label) {
    return team.label(account, conversation, ANN, label, NOW);
  }

  /** All conversations of a list, read by pages of one. */
  private List<Sid.Conversation> sids(InboxList list) {
    return sids(Sight.ALL, list);
  }

  private List<Sid.Conversation> sids(Sight sight, InboxList list) {
    List<Sid.Conversation> sids = new ArrayList<>();
    Optional<Conversations.Place> after = Optional.empty();
    for (boolean more = true; more; ) {
      InboxPage page = store.inbox(account, sight, list, after, 1);
      page.items().forEach(one -> sids.add(one.conversation().sid()));
      after = page.next();
      more = after.isPresent();
    }
    return sids;
  }

  private AssignOutcome assign(
      Sid.Conversation conversation, @Nullable Identity from, @Nullable Identity to) {
    return assign(ANN, conversation, from, to);
  }

  private AssignOutcome assign(
      Identity by, Sid.Conversation conversation, @Nullable Identity from, @Nullable Identity to) {
    return team.assign(
        account, conversation, by, Optional.ofNullable(from), Optional.ofNullable(to), NOW);
  }

  private Conversations.Overview overview(Sid.Conversation conversation) {
    return store.overview(account, conversation).orElseThrow();
  }

  private Optional<Instant> waitsSince(Sid.Conversation conversation) {
    return overview(conversation).teamwork().waitingSince();
  }

  /** A new conversation, whose guest has asked at once. */
  private Sid.Conversation asks(int second) {
    Sid.Conversation conversation = Sid.Conversation.random(random);
    store.create(
        new Conversations.NewConversation(
            conversation,
            account,
            Sid.Address.random(random),
            Sid.Deployment.random(random),
            GUEST,
            "Ada",
            JsonText.EMPTY,
            Optional.of(new Conversations.FirstMessage("Is it open?", Optional.empty())),
            Optional.of(new Conversations.Greeting("Front desk", "Welcome"))),
        Sid.Participant.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        at(second));
    store.join(
        account,
        conversation,
        Sid.Participant.next(Instant.EPOCH, random),
        new Conversations.NewParticipant(
            ANN, ParticipantKind.AGENT, Optional.of("Ann"), Optional.empty()),
        at(second));
    return conversation;
  }

  private void says(
      Sid.Conversation conversation, Identity author, ParticipantKind kind, int second) {
    Sent sent = store.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        new Conversations.NewMessage(
            conversation,
            new Message.Author(author, kind, "name"),
            Message.Content.of("text"),
            Optional.empty()),
        at(second));
    assertThat(sent).isInstanceOf(Sent.Added.class);
  }

  private void becomes(Sid.Conversation conversation, Conversation.State state, int second) {
    store.update(
        account,
        conversation,
        Conversations.Update.of(Optional.empty(), Optional.of(state), Duration.ZERO),
        Optional.of(Instant.EPOCH),
        at(second));
  }

  private static Instant at(int second) {
    return NOW.plusSeconds(second);
  }
}
