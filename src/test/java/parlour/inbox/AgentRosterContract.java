package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.GeneratedSecrets;
import parlour.accounts.SqlAccounts;
import parlour.inbox.AgentRoster.Outcome;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of the store by which admins manage agents, whatever database is under it. */
abstract class AgentRosterContract {
  private static final SecureRandom random = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final byte[] DIGEST = GeneratedSecrets.digest("one");
  private static final byte[] OTHER_DIGEST = GeneratedSecrets.digest("two");

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Account otherAccount = Sid.Account.random(random);
  private Database database;
  private Agents agents;
  private AgentRoster roster;

  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    agents = new SqlAgents(database);
    roster = new SqlAgentRoster(database);
    for (Sid.Account one : List.of(account, otherAccount)) {
      new SqlAccounts(database)
          .create(
              new Accounts.Account(one, "Shop", NOW),
              new byte[32],
              new AccountKey(new byte[AccountKey.BYTES]));
    }
    agents.create(agent("ann", account, Agents.Role.ADMIN), DIGEST);
    agents.create(agent("bob", account, Agents.Role.AGENT), DIGEST);
    agents.create(agent("eve", otherAccount, Agents.Role.ADMIN), DIGEST);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void an_admin_sees_the_agents_of_the_account_alone_and_when_they_signed_in() {
    agents.signIn("d1", "bob", DIGEST, Optional.empty(), "Firefox", NOW);
    agents.signIn("d2", "bob", DIGEST, Optional.empty(), "Firefox", NOW.plusSeconds(5));
    new SqlSecondFactors(database).begin(identity("ann"), "sealed", NOW);
    assertThat(
            new SqlSecondFactors(database).confirm(identity("ann"), "sealed", 1, List.of(), "none"))
        .isTrue();
    List<AgentRoster.Listed> listed = roster.list(account, 10);
    assertThat(listed).extracting(one -> one.agent().name()).containsExactly("ann", "bob");
    assertThat(listed).extracting(AgentRoster.Listed::hasSecondFactor).containsExactly(true, false);
    assertThat(listed)
        .extracting(AgentRoster.Listed::lastSignIn)
        .containsExactly(Optional.empty(), Optional.of(NOW.plusSeconds(5)));
    assertThat(roster.list(account, 1)).hasSize(1);
    assertThat(roster.find(account, "eve")).isEmpty();
  }

  @Test
  void an_admin_creates_agents_with_names_that_are_free() {
    assertThat(roster.create("ann", agent("joe", account, Agents.Role.AUDITOR), DIGEST))
        .isEqualTo(Outcome.DONE);
    assertThat(agents.passwordDigest("joe")).contains(DIGEST);
    assertThat(roster.create("ann", agent("eve", account, Agents.Role.ADMIN), OTHER_DIGEST))
        .isEqualTo(Outcome.NAME_TAKEN);
    assertThat(agents.passwordDigest("eve")).contains(DIGEST);
  }

  @Test
  void a_thousand_agents_are_listed_and_an_admin_who_creates_another_one_is_refused() {
    int threads = 20;
    int present = agents.agentsOf(account, Limits.AGENTS_LISTED).size();
    var _ = AtOnce.run(threads, thread -> {
      for (int i = thread; i < Limits.AGENTS_LISTED - present; i += threads) {
        agents.create(agent("joe" + i, account, Agents.Role.AGENT), DIGEST);
      }
      return thread;
    });
    assertThat(agents.agentsOf(account, Limits.AGENTS_LISTED + 1)).hasSize(Limits.AGENTS_LISTED);
    assertThat(roster.list(account, Limits.AGENTS_LISTED)).hasSize(Limits.AGENTS_LISTED);
    Agents.Agent oneMore = agent("zoe", account, Agents.Role.AGENT);
    assertThat(roster.create("ann", oneMore, DIGEST)).isEqualTo(Outcome.FULL);
    assertThat(roster.remove(account, "ann", "joe7")).isEqualTo(Outcome.DONE);
    assertThat(roster.create("ann", oneMore, DIGEST)).isEqualTo(Outcome.DONE);
    assertThat(agents.findByIdentity(account, oneMore.identity())).contains(oneMore);
  }

  @Test
  void a_reset_ends_the_browsers_and_the_second_factor() {
    agents.signIn("d1", "bob", DIGEST, Optional.empty(), "Firefox", NOW);
    assertThat(roster.reset(account, "ann", "bob", OTHER_DIGEST)).isEqualTo(Outcome.DONE);
    assertThat(agents.passwordDigest("bob")).contains(OTHER_DIGEST);
    assertThat(agents.signedIn("d1", Instant.EPOCH, Instant.EPOCH)).isEmpty();
  }

  @Test
  void an_admin_changes_nothing_of_another_account_and_nothing_of_themself() {
    assertThat(roster.reset(account, "ann", "eve", OTHER_DIGEST)).isEqualTo(Outcome.UNKNOWN);
    assertThat(roster.changeRole(account, "ann", "eve", Agents.Role.AGENT))
        .isEqualTo(Outcome.UNKNOWN);
    assertThat(roster.remove(account, "ann", "eve")).isEqualTo(Outcome.UNKNOWN);
    assertThat(agents.passwordDigest("eve")).contains(DIGEST);
    assertThat(agents.find("eve").orElseThrow().role()).isEqualTo(Agents.Role.ADMIN);
    assertThat(roster.reset(account, "ann", "ann", OTHER_DIGEST)).isEqualTo(Outcome.ONESELF);
    assertThat(roster.changeRole(account, "ann", "ann", Agents.Role.AGENT))
        .isEqualTo(Outcome.ONESELF);
    assertThat(roster.remove(account, "ann", "ann")).isEqualTo(Outcome.ONESELF);
  }

  @Test
  void only_an_agent_who_is_still_an_admin_of_the_account_changes_others() {
    for (String other : List.of("bob", "eve", "nobody")) {
      assertThat(roster.create(other, agent("joe", account, Agents.Role.ADMIN), DIGEST))
          .isEqualTo(Outcome.NOT_ADMIN);
      assertThat(roster.reset(account, other, "ann", OTHER_DIGEST)).isEqualTo(Outcome.NOT_ADMIN);
      assertThat(roster.remove(account, other, "ann")).isEqualTo(Outcome.NOT_ADMIN);
      assertThat(roster.admit(account, other, "ann")).isEqualTo(Outcome.NOT_ADMIN);
    }
    assertThat(agents.find("joe")).isEmpty();
  }

  @Test
  void two_admins_who_demote_or_remove_each_other_at_once_leave_one_admin() {
    for (int round = 0; round < 10; round++) {
      agents.update("bob", Optional.empty(), Optional.of(Agents.Role.ADMIN));
      agents.update("ann", Optional.empty(), Optional.of(Agents.Role.ADMIN));
      List<String> names = List.of("ann", "bob");
      List<Outcome> outcomes = AtOnce.run(
          2, i -> roster.changeRole(account, names.get(i), names.get(1 - i), Agents.Role.AGENT));
      assertThat(outcomes).containsExactlyInAnyOrder(Outcome.DONE, Outcome.NOT_ADMIN);
      assertThat(agents.agentsOf(account, 10))
          .extracting(Agents.Agent::role)
          .containsExactlyInAnyOrder(Agents.Role.ADMIN, Agents.Role.AGENT);
    }
  }

  @Test
  void the_only_member_of_a_desk_is_not_removed() {
    Sid.Address desk = Sid.Address.random(random);
    new SqlAccounts(database).create(new Accounts.Address(desk, account, "Desk", NOW));
    DeskMembers members = new SqlDeskMembers(database);
    members.add(desk, "bob");
    assertThat(roster.remove(account, "ann", "bob")).isEqualTo(Outcome.ONLY_MEMBER);
    members.add(desk, "ann");
    assertThat(roster.remove(account, "ann", "bob")).isEqualTo(Outcome.DONE);
    assertThat(agents.find("bob")).isEmpty();
  }

  @Test
  void an_agent_of_a_provider_has_no_password_and_stays_out_until_an_admin_admits_them() {
    AgentLogins logins = new SqlAgentLogins(database);
    AgentLogins.Login login = new AgentLogins.Login(account, "https://id.example.com", "1");
    Agents.Agent kim = agent("kim", account, Agents.Role.AGENT);
    assertThat(logins.signIn(login, kim, List.of(), new AgentLogins.Browser("a1", "d9", "Firefox")))
        .isEqualTo(AgentLogins.Outcome.SIGNED_IN);
    assertThat(roster.reset(account, "ann", "kim", DIGEST)).isEqualTo(Outcome.OF_PROVIDER);
    assertThat(roster.list(account, 10))
        .filteredOn(AgentRoster.Listed::isOfProvider)
        .singleElement()
        .matches(one -> one.lastSignIn().equals(Optional.of(NOW)));
    assertThat(roster.admit(account, "ann", "kim")).isEqualTo(Outcome.UNKNOWN);
    assertThat(roster.remove(account, "ann", "kim")).isEqualTo(Outcome.DONE);
    assertThat(roster.removed(account, 10)).containsExactly("kim");
    assertThat(roster.removed(otherAccount, 10)).isEmpty();
    assertThat(roster.admit(otherAccount, "eve", "kim")).isEqualTo(Outcome.UNKNOWN);
    assertThat(roster.admit(account, "ann", "kim")).isEqualTo(Outcome.DONE);
    assertThat(roster.removed(account, 10)).isEmpty();
  }

  private Identity identity(String name) {
    return agents.find(name).orElseThrow().identity();
  }

  private static Agents.Agent agent(String name, Sid.Account account, Agents.Role role) {
    return new Agents.Agent(
        name, account, Agents.Agent.nextIdentity(random), "Ms. " + name, role, NOW);
  }
}
