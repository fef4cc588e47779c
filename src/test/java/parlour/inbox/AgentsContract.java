package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.GeneratedSecrets;
import parlour.accounts.SqlAccounts;
import parlour.store.Database;

/** The contract of every store of agents, whatever database is under it. */
abstract class AgentsContract {
  private static final SecureRandom random = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = NOW.plus(Limits.INBOX_UNKNOWN_TTL);
  private static final Instant LONG_AGO = Instant.EPOCH;
  private static final byte[] DIGEST = GeneratedSecrets.digest("one");
  private static final byte[] OTHER_DIGEST = GeneratedSecrets.digest("two");

  private static final Sid.Address DESK = Sid.Address.random(random);

  private final Sid.Account account = Sid.Account.random(random);
  private final Agents.Agent ann = agent("ann", account);
  private Database database;
  private Agents agents;

  /** Opens the same database each time, also while it is open. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    agents = new SqlAgents(database);
    new SqlAccounts(database)
        .create(
            new Accounts.Account(account, "Shop", NOW),
            new byte[32],
            new AccountKey(new byte[AccountKey.BYTES]));
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void an_agent_is_found_as_it_was_created() {
    assertThat(agents.create(ann, DIGEST)).isTrue();
    assertThat(agents.find("ann")).contains(ann);
    assertThat(agents.passwordDigest("ann")).contains(DIGEST);
    assertThat(agents.agents()).containsExactly(ann);
  }

  @Test
  void a_name_belongs_to_one_agent() {
    agents.create(ann, DIGEST);
    assertThat(agents.create(ann, OTHER_DIGEST)).isFalse();
    assertThat(agents.passwordDigest("ann")).contains(DIGEST);
  }

  @Test
  void no_agent_is_created_for_an_unknown_account() {
    assertThat(agents.create(agent("bob", Sid.Account.random(random)), DIGEST)).isFalse();
    assertThat(agents.find("bob")).isEmpty();
  }

  @Test
  void a_browser_is_signed_in_until_it_signs_out() {
    agents.create(ann, DIGEST);
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(agent("d1", LONG_AGO, LONG_AGO)).contains(ann);
    assertThat(agent("d2", LONG_AGO, LONG_AGO)).isEmpty();
    agents.signOut("d1");
    assertThat(agent("d1", LONG_AGO, LONG_AGO)).isEmpty();
  }

  @Test
  void an_open_inbox_is_of_an_agent_who_can_answer_and_is_still_signed_in() {
    assertThat(agents.lastOpen(account, DESK, LATER)).isEmpty();
    Agents.Agent auditor = new Agents.Agent(
        "zoe", account, Agents.Agent.nextIdentity(random), "Zoe", Agents.Role.AUDITOR, NOW);
    agents.create(auditor, DIGEST);
    agents.signIn("d0", "zoe", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.recordOpen("d0", NOW);
    assertThat(agents.lastOpen(account, DESK, LATER)).as("an auditor").isEmpty();
    agents.create(ann, DIGEST);
    assertThat(agents.lastOpen(account, DESK, LATER)).contains(Instant.EPOCH);
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.signIn("d2", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(agents.lastOpen(account, DESK, LATER)).contains(Instant.EPOCH);
    agents.recordOpen("d1", NOW);
    agents.recordOpen("d2", NOW.plusSeconds(30));
    assertThat(agents.lastOpen(account, DESK, LATER)).contains(NOW.plusSeconds(30));
    agents.signOut("d2");
    assertThat(agents.lastOpen(account, DESK, LATER)).contains(NOW);
    assertThat(agents.lastOpen(Sid.Account.random(random), DESK, LATER)).isEmpty();
  }

  @Test
  void a_desk_with_members_is_attended_by_these_and_by_admins() {
    new SqlAccounts(database).create(new Accounts.Address(DESK, account, "Desk", NOW));
    agents.create(ann, DIGEST);
    Agents.Agent ben = new Agents.Agent(
        "ben", account, Agents.Agent.nextIdentity(random), "Ben", Agents.Role.AGENT, NOW);
    agents.create(ben, DIGEST);
    agents.update("ann", Optional.empty(), Optional.of(Agents.Role.AGENT));
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.recordOpen("d1", NOW);
    new SqlDeskMembers(database).add(DESK, "ben");
    assertThat(agents.lastOpen(account, DESK, LATER)).as("only ben").contains(Instant.EPOCH);
    assertThat(agents.lastOpen(account, Sid.Address.random(random), LATER)).contains(NOW);
    agents.update("ann", Optional.empty(), Optional.of(Agents.Role.ADMIN));
    assertThat(agents.lastOpen(account, DESK, LATER)).as("an admin").contains(NOW);
    agents.update("ann", Optional.empty(), Optional.of(Agents.Role.AGENT));
    new SqlDeskMembers(database).add(DESK, "ann");
    assertThat(agents.lastOpen(account, DESK, LATER)).as("a member").contains(NOW);
  }

  @Test
  void an_inbox_that_no_node_has_recorded_counts_as_open_for_some_minutes_of_a_live_session() {
    agents.create(ann, DIGEST);
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    Instant last = LATER.minusMillis(1);
    assertThat(agents.lastOpen(account, DESK, last)).contains(last);
    assertThat(agents.lastOpen(account, DESK, LATER)).contains(Instant.EPOCH);
    Instant ends = NOW.plus(Limits.AGENT_SESSION);
    agents.recordUse("d1", ends);
    assertThat(agents.lastOpen(account, DESK, ends))
        .as("signed out by age")
        .contains(Instant.EPOCH);
    agents.recordUse("d1", NOW);
    agents.recordOpen("d1", NOW);
    assertThat(agents.lastOpen(account, DESK, last)).as("recorded").contains(NOW);
    agents.signIn("d2", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(agents.lastOpen(account, DESK, last)).contains(last);
    agents.signOut("d2");
    assertThat(agents.lastOpen(account, DESK, last)).contains(NOW);
  }

  @Test
  void a_replaced_password_and_that_of_a_removed_agent_are_refused() {
    agents.create(ann, DIGEST);
    agents.reset("ann", OTHER_DIGEST);
    assertThat(agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW))
        .isFalse();
    agents.remove("ann");
    assertThat(agents.signIn("d2", "ann", OTHER_DIGEST, Optional.empty(), "Firefox", NOW))
        .isFalse();
    assertThat(agent("d1", LONG_AGO, LONG_AGO)).isEmpty();
  }

  @Test
  void a_browser_is_signed_out_by_age_and_when_it_is_idle() {
    agents.create(ann, DIGEST);
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(agent("d1", NOW, LONG_AGO)).isEmpty();
    assertThat(agent("d1", LONG_AGO, NOW)).isEmpty();
    Instant later = NOW.plusSeconds(60);
    agents.recordUse("d1", later);
    assertThat(agent("d1", LONG_AGO, NOW)).contains(ann);
    assertThat(agents.signedIn("d1", LONG_AGO, LONG_AGO).orElseThrow().used()).isEqualTo(later);
  }

  @Test
  void the_other_browsers_of_an_agent_are_signed_out() {
    agents.create(ann, DIGEST);
    agents.create(agent("ben", account), DIGEST);
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.signIn("d2", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.signIn("d3", "ann", DIGEST, Optional.empty(), "Firefox", LONG_AGO);
    agents.signIn("d4", "ben", DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(agents.endOthers("d1")).isEqualTo(2);
    assertThat(agents.endOthers("d1")).isZero();
    assertThat(agent("d1", LONG_AGO, LONG_AGO)).contains(ann);
    assertThat(agent("d2", LONG_AGO, LONG_AGO)).isEmpty();
    assertThat(agent("d4", LONG_AGO, LONG_AGO)).isPresent();
  }

  @Test
  void all_browsers_of_an_agent_are_signed_out_within_the_account() {
    agents.create(ann, DIGEST);
    agents.create(agent("ben", account), DIGEST);
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.signIn("d2", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.signIn("d3", "ben", DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(agents.endAll(Sid.Account.random(random), "ann")).isZero();
    assertThat(agents.endAll(account, "ann")).isEqualTo(2);
    assertThat(agent("d1", LONG_AGO, LONG_AGO)).isEmpty();
    assertThat(agent("d3", LONG_AGO, LONG_AGO)).isPresent();
  }

  @Test
  void a_new_password_and_a_removal_sign_every_browser_out() {
    agents.create(ann, DIGEST);
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(agents.reset("ann", OTHER_DIGEST)).isTrue();
    assertThat(agents.passwordDigest("ann")).contains(OTHER_DIGEST);
    assertThat(agent("d1", LONG_AGO, LONG_AGO)).isEmpty();
    agents.signIn("d2", "ann", OTHER_DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(agents.remove("ann")).isTrue();
    assertThat(agent("d2", LONG_AGO, LONG_AGO)).isEmpty();
    assertThat(agents.remove("ann")).isFalse();
    assertThat(agents.reset("ann", DIGEST)).isFalse();
  }

  @Test
  void the_sessions_of_idle_browsers_are_deleted() {
    agents.create(ann, DIGEST);
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.signIn("d2", "ann", DIGEST, Optional.empty(), "Firefox", NOW.plus(Duration.ofHours(1)));
    assertThat(agents.sweep(NOW.plusSeconds(1))).isEqualTo(1);
    assertThat(agent("d2", LONG_AGO, LONG_AGO)).contains(ann);
  }

  @Test
  void agents_of_an_account_are_listed_and_found_by_their_identities() {
    Agents.Agent ben = agent("ben", account);
    agents.create(ben, DIGEST);
    agents.create(ann, DIGEST);
    assertThat(agents.agentsOf(account, 10)).containsExactly(ann, ben);
    assertThat(agents.agentsOf(account, 1)).containsExactly(ann);
    assertThat(agents.agentsOf(Sid.Account.random(random), 10)).isEmpty();
    assertThat(agents.findByIdentity(account, ben.identity())).contains(ben);
    assertThat(agents.findByIdentity(Sid.Account.random(random), ben.identity()))
        .isEmpty();
  }

  @Test
  void the_name_that_guests_see_and_the_role_change_each_by_itself() {
    agents.create(ann, DIGEST);
    assertThat(agents.update("ann", Optional.of("Ann B."), Optional.empty())).isTrue();
    assertThat(agents.update("ann", Optional.empty(), Optional.of(Agents.Role.AUDITOR)))
        .isTrue();
    assertThat(agents.find("ann").orElseThrow())
        .isEqualTo(
            new Agents.Agent("ann", account, ann.identity(), "Ann B.", Agents.Role.AUDITOR, NOW));
    assertThat(agents.update("bob", Optional.of("Bob"), Optional.empty())).isFalse();
  }

  @Test
  void an_agents_own_new_password_needs_the_old_one_and_signs_only_the_other_browsers_out() {
    agents.create(ann, DIGEST);
    agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.signIn("d2", "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(agents.replacePassword("d1", OTHER_DIGEST, OTHER_DIGEST)).isFalse();
    assertThat(agents.replacePassword("d9", DIGEST, OTHER_DIGEST)).isFalse();
    assertThat(agents.passwordDigest("ann")).contains(DIGEST);
    assertThat(agent("d2", LONG_AGO, LONG_AGO)).contains(ann);
    assertThat(agents.replacePassword("d1", DIGEST, OTHER_DIGEST)).isTrue();
    assertThat(agents.passwordDigest("ann")).contains(OTHER_DIGEST);
    assertThat(agent("d1", LONG_AGO, LONG_AGO)).contains(ann);
    assertThat(agent("d2", LONG_AGO, LONG_AGO)).isEmpty();
  }

  @Test
  void an_agent_lists_their_own_browsers_and_ends_one() {
    String one = "1".repeat(64);
    String two = "2".repeat(64);
    String bens = "3".repeat(64);
    agents.create(ann, DIGEST);
    agents.create(agent("ben", account), DIGEST);
    agents.signIn(one, "ann", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.signIn(two, "ann", DIGEST, Optional.empty(), "Chrome", NOW.plusSeconds(1));
    agents.signIn(bens, "ben", DIGEST, Optional.empty(), "Safari", NOW);
    Agents.Session first = new Agents.Session("1".repeat(32), "Firefox", NOW, NOW, true);
    Instant later = NOW.plusSeconds(1);
    assertThat(agents.sessions(one, LONG_AGO, LONG_AGO, 10))
        .containsExactly(new Agents.Session("2".repeat(32), "Chrome", later, later, false), first);
    assertThat(agents.sessions(one, LONG_AGO, LONG_AGO, 1)).hasSize(1);
    assertThat(agents.sessions(one, LONG_AGO, NOW, 10)).hasSize(1);
    agents.end(one, "3".repeat(32));
    assertThat(agent(bens, LONG_AGO, LONG_AGO)).isPresent();
    agents.end(one, "2".repeat(32));
    assertThat(agents.sessions(one, LONG_AGO, LONG_AGO, 10)).containsExactly(first);
    assertThat(agent(two, LONG_AGO, LONG_AGO)).isEmpty();
  }

  private static Agents.Agent agent(String name, Sid.Account account) {
    return new Agents.Agent(
        name,
        account,
        Agents.Agent.nextIdentity(random),
        "Friendly " + name,
        Agents.Role.AGENT,
        NOW);
  }

  private Optional<Agents.Agent> agent(String digest, Instant createdAfter, Instant usedAfter) {
    return agents.signedIn(digest, createdAfter, usedAfter).map(Agents.SignedIn::agent);
  }
}
