package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.Sid;
import parlour.scopedauth.Sensitivity;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of every store of accounts, whatever database is under it. */
abstract class AccountsContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final SecureRandom random = new SecureRandom();

  private Database database;
  private Accounts accounts;
  private Accounts.Account account;
  private Accounts.Address address;

  /** Opens the same database each time, also while it is open. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    accounts = new SqlAccounts(database);
    account = account();
    address = new Accounts.Address(Sid.Address.random(random), account.sid(), "Front desk", NOW);
    accounts.create(account, new byte[32], key(1));
    accounts.create(address);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void accounts_addresses_and_deployments_are_listed_as_they_were_created() {
    Accounts.Deployment deployment = deployment(settings(Sensitivity.HIGH));
    assertThat(accounts.create(deployment)).isTrue();
    assertThat(accounts.accounts()).containsExactly(account);
    assertThat(accounts.addresses()).containsExactly(address);
    assertThat(accounts.deployments()).containsExactly(deployment);
  }

  @Test
  void every_setting_of_a_deployment_comes_back_in_its_configuration() {
    for (Sensitivity sensitivity : Sensitivity.values()) {
      Accounts.Settings settings = new Accounts.Settings(
          Optional.of(address.sid()),
          new AllowedOrigins(List.of("https://*.example.com", "http://localhost:3000")),
          new TokenRules(sensitivity, ProofRule.PREFER, sensitivity == Sensitivity.LOW),
          Lifetimes.ofTokens(Duration.ofMinutes(5)));
      Accounts.Deployment deployment = deployment(settings);
      accounts.create(deployment);
      Configuration found =
          accounts.configurationOf(account.sid(), deployment.key()).orElseThrow();
      assertThat(found.account()).isEqualTo(account.sid());
      assertThat(found.deployment()).isEqualTo(deployment.key());
      assertThat(found.address()).isEqualTo(settings.address());
      assertThat(found.allowedOrigins()).isEqualTo(settings.allowedOrigins());
      assertThat(found.fingerprintSensitivity()).isEqualTo(sensitivity);
      assertThat(found.proof()).isEqualTo(ProofRule.PREFER);
      assertThat(found.tokenTtl()).isEqualTo(Duration.ofMinutes(5));
      assertThat(found.revokeOnReplay()).isEqualTo(sensitivity == Sensitivity.LOW);
      assertThat(found.accountKey().bytes()).isEqualTo(key(1).bytes());
    }
  }

  @Test
  void the_attendance_of_an_address_comes_back_and_can_be_removed() {
    Attendance attendance = new Attendance(
        Optional.of(new OpeningHours(
            OpeningHours.zone("Asia/Kolkata"),
            WeeklyHours.parse(List.of("mon-thu 09:00-12:30,13:30-18:00", "fri 22:00-06:00")),
            OpeningHours.holidays(List.of("2026-12-25", "2026-12-26")))),
        Optional.of("We are back after Christmas. 🎄"));
    assertThat(accounts.update(accounts.version(), address.with(attendance), NOW))
        .isTrue();
    assertThat(accounts.addresses()).containsExactly(address.with(attendance));
    Accounts.Address other = new Accounts.Address(
            Sid.Address.random(random), account.sid(), "Other", NOW)
        .with(attendance);
    accounts.create(other);
    assertThat(accounts.addresses()).contains(other);
    Accounts.Deployment deployment = deployment(settings(Sensitivity.LOW));
    accounts.create(deployment);
    assertThat(answering(deployment)).contains(new Configuration.Answering(true, attendance));
    Accounts.Address kept = address.with(attendance).keeping(Optional.of(Duration.ofDays(90)));
    assertThat(accounts.update(accounts.version(), kept, NOW)).isTrue();
    assertThat(accounts.addresses()).contains(kept);
    Accounts.Address keptFromTheBeginning = new Accounts.Address(
            Sid.Address.random(random), account.sid(), "Kept", NOW)
        .keeping(Optional.of(Duration.ofDays(1)));
    accounts.create(keptFromTheBeginning);
    assertThat(accounts.addresses()).contains(keptFromTheBeginning);
    accounts.update(accounts.version(), address.with(Attendance.ALWAYS), NOW);
    assertThat(accounts.addresses()).contains(address);
    assertThat(answering(deployment))
        .contains(new Configuration.Answering(true, Attendance.ALWAYS));
  }

  @ParameterizedTest
  @CsvSource({
    "Mars/Olympus, mon 09:00-17:00, 2026-12-25",
    "UTC, always, 2026-12-25",
    "UTC, mon 09:00-17:00, tomorrow",
  })
  void hours_that_this_node_cannot_read_are_all_hours(String zone, String hours, String holiday) {
    Accounts.Deployment deployment = deployment(settings(Sensitivity.LOW));
    accounts.create(deployment);
    int _ = database.write(
        sql -> sql.update("""
            UPDATE address
            SET time_zone = ?, opening_hours = ?, holidays = ?, away_text = 'We are back soon.'
            WHERE sid = ?
            """, zone, hours, holiday, address.sid().text()));
    Attendance found = answering(deployment).orElseThrow().attendance();
    assertThat(found.hours()).as("all hours").isEmpty();
    assertThat(found.awayText()).contains("We are back soon.");
    Accounts.Address stored = accounts.addresses().getFirst();
    assertThat(stored).isEqualTo(address.with(found));
    assertThat(accounts.update(
            accounts.version(), stored.keeping(Optional.of(Duration.ofDays(9))), NOW))
        .isTrue();
    assertThat(storedHours())
        .as("a change of something else")
        .containsExactly(zone, hours, holiday);
    assertThat(accounts.update(accounts.version(), address.with(Attendance.ALWAYS), NOW))
        .isTrue();
    assertThat(storedHours()).containsOnlyNulls();
  }

  private List<@Nullable String> storedHours() {
    return database
        .read(sql -> sql.first(
            "SELECT time_zone, opening_hours, holidays FROM address WHERE sid = ?",
            row -> Arrays.<@Nullable String>asList(
                row.getString("time_zone"),
                row.getString("opening_hours"),
                row.getString("holidays")),
            address.sid().text()))
        .orElseThrow();
  }

  private Optional<Configuration.Answering> answering(Accounts.Deployment deployment) {
    return accounts
        .configurationOf(account.sid(), deployment.key())
        .flatMap(Configuration::answering);
  }

  @Test
  void a_deployment_may_have_no_address_and_no_listed_origins() {
    Accounts.Deployment deployment = deployment(new Accounts.Settings(
        Optional.empty(), AllowedOrigins.any(), TokenRules.DEFAULT, Lifetimes.DEFAULT));
    assertThat(accounts.create(deployment)).isTrue();
    assertThat(accounts.update(accounts.version(), deployment)).isTrue();
    Configuration found =
        accounts.configurationOf(account.sid(), deployment.key()).orElseThrow();
    assertThat(found.address()).isEmpty();
    assertThat(found.allowedOrigins().isEmpty()).isTrue();
  }

  @Test
  void a_deployment_key_stands_for_its_own_account_only() {
    Accounts.Account other = account();
    accounts.create(other, new byte[32], key(2));
    Accounts.Deployment deployment = deployment(settings(Sensitivity.MEDIUM));
    accounts.create(deployment);
    assertThat(accounts.accountOf(deployment.key())).contains(account.sid());
    assertThat(accounts.configurationOf(other.sid(), deployment.key())).isEmpty();
    assertThat(accounts.accountOf(Sid.Deployment.random(random))).isEmpty();
  }

  @Test
  void a_deployment_takes_no_address_of_another_account() {
    Accounts.Account other = account();
    accounts.create(other, new byte[32], key(2));
    Accounts.Deployment theirs = new Accounts.Deployment(
        Sid.Deployment.random(random), other.sid(), "Theirs", settings(Sensitivity.LOW), NOW, NOW);
    assertThat(accounts.create(theirs)).isFalse();
    assertThat(accounts.deployments()).isEmpty();
    Accounts.Deployment ours = deployment(settings(Sensitivity.LOW));
    accounts.create(ours);
    Accounts.Address far =
        new Accounts.Address(Sid.Address.random(random), other.sid(), "Far", NOW);
    accounts.create(far);
    assertThat(accounts.update(
            accounts.version(), with(ours, settings(Optional.of(far.sid()), Sensitivity.HIGH))))
        .isFalse();
    assertThat(accounts.deployments()).containsExactly(ours);
  }

  @Test
  void a_deployment_of_an_account_that_does_not_exist_is_not_created() {
    Accounts.Deployment orphan = new Accounts.Deployment(
        Sid.Deployment.random(random),
        Sid.Account.random(random),
        "Orphan",
        settings(Optional.empty(), Sensitivity.LOW),
        NOW,
        NOW);
    assertThat(accounts.create(orphan)).isFalse();
    assertThat(accounts.update(accounts.version(), orphan)).isFalse();
    assertThat(accounts.delete(orphan.key())).isFalse();
  }

  @Test
  void an_update_replaces_name_and_settings_and_a_deletion_leaves_nothing() {
    Accounts.Deployment deployment = deployment(settings(Sensitivity.LOW));
    accounts.create(deployment);
    Accounts.Deployment changed = with(deployment, settings(Optional.empty(), Sensitivity.OFF));
    assertThat(accounts.update(accounts.version(), changed)).isTrue();
    assertThat(accounts.deployments()).containsExactly(changed);
    assertThat(accounts.delete(deployment.key())).isTrue();
    assertThat(accounts.delete(deployment.key())).isFalse();
    assertThat(accounts.accountOf(deployment.key())).isEmpty();
  }

  @Test
  void an_update_undoes_no_change_since_its_row_was_read() {
    Accounts.Deployment read = deployment(settings(Sensitivity.LOW));
    accounts.create(read);
    Accounts.Deployment first = with(read, settings(Sensitivity.OFF));
    Accounts.Deployment second = with(read, settings(Sensitivity.HIGH));
    long version = accounts.version();
    assertThat(accounts.update(version, first)).isTrue();
    assertThat(accounts.update(version, second)).isFalse();
    assertThat(accounts.update(version, address.keeping(Optional.of(Duration.ofDays(9))), NOW))
        .isFalse();
    assertThat(accounts.version()).isEqualTo(version + 1);
    assertThat(accounts.deployments()).containsExactly(first);
    assertThat(accounts.addresses()).containsExactly(address);
    assertThat(accounts.update(version + 1, second)).isTrue();
    assertThat(accounts.deployments()).containsExactly(second);
  }

  @Test
  void changes_that_run_at_the_same_moment_all_count() throws InterruptedException {
    Accounts.Deployment deployment = deployment(settings(Sensitivity.LOW));
    accounts.create(deployment);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String origin = "https://shop%d.example".formatted(i);
      threads.add(Thread.startVirtualThread(() -> {
        var _ = accounts.retry(version -> {
          Accounts.Settings before = accounts.deployments().getFirst().settings();
          Accounts.Settings after = new Accounts.Settings(
              before.address(),
              before.allowedOrigins().changed(List.of(origin), List.of()),
              before.rules(),
              before.lifetimes());
          return accounts.update(version, with(deployment, after))
              ? Optional.of(after)
              : Optional.empty();
        });
      }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(accounts.deployments().getFirst().settings().allowedOrigins().patterns())
        .contains(
            "https://shop0.example",
            "https://shop1.example",
            "https://shop2.example",
            "https://shop3.example");
  }

  @Test
  void the_version_grows_with_every_change_and_with_nothing_else() {
    Accounts.Deployment deployment = deployment(settings(Sensitivity.LOW));
    long before = accounts.version();
    accounts.create(deployment);
    assertThat(accounts.version()).isEqualTo(before + 1);
    accounts.update(accounts.version(), deployment);
    assertThat(accounts.version()).isEqualTo(before + 2);
    accounts.delete(deployment.key());
    assertThat(accounts.version()).isEqualTo(before + 3);
    accounts.delete(deployment.key());
    accounts.update(accounts.version(), deployment);
    assertThat(accounts.version()).isEqualTo(before + 3);
    accounts.create(account(), new byte[32], key(3));
    assertThat(accounts.version()).isEqualTo(before + 4);
  }

  @Test
  void the_same_account_is_not_created_twice_and_the_version_stays() {
    long before = accounts.version();
    assertThatThrownBy(() -> accounts.create(account, new byte[32], key(9)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(accounts.version()).isEqualTo(before);
  }

  @Test
  void two_concurrent_changes_are_both_counted() {
    long before = accounts.version();
    AtOnce.run(20, i -> accounts.create(deployment(settings(Sensitivity.LOW))));
    assertThat(accounts.version()).isEqualTo(before + 20);
    assertThat(accounts.deployments()).hasSize(20);
  }

  @Test
  void two_concurrent_deletions_have_one_author() {
    Accounts.Deployment deployment = deployment(settings(Sensitivity.LOW));
    accounts.create(deployment);
    long before = accounts.version();
    List<Boolean> deleted = AtOnce.run(10, i -> accounts.delete(deployment.key()));
    assertThat(deleted).containsOnlyOnce(true);
    assertThat(accounts.version()).isEqualTo(before + 1);
  }

  @Test
  void a_reader_of_the_new_version_sees_the_change_also_from_another_node() {
    try (Database other = open()) {
      Accounts elsewhere = new SqlAccounts(other);
      Accounts.Deployment deployment = deployment(settings(Sensitivity.LOW));
      long before = elsewhere.version();
      accounts.create(deployment);
      assertThat(elsewhere.version()).isGreaterThan(before);
      assertThat(elsewhere.accountOf(deployment.key())).contains(account.sid());
    }
  }

  @Test
  void of_a_change_that_was_abandoned_half_way_nothing_is_there() {
    Accounts.Deployment deployment = deployment(settings(Sensitivity.LOW));
    accounts.create(deployment);
    long before = accounts.version();
    assertThatThrownBy(() -> database.write(sql -> {
          sql.update("DELETE FROM deployment");
          sql.update("UPDATE directory_version SET version = version + 1");
          throw new IllegalArgumentException("the crash");
        }))
        .hasMessage("the crash");
    database.close();
    database = open();
    accounts = new SqlAccounts(database);
    assertThat(accounts.deployments()).containsExactly(deployment);
    assertThat(accounts.version()).isEqualTo(before);
  }

  @Test
  void every_proof_rule_and_every_lifetime_comes_back_also_those_that_are_left_to_the_default() {
    Duration hour = Duration.ofHours(1);
    Duration two = Duration.ofHours(2);
    for (ProofRule proof : ProofRule.values()) {
      for (Optional<Duration> given : List.of(Optional.of(two), Optional.<Duration>empty())) {
        Accounts.Settings settings = new Accounts.Settings(
            Optional.empty(),
            AllowedOrigins.any(),
            new TokenRules(Sensitivity.MEDIUM, proof, true, given.isPresent()),
            new Lifetimes(
                hour,
                given.map(ttl -> ttl.plusHours(1)),
                given,
                Optional.empty(),
                given.orElse(Duration.ZERO)));
        Accounts.Deployment deployment = deployment(settings);
        accounts.create(deployment);
        assertThat(configuration(deployment).settings()).isEqualTo(settings);
        accounts.update(accounts.version(), with(deployment, settings(Sensitivity.HIGH)));
        assertThat(configuration(deployment).settings()).isEqualTo(settings(Sensitivity.HIGH));
        accounts.update(accounts.version(), with(deployment, settings));
        Configuration found = configuration(deployment);
        assertThat(found.settings()).isEqualTo(settings);
        assertThat(found.proof()).isEqualTo(proof);
        assertThat(found.realtime()).isEqualTo(given.isPresent());
        assertThat(found.sessionTtl(true))
            .isEqualTo(given.isPresent() ? Duration.ofHours(3) : Duration.ofDays(30));
        assertThat(found.sessionTtl(false))
            .isEqualTo(given.isPresent() ? Duration.ofHours(3) : Duration.ofHours(24));
        assertThat(found.idleTtl()).isEqualTo(given.orElse(Duration.ofDays(14)));
      }
    }
  }

  private Configuration configuration(Accounts.Deployment deployment) {
    return accounts.configurationOf(account.sid(), deployment.key()).orElseThrow();
  }

  private Accounts.Settings settings(Sensitivity sensitivity) {
    return settings(Optional.of(address.sid()), sensitivity);
  }

  private static Accounts.Settings settings(
      Optional<Sid.Address> address, Sensitivity sensitivity) {
    return new Accounts.Settings(
        address,
        new AllowedOrigins(List.of("https://shop.example.com")),
        new TokenRules(sensitivity, ProofRule.PREFER, false),
        Lifetimes.DEFAULT);
  }

  private Accounts.Deployment deployment(Accounts.Settings settings) {
    return new Accounts.Deployment(
        Sid.Deployment.random(random), account.sid(), "Test", settings, NOW, NOW);
  }

  private static Accounts.Deployment with(
      Accounts.Deployment deployment, Accounts.Settings settings) {
    return new Accounts.Deployment(
        deployment.key(),
        deployment.account(),
        "Another name",
        settings,
        deployment.created(),
        NOW.plusSeconds(1));
  }

  private static Accounts.Account account() {
    return new Accounts.Account(Sid.Account.random(random), "Shop", NOW);
  }

  private static AccountKey key(int fill) {
    byte[] bytes = new byte[AccountKey.BYTES];
    Arrays.fill(bytes, (byte) fill);
    return new AccountKey(bytes);
  }
}
