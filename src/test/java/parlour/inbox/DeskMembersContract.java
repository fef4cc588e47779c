package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.GeneratedSecrets;
import parlour.accounts.SqlAccounts;
import parlour.conversations.Sight;
import parlour.inbox.Agents.Role;
import parlour.inbox.DeskMembers.Obstacle;
import parlour.inbox.DeskMembers.Removal;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of every store of the members of desks, whatever database is under it. */
abstract class DeskMembersContract {
  private static final SecureRandom random = new SecureRandom();
  private static final int ROUNDS = 10;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Account other = Sid.Account.random(random);
  private Database database;
  private Accounts accounts;
  private Agents agents;
  private DeskMembers members;
  private Sid.Address sales;
  private Sid.Address support;
  private Agents.Agent ann;
  private Agents.Agent ben;

  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    accounts = new SqlAccounts(database);
    agents = new SqlAgents(database);
    members = new SqlDeskMembers(database);
    for (Sid.Account one : List.of(account, other)) {
      accounts.create(
          new Accounts.Account(one, "Shop", NOW),
          new byte[32],
          new AccountKey(new byte[AccountKey.BYTES]));
    }
    sales = desk(account);
    support = desk(account);
    ann = agent("ann", account, Role.AGENT);
    ben = agent("ben", account, Role.AGENT);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void without_members_every_agent_sees_every_desk() {
    assertThat(members.of(sales)).isEmpty();
    assertThat(members.sight(ann)).isEqualTo(Sight.ALL);
  }

  @Test
  void a_desk_with_members_is_hidden_from_other_agents_and_not_from_admins_and_auditors() {
    assertThat(members.add(sales, "ann")).isEmpty();
    assertThat(members.add(sales, "ann")).as("twice").isEmpty();
    assertThat(members.of(sales)).containsExactly(ann);
    assertThat(members.sight(ann)).isEqualTo(Sight.ALL);
    assertThat(members.sight(ben)).isEqualTo(new Sight(List.of(sales), List.of(support)));
    for (Role role : List.of(Role.ADMIN, Role.AUDITOR)) {
      assertThat(members.sight(agent("the-" + role.word(), account, role))).isEqualTo(Sight.ALL);
    }
    assertThat(members.sight(agent("eve", other, Role.AGENT))).isEqualTo(Sight.ALL);
  }

  @Test
  void an_agent_sees_their_own_desks_and_those_without_members() {
    Sid.Address open = desk(account);
    members.add(sales, "ann");
    members.add(support, "ben");
    assertThat(members.seenBy(ann))
        .extracting(DeskMembers.Desk::sid)
        .containsExactlyInAnyOrder(sales, open);
    assertThat(members.sight(ann).hidden()).containsExactly(support);
    assertThat(members.sight(ann).others()).containsExactlyInAnyOrder(sales, open);
    assertThat(members.sight(ben).hidden()).containsExactly(sales);
  }

  @Test
  void a_removed_member_sees_the_desk_no_more_and_the_last_one_opens_it_to_all() {
    members.add(sales, "ann");
    members.add(sales, "ben");
    assertThat(members.remove(sales, "ben")).isTrue();
    assertThat(members.remove(sales, "ben")).isFalse();
    assertThat(members.sight(ben).hidden()).containsExactly(sales);
    assertThat(members.remove(sales, "ann")).isTrue();
    assertThat(members.sight(ben)).isEqualTo(Sight.ALL);
  }

  @Test
  void the_last_member_stays_unless_the_desk_shall_be_open_to_all() {
    members.add(sales, "ann");
    members.add(sales, "ben");
    assertThat(members.removeUnlessLast(sales, "nobody")).isEqualTo(Removal.NO_SUCH_MEMBER);
    assertThat(members.removeUnlessLast(sales, "ben")).isEqualTo(Removal.DONE);
    assertThat(members.removeUnlessLast(sales, "ben")).isEqualTo(Removal.NO_SUCH_MEMBER);
    assertThat(members.removeUnlessLast(sales, "ann")).isEqualTo(Removal.LAST_MEMBER);
    assertThat(members.of(sales)).containsExactly(ann);
  }

  @Test
  void two_admins_who_remove_the_last_two_members_at_once_leave_one() {
    List<String> names = List.of("ann", "ben");
    for (int round = 0; round < ROUNDS; round++) {
      names.forEach(name -> members.add(sales, name));
      assertThat(AtOnce.run(2, i -> members.removeUnlessLast(sales, names.get(i))))
          .containsExactlyInAnyOrder(Removal.DONE, Removal.LAST_MEMBER);
      assertThat(members.of(sales)).hasSize(1);
    }
  }

  @Test
  void one_of_two_members_is_removed_while_the_other_one_is_removed_as_an_agent() {
    for (int round = 0; round < ROUNDS; round++) {
      String other = "agent" + round;
      agent(other, account, Role.AGENT);
      members.add(sales, "ann");
      members.add(sales, other);
      List<Boolean> removed = AtOnce.run(
          2,
          i -> i == 0
              ? members.removeUnlessLast(sales, "ann") == Removal.DONE
              : agents.remove(other));
      assertThat(removed).containsExactlyInAnyOrder(true, false);
      assertThat(members.of(sales)).hasSize(1);
      members.remove(sales, other);
    }
  }

  @Test
  void only_an_agent_of_the_same_account_becomes_a_member() {
    agent("eve", other, Role.AGENT);
    assertThat(members.add(sales, "eve")).contains(Obstacle.NO_SUCH_AGENT);
    assertThat(members.add(sales, "nobody")).contains(Obstacle.NO_SUCH_AGENT);
    assertThat(members.add(Sid.Address.random(random), "ann")).contains(Obstacle.NO_SUCH_AGENT);
    assertThat(members.of(sales)).isEmpty();
  }

  @Test
  void an_agent_who_is_the_only_member_of_a_desk_is_not_removed() {
    members.add(sales, "ann");
    assertThat(members.onlyMemberOf("ann")).containsExactly(sales);
    assertThat(agents.remove("ann")).isFalse();
    assertThat(agents.find("ann")).contains(ann);
    members.add(sales, "ben");
    assertThat(members.onlyMemberOf("ann")).isEmpty();
    assertThat(agents.remove("ann")).isTrue();
    assertThat(members.of(sales)).containsExactly(ben);
  }

  @Test
  void a_later_agent_of_the_same_name_is_not_a_member() {
    members.add(sales, "ann");
    members.add(sales, "ben");
    agents.remove("ann");
    Agents.Agent another = agent("ann", account, Role.AGENT);
    assertThat(members.sight(another).hidden()).containsExactly(sales);
  }

  /** A process of an earlier version removes an agent without their memberships. */
  @Test
  void a_desk_stays_hidden_when_an_old_process_has_removed_its_only_member() {
    members.add(sales, "ann");
    var _ = database.write(sql -> sql.update("DELETE FROM agent WHERE name = 'ann'"));
    assertThat(members.of(sales)).isEmpty();
    assertThat(members.sight(ben).hidden()).containsExactly(sales);
  }

  @Test
  void an_account_has_a_bounded_number_of_desks_with_members() {
    for (int i = 0; i < Limits.DESKS_WITH_MEMBERS; i++) {
      assertThat(members.add(desk(account), "ann")).isEmpty();
    }
    assertThat(members.add(sales, "ann")).contains(Obstacle.TOO_MANY_DESKS);
    assertThat(members.sight(ben).hidden()).hasSize(Limits.DESKS_WITH_MEMBERS);
  }

  @Test
  void an_agent_of_an_account_with_very_many_desks_sees_more_of_them_than_a_query_joins() {
    members.add(sales, "ann");
    Stream.generate(() -> desk(account)).limit(Limits.DESKS_JOINED).forEach(_ -> {});
    assertThat(members.sight(ben).others()).hasSizeGreaterThan(Limits.DESKS_JOINED);
  }

  private Sid.Address desk(Sid.Account owner) {
    Accounts.Address address = new Accounts.Address(Sid.Address.random(random), owner, "Desk", NOW);
    accounts.create(address);
    return address.sid();
  }

  private Agents.Agent agent(String name, Sid.Account owner, Role role) {
    Agents.Agent agent =
        new Agents.Agent(name, owner, Agents.Agent.nextIdentity(random), name, role, NOW);
    agents.create(agent, GeneratedSecrets.digest(name));
    return agent;
  }
}
