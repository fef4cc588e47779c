package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.accounts.AccountAuthenticator.Outcome;
import parlour.accounts.ApiKeys.ApiKey;
import parlour.accounts.ApiKeys.Scope;
import parlour.spec.StoppedClock;
import parlour.store.Database;
import parlour.store.Sqlite;
import parlour.trace.SecurityLog;

class AccountAuthenticatorTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final SecureRandom random = new SecureRandom();

  @TempDir
  private Path folder;

  private final StoppedClock clock = new StoppedClock();
  private final List<String> events = new ArrayList<>();
  private final Sid.Account account = Sid.Account.random(random);
  private Database database;
  private CountedKeys keys;
  private AccountAuthenticator authenticator;
  private ApiKey key;

  @BeforeEach
  void open() {
    database = Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA);
    Accounts accounts = new SqlAccounts(database);
    accounts.create(
        new Accounts.Account(account, "Shop", clock.instant()),
        GeneratedSecrets.digest("the auth token"),
        new AccountKey(new byte[AccountKey.BYTES]));
    keys = new CountedKeys(new SqlApiKeys(database));
    authenticator = new AccountAuthenticator(
        accounts,
        keys,
        new SecurityLog(
            clock,
            "a secret of a test",
            event -> events.add(
                event.event().action() + " " + event.actor().text() + " " + event.object())),
        clock);
    key = ApiKey.next(
        Sid.ApiKey.random(random),
        account,
        "bot",
        Set.of(Scope.READ),
        clock.instant(),
        Duration.ofDays(30));
    keys.create(key, GeneratedSecrets.digest(SECRET));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Outcome call(String user, String secret) {
    return authenticator.authenticate("Basic "
        + Base64.getEncoder()
            .encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8)));
  }

  private Outcome callWithKey() {
    return call(key.sid().text(), SECRET);
  }

  @Test
  void a_key_permits_its_scopes_and_the_auth_token_permits_everything() {
    ApiCaller caller = ((Outcome.Authenticated) callWithKey()).caller();
    assertThat(caller).isEqualTo(ApiCaller.with(key));
    assertThat(authenticator.permits(caller, Scope.READ)).isTrue();
    assertThat(authenticator.permits(caller, Scope.WRITE)).isFalse();
    assertThat(events).containsExactly("api-key-scope-missing " + key.sid().text() + " write");
    ApiCaller server = ((Outcome.Authenticated) call(account.text(), "the auth token")).caller();
    assertThat(server.account()).isEqualTo(account);
    for (Scope scope : Scope.values()) {
      assertThat(authenticator.permits(server, scope)).isTrue();
    }
  }

  @Test
  void wrong_secrets_unknown_keys_and_keys_as_accounts_are_refused() {
    String sid = key.sid().text();
    String unknown = Sid.ApiKey.random(random).text();
    for (Outcome outcome : List.of(
        call(sid, "guessed"),
        call(sid, "the auth token"),
        call(unknown, SECRET),
        call("SK", SECRET),
        call(sid.toUpperCase(Locale.ROOT), SECRET),
        call(account.text(), SECRET),
        call("", ""),
        authenticator.authenticate("Bearer " + SECRET),
        authenticator.authenticate(null))) {
      assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    }
    assertThat(events)
        .containsExactly(
            "api-key-refused " + sid + " ",
            "api-key-refused " + sid + " ",
            "api-key-refused unknown ",
            "account-refused unknown ",
            "account-refused unknown ",
            "account-refused " + account.text() + " ",
            "account-refused unknown ");
  }

  @Test
  void an_expired_key_is_named_so_only_to_its_holder() {
    clock.pass(Duration.ofDays(30).minusSeconds(1));
    assertThat(callWithKey()).isInstanceOf(Outcome.Authenticated.class);
    clock.pass(Duration.ofSeconds(1));
    assertThat(callWithKey()).isInstanceOf(Outcome.Expired.class);
    assertThat(call(key.sid().text(), "guessed")).isInstanceOf(Outcome.Refused.class);
    assertThat(events)
        .containsExactly(
            "api-key-expired " + key.sid().text() + " ",
            "api-key-refused " + key.sid().text() + " ");
  }

  @Test
  void right_after_a_clock_jump_no_key_expires() {
    clock.jump(Duration.ofDays(60));
    assertThatThrownBy(this::callWithKey).isInstanceOf(Unavailable.class);
    assertThat(call(key.sid().text(), "guessed")).isInstanceOf(Outcome.Refused.class);
    clock.pass(Limits.CLOCK_SETTLING);
    assertThat(callWithKey()).isInstanceOf(Outcome.Expired.class);
  }

  @Test
  void the_use_is_recorded_once_a_day() {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    for (int i = 0; i < 5; i++) {
      callWithKey();
    }
    authenticator.recordUses();
    callWithKey();
    authenticator.recordUses();
    assertThat(keys.recorded).containsExactly(today);
    assertThat(keys.apiKeys().getFirst().lastUsed()).contains(today);
    clock.pass(Duration.ofDays(1));
    callWithKey();
    callWithKey();
    authenticator.recordUses();
    assertThat(keys.recorded).containsExactly(today, today.plusDays(1));
    assertThat(call(key.sid().text(), "guessed")).isInstanceOf(Outcome.Refused.class);
    authenticator.recordUses();
    assertThat(keys.recorded).hasSize(2);
  }

  @Test
  void a_call_does_not_record_its_use_itself_and_a_use_that_cannot_be_recorded_waits() {
    keys.acceptsWrites = false;
    for (int i = 0; i < 5; i++) {
      assertThat(callWithKey()).isInstanceOf(Outcome.Authenticated.class);
    }
    assertThat(keys.recorded).isEmpty();
    assertThatThrownBy(authenticator::recordUses).isInstanceOf(IllegalStateException.class);
    assertThat(keys.apiKeys().getFirst().lastUsed()).isEmpty();
    keys.acceptsWrites = true;
    authenticator.recordUses();
    assertThat(keys.apiKeys().getFirst().lastUsed()).isPresent();
    assertThat(keys.recorded).hasSize(2);
  }

  /** The store, and how often a use was recorded. */
  private static final class CountedKeys implements ApiKeys {
    private final ApiKeys store;
    private final List<LocalDate> recorded = new ArrayList<>();

    private boolean acceptsWrites = true;

    CountedKeys(ApiKeys store) {
      this.store = store;
    }

    @Override
    public boolean create(ApiKey key, byte[] secretDigest) {
      return store.create(key, secretDigest);
    }

    @Override
    public Optional<Stored> find(Sid.ApiKey sid) {
      return store.find(sid);
    }

    @Override
    public List<ApiKey> apiKeys() {
      return store.apiKeys();
    }

    @Override
    public boolean remove(Sid.ApiKey sid) {
      return store.remove(sid);
    }

    @Override
    public void recordUse(Sid.ApiKey sid, LocalDate day) {
      recorded.add(day);
      if (!acceptsWrites) {
        throw new IllegalStateException("it accepts no writes");
      }
      store.recordUse(sid, day);
    }
  }
}
