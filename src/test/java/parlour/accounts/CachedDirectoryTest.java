package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Sid;
import parlour.Unavailable;
import parlour.scopedauth.Sensitivity;
import parlour.spec.AtOnce;
import parlour.store.Sqlite;
import parlour.store.SqliteDatabase;

/** The directory that is held for seconds: quick, never long wrong, and no queue in an outage. */
class CachedDirectoryTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final SecureRandom random = new SecureRandom();

  @TempDir
  Path folder;

  private SqliteDatabase database;
  private SqlAccounts accounts;
  private Accounts.Deployment deployment;

  @BeforeEach
  void open() {
    database = Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA);
    accounts = new SqlAccounts(database);
    Sid.Account account = Sid.Account.random(random);
    accounts.create(
        new Accounts.Account(account, "Shop", NOW),
        new byte[32],
        new AccountKey(new byte[AccountKey.BYTES]));
    deployment = new Accounts.Deployment(
        Sid.Deployment.random(random),
        account,
        "Test",
        new Accounts.Settings(
            Optional.empty(), AllowedOrigins.any(), TokenRules.DEFAULT, Lifetimes.DEFAULT),
        NOW,
        NOW);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void a_cached_deployment_is_read_once() {
    accounts.create(deployment);
    AtomicInteger reads = new AtomicInteger();
    CachedDirectory directory = new CachedDirectory(new Watched(accounts, reads::incrementAndGet));
    for (int i = 0; i < 5; i++) {
      assertThat(directory.accountOf(deployment.key())).contains(deployment.account());
      assertThat(directory.configurationOf(deployment.account(), deployment.key()))
          .isPresent();
      assertThat(directory.accountOf(Sid.Deployment.random(random))).isEmpty();
    }
    assertThat(reads).hasValue(2 + 5);
  }

  @Test
  void an_unknown_key_is_known_as_soon_as_the_change_is_noticed() {
    CachedDirectory directory = new CachedDirectory(accounts);
    assertThat(directory.accountOf(deployment.key())).isEmpty();
    accounts.create(deployment);
    directory.poll();
    assertThat(directory.accountOf(deployment.key())).contains(deployment.account());
  }

  @Test
  void a_change_and_a_deletion_hold_as_soon_as_they_are_noticed() {
    accounts.create(deployment);
    CachedDirectory directory = new CachedDirectory(accounts);
    directory.poll();
    assertThat(sensitivity(directory)).contains(Sensitivity.MEDIUM);
    accounts.update(accounts.version(), with(Sensitivity.HIGH));
    directory.poll();
    assertThat(sensitivity(directory)).contains(Sensitivity.HIGH);
    accounts.delete(deployment.key());
    directory.poll();
    assertThat(directory.accountOf(deployment.key())).isEmpty();
    assertThat(sensitivity(directory)).isEmpty();
  }

  @Test
  void noticing_no_change_forgets_nothing() {
    accounts.create(deployment);
    AtomicInteger reads = new AtomicInteger();
    CachedDirectory directory = new CachedDirectory(new Watched(accounts, reads::incrementAndGet));
    directory.poll();
    directory.accountOf(deployment.key());
    directory.poll();
    directory.accountOf(deployment.key());
    assertThat(reads).hasValue(1);
  }

  @Test
  void a_configuration_that_was_read_before_a_change_is_not_kept_after_it() {
    accounts.create(deployment);
    CachedDirectory[] directory = new CachedDirectory[1];
    AtomicInteger reads = new AtomicInteger();
    directory[0] = new CachedDirectory(new Watched(accounts, () -> {}) {
      @Override
      public Optional<Configuration> configurationOf(Sid.Account account, Sid.Deployment key) {
        Optional<Configuration> read = super.configurationOf(account, key);
        if (reads.getAndIncrement() == 0) {
          // The answer is on its way when the configuration changes and the change is noticed.
          accounts.update(accounts.version(), with(Sensitivity.HIGH));
          Thread noticing = Thread.ofVirtual().start(() -> directory[0].poll());
          join(noticing);
        }
        return read;
      }
    });
    directory[0].poll();
    assertThat(sensitivity(directory[0])).contains(Sensitivity.MEDIUM);
    assertThat(sensitivity(directory[0])).contains(Sensitivity.HIGH);
  }

  @Test
  void a_deployment_belongs_to_one_account_only() {
    accounts.create(deployment);
    CachedDirectory directory = new CachedDirectory(accounts);
    assertThat(sensitivity(directory)).isPresent();
    assertThat(directory.configurationOf(Sid.Account.random(random), deployment.key()))
        .isEmpty();
    assertThat(sensitivity(directory)).isPresent();
  }

  @Test
  void while_the_store_hangs_callers_wait_side_by_side_and_not_in_turn() {
    CachedDirectory directory = new CachedDirectory(new Watched(accounts, () -> {
      sleep(Duration.ofMillis(500));
      throw new Unavailable("the store", "it hangs", null);
    }));
    long began = System.nanoTime();
    List<Boolean> outages = AtOnce.run(120, i -> {
      try {
        directory.accountOf(deployment.key());
        return false;
      } catch (Unavailable outage) {
        return true;
      }
    });
    assertThat(outages).containsOnly(true);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("in turn they would wait for sixty seconds")
        .isLessThan(Duration.ofSeconds(45));
  }

  @Test
  void an_outage_is_not_cached() {
    accounts.create(deployment);
    AtomicInteger reads = new AtomicInteger();
    CachedDirectory directory = new CachedDirectory(new Watched(accounts, () -> {
      if (reads.getAndIncrement() == 0) {
        throw new Unavailable("the store", "down for a moment", null);
      }
    }));
    assertThatThrownBy(() -> directory.accountOf(deployment.key())).isInstanceOf(Unavailable.class);
    assertThat(directory.accountOf(deployment.key())).contains(deployment.account());
  }

  private Optional<Sensitivity> sensitivity(Directory directory) {
    return directory
        .configurationOf(deployment.account(), deployment.key())
        .map(Configuration::fingerprintSensitivity);
  }

  private Accounts.Deployment with(Sensitivity sensitivity) {
    Accounts.Settings settings = deployment.settings();
    return new Accounts.Deployment(
        deployment.key(),
        deployment.account(),
        deployment.name(),
        new Accounts.Settings(
            settings.address(),
            settings.allowedOrigins(),
            new TokenRules(sensitivity, ProofRule.PREFER, false),
            settings.lifetimes()),
        NOW,
        NOW);
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A store that is watched while it reads what a deployment key stands for. */
  private static class Watched implements Accounts {
    private final Accounts accounts;
    private final Runnable reading;

    Watched(Accounts accounts, Runnable reading) {
      this.accounts = accounts;
      this.reading = reading;
    }

    @Override
    public Optional<Sid.Account> accountOf(Sid.Deployment key) {
      reading.run();
      return accounts.accountOf(key);
    }

    @Override
    public Optional<Configuration> configurationOf(Sid.Account account, Sid.Deployment key) {
      reading.run();
      return accounts.configurationOf(account, key);
    }

    @Override
    public void create(Account account, byte[] authTokenDigest, AccountKey key) {
      accounts.create(account, authTokenDigest, key);
    }

    @Override
    public Optional<byte[]> authTokenDigest(Sid.Account account) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean requireSecondFactor(Sid.Account account, boolean isRequired) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean resetAuthToken(Sid.Account account, byte[] authTokenDigest) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void create(Address address) {
      accounts.create(address);
    }

    @Override
    public boolean update(long version, Address address, Instant now) {
      return accounts.update(version, address, now);
    }

    @Override
    public boolean create(Deployment created) {
      return accounts.create(created);
    }

    @Override
    public boolean update(long version, Deployment updated) {
      return accounts.update(version, updated);
    }

    @Override
    public boolean delete(Sid.Deployment key) {
      return accounts.delete(key);
    }

    @Override
    public List<Account> accounts() {
      return accounts.accounts();
    }

    @Override
    public List<Address> addresses() {
      return accounts.addresses();
    }

    @Override
    public List<Deployment> deployments() {
      return accounts.deployments();
    }

    @Override
    public long version() {
      return accounts.version();
    }
  }
}
