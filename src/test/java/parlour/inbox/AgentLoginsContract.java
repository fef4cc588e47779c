package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.SqlAccounts;
import parlour.inbox.AgentLogins.Outcome;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of every store of agents who sign in at a provider, whatever database is under it. */
abstract class AgentLoginsContract {
  private static final SecureRandom random = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final int TOGETHER = 8;

  private final Sid.Account account = Sid.Account.random(random);
  private final AgentLogins.Login login =
      new AgentLogins.Login(account, "https://id.example.com", "f81d4fae");
  private Database database;
  private AgentLogins logins;
  private Agents agents;

  /** Opens the same database each time, also while it is open. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    logins = new SqlAgentLogins(database);
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

  private Agents.Agent fresh(String name, Agents.Role role) {
    return new Agents.Agent(name, account, Agents.Agent.nextIdentity(random), "Ann Lee", role, NOW);
  }

  private Outcome signIn(String number) {
    return signIn(login, number, "ann", Agents.Role.AGENT);
  }

  private Outcome signIn(AgentLogins.Login of, String number, String name, Agents.Role role) {
    return logins.signIn(
        of,
        fresh(name, role),
        List.of(name + "-2", name + "-" + number),
        new AgentLogins.Browser("attempt" + number, "digest" + number, "Firefox"));
  }

  private Agents.SignedIn signedIn(String number) {
    return agents.signedIn("digest" + number, Instant.EPOCH, Instant.EPOCH).orElseThrow();
  }

  @Test
  void the_first_sign_in_creates_an_agent_and_later_ones_find_it() {
    assertThat(signIn("1")).isEqualTo(Outcome.SIGNED_IN);
    assertThat(signIn(login, "2", "other", Agents.Role.ADMIN)).isEqualTo(Outcome.SIGNED_IN);
    assertThat(agents.agents()).singleElement().satisfies(one -> {
      assertThat(one.name()).isEqualTo("ann");
      assertThat(one.role()).isEqualTo(Agents.Role.ADMIN);
      assertThat(logins.all()).containsExactly(one.identity());
    });
    assertThat(signedIn("1").agent()).isEqualTo(signedIn("2").agent());
    assertThat(signedIn("1").isOfProvider()).isTrue();
  }

  @Test
  void a_person_of_another_issuer_or_in_another_account_is_another_agent() {
    assertThat(signIn("1")).isEqualTo(Outcome.SIGNED_IN);
    AgentLogins.Login other =
        new AgentLogins.Login(account, "https://other.example.com", login.subject());
    assertThat(signIn(other, "2", "ann", Agents.Role.AGENT)).isEqualTo(Outcome.SIGNED_IN);
    assertThat(signedIn("2").agent().name()).isEqualTo("ann-2");
  }

  @Test
  void a_session_ends_sooner_than_one_of_a_password() {
    assertThat(signIn("1")).isEqualTo(Outcome.SIGNED_IN);
    Instant last = NOW.plus(Limits.OIDC_SESSION).minusMillis(1);
    assertThat(agents.signedIn("digest1", last.minus(Limits.AGENT_SESSION), Instant.EPOCH))
        .isPresent();
    assertThat(agents.signedIn(
            "digest1", last.plusMillis(1).minus(Limits.AGENT_SESSION), Instant.EPOCH))
        .isEmpty();
  }

  @Test
  void an_attempt_succeeds_once_until_it_is_swept() {
    assertThat(signIn("1")).isEqualTo(Outcome.SIGNED_IN);
    assertThat(signIn("1")).isEqualTo(Outcome.REPLAYED);
    assertThat(logins.sweep(NOW)).isZero();
    assertThat(logins.sweep(NOW.plusMillis(1))).isEqualTo(1);
  }

  @Test
  void a_removed_agent_stays_out_until_the_person_is_admitted() {
    assertThat(signIn("1")).isEqualTo(Outcome.SIGNED_IN);
    assertThat(logins.removed()).isEmpty();
    assertThat(logins.admit("ann")).as("not removed").isFalse();
    assertThat(agents.remove("ann")).isTrue();
    assertThat(agents.signedIn("digest1", Instant.EPOCH, Instant.EPOCH)).isEmpty();
    assertThat(signIn("2")).isEqualTo(Outcome.REMOVED);
    assertThat(agents.agents()).isEmpty();
    assertThat(logins.removed()).containsExactly("ann");
    assertThat(logins.admit("ann")).isTrue();
    assertThat(signIn("3")).isEqualTo(Outcome.SIGNED_IN);
  }

  @Test
  void a_person_signs_all_browsers_out() {
    assertThat(signIn("1")).isEqualTo(Outcome.SIGNED_IN);
    assertThat(signIn("2")).isEqualTo(Outcome.SIGNED_IN);
    assertThat(logins.endAll(login)).isEqualTo(2);
    assertThat(agents.signedIn("digest1", Instant.EPOCH, Instant.EPOCH)).isEmpty();
  }

  @Test
  void a_password_is_never_set_for_such_an_agent() {
    assertThat(signIn("1")).isEqualTo(Outcome.SIGNED_IN);
    assertThat(agents.reset("ann", new byte[32])).isFalse();
    assertThat(signedIn("1").agent().name()).isEqualTo("ann");
  }

  @Test
  void browsers_of_one_person_that_sign_in_at_the_same_time_create_one_agent() {
    List<Outcome> outcomes = AtOnce.run(TOGETHER, i -> signIn("of" + i));
    assertThat(outcomes).hasSize(TOGETHER).containsOnly(Outcome.SIGNED_IN);
    assertThat(agents.agents()).hasSize(1);
  }
}
