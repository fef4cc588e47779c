package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.SqlAccounts;
import parlour.inbox.AgentPushes.Candidate;
import parlour.inbox.AgentPushes.GuestMessage;
import parlour.inbox.AgentPushes.Outcome;
import parlour.inbox.AgentPushes.Owner;
import parlour.push.PushSubscription;
import parlour.push.WaitingPushes.Claim;
import parlour.spec.AtOnce;
import parlour.spec.PushBrowser;
import parlour.store.Database;

/** The contract of the store of agents' push subscriptions. */
abstract class AgentPushesContract {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final Instant DUE = LATER.plus(Limits.PUSH_DELAY);
  private static final String SERVICE = "push.example";
  private static final byte[] PASSWORD = {1};
  private static final SecureRandom random = new SecureRandom();
  private static final PushBrowser browser = new PushBrowser();

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Account otherAccount = Sid.Account.random(random);
  private final Sid.Address sales = Sid.Address.random(random);
  private final Identity ann = Agents.Agent.nextIdentity(random);
  private final Identity bob = Agents.Agent.nextIdentity(random);
  private final Sid.Conversation chat = Sid.Conversation.random(random);
  private Database database;
  private Agents agents;
  private DeskMembers members;
  private AgentPushes pushes;

  /** Opens the same database each time, even if it is open already. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    SqlAccounts accounts = new SqlAccounts(database);
    for (Sid.Account one : List.of(account, otherAccount)) {
      accounts.create(
          new Accounts.Account(one, "Shop", NOW),
          new byte[32],
          new AccountKey(new byte[AccountKey.BYTES]));
    }
    accounts.create(new Accounts.Address(sales, account, "Sales", NOW));
    agents = new SqlAgents(database);
    members = new SqlDeskMembers(database);
    pushes = new SqlAgentPushes(database);
    create("ann", account, ann, Agents.Role.AGENT);
    create("bob", account, bob, Agents.Role.AGENT);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  private void create(String name, Sid.Account whose, Identity identity, Agents.Role role) {
    agents.create(new Agents.Agent(name, whose, identity, name, role, NOW), PASSWORD);
  }

  /** Signs a browser in. */
  private String signedIn(String agent, String digest) {
    assertThat(agents.signIn(digest, agent, PASSWORD, Optional.empty(), "Firefox", NOW))
        .isTrue();
    return digest;
  }

  private String subscribed(String agent, String digest) {
    assertThat(subscribe(signedIn(agent, digest), digest)).isEqualTo(Outcome.SUBSCRIBED);
    return digest;
  }

  private Outcome subscribe(String digest, String path) {
    return pushes.subscribe(
        digest,
        new PushSubscription(
            "https://push.example/" + path, browser.p256dh(), browser.auth(), "Inbox", "{desk}"),
        SERVICE,
        NOW);
  }

  private void wrote(long mark, Optional<Identity> assignee) {
    wrote(pushes, mark, assignee);
  }

  private void wrote(AgentPushes where, long mark, Optional<Identity> assignee) {
    where.record(
        account,
        LATER,
        List.of(new GuestMessage(chat, sales, assignee, mark, LATER)),
        List.of(),
        LATER);
  }

  private List<Claim<Owner>> claim(Instant now) {
    return pushes.claim(SERVICE, "lease", now, now.plus(Limits.PUSH_LEASE), 16);
  }

  private List<String> claimed(Instant now) {
    return claim(now).stream().map(one -> one.owner().digest()).sorted().toList();
  }

  @Test
  void a_message_asks_for_a_push_to_each_browser_after_a_pause_and_once() {
    var _ = subscribed("ann", "d1");
    var _ = subscribed("ann", "d2");
    wrote(0, Optional.empty());
    assertThat(pushes.waiting()).isEqualTo(2);
    assertThat(claimed(LATER)).isEmpty();
    assertThat(pushes.due(DUE)).containsExactly(SERVICE);
    assertThat(claimed(DUE)).containsExactly("d1", "d2");
    assertThat(claimed(DUE)).isEmpty();
  }

  @Test
  void two_processes_record_a_message_once() {
    var _ = subscribed("ann", "d1");
    try (Database other = open()) {
      AgentPushes theOther = new SqlAgentPushes(other);
      var _ = AtOnce.run(2, i -> {
        wrote(i == 0 ? pushes : theOther, 0, Optional.empty());
        return i;
      });
      assertThat(claim(DUE)).singleElement().extracting(Claim::wanted).isEqualTo(1L);
      wrote(theOther, 1, Optional.empty());
      wrote(1, Optional.empty());
    }
    assertThat(claim(DUE.plus(Limits.PUSH_LEASE)))
        .singleElement()
        .extracting(Claim::wanted)
        .isEqualTo(2L);
  }

  @Test
  void only_agents_who_see_the_desk_are_asked() {
    create("adm", account, Agents.Agent.nextIdentity(random), Agents.Role.ADMIN);
    create("eve", otherAccount, Agents.Agent.nextIdentity(random), Agents.Role.ADMIN);
    for (String name : List.of("ann", "bob", "adm", "eve")) {
      var _ = subscribed(name, "d-" + name);
    }
    assertThat(members.add(sales, "bob")).isEmpty();
    wrote(0, Optional.empty());
    assertThat(claimed(DUE)).containsExactly("d-adm", "d-bob");
    assertThat(pushes.candidates(bob, NOW, Optional.empty(), 9))
        .containsExactly(new Candidate(chat, "Sales", LATER));
    assertThat(pushes.candidates(ann, NOW, Optional.empty(), 9)).isEmpty();
    assertThat(members.remove(sales, "bob")).isTrue();
    assertThat(members.add(sales, "ann")).isEmpty();
    assertThat(pushes.candidates(bob, NOW, Optional.empty(), 9))
        .as("who left the desk")
        .isEmpty();
  }

  @Test
  void pages_of_messages_have_each_once_the_newest_first() {
    List<GuestMessage> messages = Stream.generate(() -> Sid.Conversation.random(random))
        .limit(5)
        .map(sid -> new GuestMessage(sid, sales, Optional.empty(), 0, LATER))
        .toList();
    pushes.record(account, LATER, messages.subList(0, 4), List.of(), LATER);
    pushes.record(account, LATER, messages.subList(4, 5), List.of(), LATER.plusMillis(1));
    List<Candidate> all = new ArrayList<>(pushes.candidates(ann, NOW, Optional.empty(), 2));
    all.addAll(pushes.candidates(ann, NOW, Optional.of(all.getLast()), 2));
    all.addAll(pushes.candidates(ann, NOW, Optional.of(all.getLast()), 2));
    assertThat(pushes.candidates(ann, NOW, Optional.of(all.getLast()), 2)).isEmpty();
    assertThat(all)
        .extracting(Candidate::conversation)
        .startsWith(messages.getLast().conversation())
        .containsExactlyInAnyOrderElementsOf(
            messages.stream().map(GuestMessage::conversation).toList());
  }

  @Test
  void a_message_in_a_conversation_of_an_agent_is_for_this_agent() {
    var _ = subscribed("ann", "d1");
    var _ = subscribed("bob", "d2");
    wrote(0, Optional.of(bob));
    assertThat(claimed(DUE)).containsExactly("d2");
    assertThat(pushes.candidates(ann, NOW, Optional.empty(), 9)).isEmpty();
    assertThat(pushes.candidates(bob, NOW, Optional.empty(), 9)).hasSize(1);
  }

  @Test
  void a_message_from_before_the_subscription_asks_for_no_push() {
    var _ = subscribed("ann", "d1");
    GuestMessage old = new GuestMessage(chat, sales, Optional.empty(), 0, NOW.minusSeconds(1));
    pushes.record(account, LATER, List.of(old), List.of(), LATER);
    assertThat(pushes.waiting()).isZero();
  }

  @Test
  void the_end_of_a_sign_in_deletes_the_subscription() {
    List<Runnable> ends = List.of(
        () -> agents.signOut("d1"),
        () -> assertThat(agents.end("d2", "d1")).isTrue(),
        () -> assertThat(agents.endOthers("d2")).isEqualTo(1),
        () -> assertThat(agents.endAll(account, "ann")).isEqualTo(2),
        () -> assertThat(agents.reset("ann", PASSWORD)).isTrue(),
        () -> assertThat(agents.replacePassword("d2", PASSWORD, PASSWORD)).isTrue(),
        () -> assertThat(agents.sweep(LATER)).isEqualTo(2),
        () -> assertThat(agents.remove("ann")).isTrue());
    for (int i = 0; i < ends.size(); i++) {
      var _ = subscribed("ann", "d1");
      var _ = signedIn("ann", "d2");
      ends.get(i).run();
      assertThat(pushes.isSubscribed("d1")).as("%s", i).isFalse();
      assertThat(pushes.accounts()).isEmpty();
      agents.signOut("d2");
    }
    assertThat(subscribe("d1", "x")).isEqualTo(Outcome.SIGNED_OUT);
  }

  @Test
  void an_endpoint_belongs_to_the_newest_sign_in_of_its_account_and_other_accounts_keep_it() {
    create("eve", otherAccount, Agents.Agent.nextIdentity(random), Agents.Role.ADMIN);
    for (String name : List.of("eve", "ann", "bob")) {
      assertThat(subscribe(signedIn(name, "d-" + name), "same")).isEqualTo(Outcome.SUBSCRIBED);
    }
    assertThat(pushes.isSubscribed("d-eve")).isTrue();
    assertThat(pushes.isSubscribed("d-ann")).isFalse();
    assertThat(pushes.isSubscribed("d-bob")).isTrue();
  }

  @Test
  void an_agent_has_a_bounded_number_of_browsers_with_pushes() {
    for (int i = 0; i < Limits.AGENT_PUSH_BROWSERS; i++) {
      var _ = subscribed("ann", "d" + i);
    }
    assertThat(subscribe(signedIn("ann", "more"), "more")).isEqualTo(Outcome.TOO_MANY);
    assertThat(subscribe("d0", "again")).isEqualTo(Outcome.SUBSCRIBED);
    assertThat(subscribe(signedIn("bob", "b"), "b")).isEqualTo(Outcome.SUBSCRIBED);
    pushes.unsubscribe("d0");
    assertThat(subscribe("more", "more")).isEqualTo(Outcome.SUBSCRIBED);
  }

  @Test
  void a_push_that_is_done_covers_the_messages_until_its_claim_and_later_ones_ask_again() {
    var _ = subscribed("ann", "d1");
    wrote(0, Optional.empty());
    Claim<Owner> first = claim(DUE).getFirst();
    assertThat(first.owner()).isEqualTo(new Owner("d1", NOW, DUE));
    wrote(1, Optional.empty());
    pushes.done(first, SERVICE, DUE.plus(Limits.PUSH_PAUSE));
    assertThat(claim(DUE)).isEmpty();
    Claim<Owner> second = claim(DUE.plus(Limits.PUSH_PAUSE)).getFirst();
    assertThat(second.owner().decidedUntil()).isEqualTo(DUE);
    pushes.done(second, SERVICE, DUE);
    assertThat(pushes.waiting()).isZero();
  }

  @Test
  void records_are_deleted_with_the_conversation_and_by_their_age() {
    var _ = subscribed("ann", "d1");
    wrote(0, Optional.empty());
    assertThat(pushes.recordedUntil(account)).contains(LATER);
    pushes.record(account, NOW, List.of(), List.of(chat), LATER);
    assertThat(pushes.recordedUntil(account)).contains(LATER);
    assertThat(pushes.candidates(ann, NOW, Optional.empty(), 9)).isEmpty();
    wrote(0, Optional.empty());
    assertThat(pushes.sweep(LATER, 9)).isZero();
    assertThat(pushes.sweep(LATER.plusMillis(1), 9)).isEqualTo(1);
    assertThat(pushes.candidates(ann, NOW, Optional.empty(), 9)).isEmpty();
  }

  @Test
  void the_instant_of_the_last_open_inbox_is_that_of_the_browser() {
    var _ = signedIn("ann", "d1");
    var _ = signedIn("ann", "d2");
    agents.recordOpen("d1", LATER);
    assertThat(pushes.lastOpen("d1")).contains(LATER);
    assertThat(pushes.lastOpen("d2")).isEmpty();
    assertThat(pushes.lastOpen("unknown")).isEmpty();
  }
}
