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
import parlour.accounts.SqlAccounts;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of the store of second factors, and what the store of agents does with them. */
abstract class SecondFactorsContract {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final byte[] DIGEST = {1};
  private static final SecureRandom random = new SecureRandom();

  private final Sid.Account account = Sid.Account.random(random);
  private final Identity ann = Agents.Agent.nextIdentity(random);
  private Database database;
  private Agents agents;
  private SecondFactors factors;

  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    new SqlAccounts(database)
        .create(
            new Accounts.Account(account, "Shop", NOW),
            new byte[32],
            new AccountKey(new byte[AccountKey.BYTES]));
    agents = new SqlAgents(database);
    factors = new SqlSecondFactors(database);
    agents.create(new Agents.Agent("ann", account, ann, "Ann", Agents.Role.AGENT, NOW), DIGEST);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  private void add(String sealed) {
    factors.begin(ann, sealed, NOW);
    assertThat(factors.confirm(ann, sealed, 100, List.of("r1", "r2"), "d0")).isTrue();
  }

  private boolean signsIn(String digest, String sealed) {
    Optional<String> secret = sealed.isEmpty() ? Optional.empty() : Optional.of(sealed);
    return agents.signIn(digest, "ann", DIGEST, secret, "Firefox", NOW);
  }

  @Test
  void a_secret_that_is_pending_changes_nothing_until_it_is_confirmed() {
    assertThat(factors.find(ann)).isEqualTo(SecondFactors.Factor.NONE);
    factors.begin(ann, "first", NOW);
    factors.begin(ann, "second", NOW.plusSeconds(1));
    assertThat(factors.find(ann).pending())
        .contains(new SecondFactors.Pending("second", NOW.plusSeconds(1)));
    assertThat(factors.find(ann).isActive()).isFalse();
    assertThat(factors.active()).isEmpty();
    assertThat(signsIn("d0", "")).isTrue();
    assertThat(signsIn("d1", "")).isTrue();
    assertThat(factors.confirm(ann, "first", 100, List.of("r1"), "d0")).isFalse();
    assertThat(factors.find(ann).isActive()).isFalse();

    assertThat(factors.confirm(ann, "second", 100, List.of("r1", "r2"), "d0")).isTrue();
    assertThat(factors.find(ann).sealed()).contains("second");
    assertThat(factors.find(ann).pending()).isEmpty();
    assertThat(factors.find(ann).recoveryCodes()).isEqualTo(2);
    assertThat(factors.active()).containsExactly(ann);
    assertThat(agents.signedIn("d0", Instant.EPOCH, Instant.EPOCH)).isPresent();
    assertThat(agents.signedIn("d1", Instant.EPOCH, Instant.EPOCH))
        .as("signed out")
        .isEmpty();
  }

  @Test
  void without_a_code_nobody_signs_in_under_a_name_with_a_second_factor() {
    add("sealed");
    assertThat(signsIn("d1", "")).isFalse();
    assertThat(signsIn("d2", "of the app before")).isFalse();
    assertThat(signsIn("d2", "sealed")).isTrue();
  }

  @Test
  void a_code_is_used_once_and_none_before_it_afterwards() {
    add("sealed");
    assertThat(factors.useCode(ann, "sealed", 100)).as("it confirmed the app").isFalse();
    assertThat(factors.useCode(ann, "sealed", 102)).isTrue();
    assertThat(factors.useCode(ann, "sealed", 102)).isFalse();
    assertThat(factors.useCode(ann, "sealed", 101)).isFalse();
    assertThat(factors.useCode(ann, "another", 103)).isFalse();
    assertThat(factors.useCode(ann, "sealed", 103)).isTrue();
    assertThat(AtOnce.run(8, _ -> factors.useCode(ann, "sealed", 200))).containsOnlyOnce(true);
  }

  @Test
  void a_recovery_code_is_used_once() {
    add("sealed");
    assertThat(factors.useRecoveryCode(ann, "r3")).isFalse();
    assertThat(AtOnce.run(8, _ -> factors.useRecoveryCode(ann, "r1"))).containsOnlyOnce(true);
    assertThat(factors.find(ann).recoveryCodes()).isEqualTo(1);
    assertThat(factors.useRecoveryCode(Agents.Agent.nextIdentity(random), "r2")).isFalse();
    factors.begin(ann, "next", NOW);
    factors.confirm(ann, "next", 300, List.of("r4"), "d0");
    assertThat(factors.useRecoveryCode(ann, "r2")).as("of the app before").isFalse();
    assertThat(factors.useRecoveryCode(ann, "r4")).isTrue();
  }

  @Test
  void tries_are_bounded_until_the_time_is_over_or_a_code_was_right() {
    add("sealed");
    assertThat(AtOnce.run(Limits.SECOND_FACTOR_TRIES * 2, _ -> factors.tryCode(ann, NOW)).stream()
            .filter(Boolean::booleanValue))
        .hasSize(Limits.SECOND_FACTOR_TRIES);
    assertThat(factors.tryCode(ann, NOW.plus(Limits.SECOND_FACTOR_WINDOW).minusMillis(1)))
        .isFalse();
    Instant later = NOW.plus(Limits.SECOND_FACTOR_WINDOW);
    assertThat(factors.tryCode(ann, later)).isTrue();
    factors.useCode(ann, "sealed", 500);
    for (int i = 0; i < Limits.SECOND_FACTOR_TRIES; i++) {
      assertThat(factors.tryCode(ann, later)).isTrue();
    }
    assertThat(factors.tryCode(ann, later)).isFalse();
    assertThat(factors.tryCode(ann, NOW.minus(Limits.SECOND_FACTOR_WINDOW)))
        .as("the clock was ahead")
        .isTrue();
  }

  @Test
  void a_reset_and_a_removal_take_the_second_factor_away() {
    add("sealed");
    assertThat(agents.reset("ann", DIGEST)).isTrue();
    assertThat(factors.find(ann)).isEqualTo(SecondFactors.Factor.NONE);
    assertThat(signsIn("d1", "")).isTrue();
    add("sealed");
    assertThat(factors.remove(ann)).isTrue();
    assertThat(factors.remove(ann)).isFalse();
    add("sealed");
    assertThat(agents.remove("ann")).isTrue();
    assertThat(factors.active()).isEmpty();
    assertThat(factors.find(ann).recoveryCodes()).isZero();
  }

  @Test
  void an_account_can_require_a_second_factor_of_agents_who_are_signed_in_already() {
    signsIn("d0", "");
    assertThat(lacks("d0")).isFalse();
    Accounts accounts = new SqlAccounts(database);
    assertThat(accounts.requireSecondFactor(account, true)).isTrue();
    assertThat(accounts.accounts().getFirst().requiresSecondFactor()).isTrue();
    assertThat(lacks("d0")).isTrue();
    factors.begin(ann, "sealed", NOW);
    assertThat(lacks("d0")).as("not confirmed").isTrue();
    factors.confirm(ann, "sealed", 1, List.of(), "d0");
    assertThat(lacks("d0")).isFalse();
    factors.remove(ann);
    assertThat(lacks("d0")).isTrue();
    accounts.requireSecondFactor(account, false);
    assertThat(lacks("d0")).isFalse();
    assertThat(accounts.requireSecondFactor(Sid.Account.random(random), true)).isFalse();
  }

  @Test
  void a_rule_of_a_later_version_is_enforced_as_it_is_listed() {
    signsIn("d0", "");
    database.write(sql -> sql.update("UPDATE account SET second_factor = 'passkey'"));
    assertThat(new SqlAccounts(database).accounts().getFirst().requiresSecondFactor())
        .isTrue();
    assertThat(lacks("d0")).isTrue();
  }

  private boolean lacks(String digest) {
    return agents.signedIn(digest, Instant.EPOCH, Instant.EPOCH).orElseThrow().lacksSecondFactor();
  }
}
