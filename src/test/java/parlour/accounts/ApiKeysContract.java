package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.ApiKeys.ApiKey;
import parlour.accounts.ApiKeys.Scope;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of the store of API keys, over each database. */
abstract class ApiKeysContract {
  private static final Instant NOW = Instant.parse("2026-01-01T23:30:00Z");
  private static final SecureRandom random = new SecureRandom();

  private final Sid.Account account = Sid.Account.random(random);
  private Database database;
  private ApiKeys keys;

  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    new SqlAccounts(database)
        .create(
            new Accounts.Account(account, "Shop", NOW),
            new byte[32],
            new AccountKey(new byte[AccountKey.BYTES]));
    keys = new SqlApiKeys(database);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  private ApiKey next(Scope... scopes) {
    return ApiKey.next(
        Sid.ApiKey.random(random), account, "The bot", Set.of(scopes), NOW, Duration.ofDays(9));
  }

  @Test
  void a_key_is_found_with_its_digest_and_listed_without_and_is_gone_when_removed() {
    ApiKey key = next(Scope.WRITE, Scope.READ);
    byte[] digest = GeneratedSecrets.digest("a secret");
    assertThat(keys.create(key, digest)).isTrue();
    assertThat(keys.find(key.sid())).get().satisfies(found -> {
      assertThat(found.key()).isEqualTo(key);
      assertThat(found.secretDigest()).isEqualTo(digest);
    });
    ApiKey all = next(Scope.values());
    keys.create(all, digest);
    assertThat(keys.apiKeys()).containsExactlyInAnyOrder(key, all);
    assertThat(keys.remove(key.sid())).isTrue();
    assertThat(keys.remove(key.sid())).isFalse();
    assertThat(keys.find(key.sid())).isEmpty();
    assertThat(keys.apiKeys()).containsExactly(all);
  }

  @Test
  void the_day_of_the_last_use_only_goes_forward() {
    ApiKey key = next(Scope.READ);
    keys.create(key, new byte[32]);
    LocalDate day = LocalDate.parse("2026-01-02");
    keys.recordUse(key.sid(), day);
    keys.recordUse(key.sid(), day.minusDays(1));
    assertThat(keys.apiKeys())
        .singleElement()
        .satisfies(one -> assertThat(one.lastUsed()).contains(day));
    keys.recordUse(Sid.ApiKey.random(random), day);
    assertThat(keys.apiKeys()).hasSize(1);
  }

  @Test
  void an_account_has_a_bounded_number_of_keys_also_if_they_are_made_at_once() {
    assertThat(AtOnce.run(4, thread -> {
              int created = 0;
              for (int i = 0; i < Limits.API_KEYS / 2; i++) {
                created += keys.create(next(Scope.READ), new byte[32]) ? 1 : 0;
              }
              return created;
            })
            .stream()
            .mapToInt(Integer::intValue)
            .sum())
        .isEqualTo(Limits.API_KEYS);
    assertThat(keys.apiKeys()).hasSize(Limits.API_KEYS);
    keys.remove(keys.apiKeys().getFirst().sid());
    assertThat(keys.create(next(Scope.READ), new byte[32])).isTrue();
  }

  @Test
  void a_key_of_no_account_is_not_made() {
    ApiKey key = ApiKey.next(
        Sid.ApiKey.random(random),
        Sid.Account.random(random),
        "A bot",
        Set.of(Scope.READ),
        NOW,
        Duration.ofDays(1));
    assertThat(keys.create(key, new byte[32])).isFalse();
    assertThat(keys.apiKeys()).isEmpty();
  }

  @Test
  void a_scope_of_a_later_version_is_not_granted() {
    ApiKey key = next(Scope.READ);
    keys.create(key, new byte[32]);
    int _ = database.write(sql -> sql.update("UPDATE api_key SET scopes = 'read everything'"));
    assertThat(keys.apiKeys()).containsExactly(key);
  }

  @Test
  void a_key_needs_a_name_a_scope_and_a_bounded_life() {
    for (String name : new String[] {" ", "a\nb", "x".repeat(Limits.API_KEY_NAME_CHARACTERS + 1)}) {
      assertThatThrownBy(() -> make(name, Set.of(Scope.READ), Duration.ofDays(1)))
          .hasMessageContaining("one line of 1 to 64 characters");
    }
    assertThatThrownBy(() -> make("bot", Set.of(), Duration.ofDays(1)))
        .hasMessageContaining("permits nothing");
    for (Duration ttl : new Duration[] {
      Duration.ZERO, Limits.MIN_API_KEY_TTL.minusSeconds(1), Limits.MAX_API_KEY_TTL.plusSeconds(1)
    }) {
      assertThatThrownBy(() -> make("bot", Set.of(Scope.READ), ttl))
          .hasMessageContaining("from 1m to 366d");
    }
    assertThat(make("bot", Set.of(Scope.READ), Limits.MAX_API_KEY_TTL).expires())
        .isEqualTo(NOW.plus(Limits.MAX_API_KEY_TTL));
  }

  private ApiKey make(String name, Set<Scope> scopes, Duration ttl) {
    return ApiKey.next(Sid.ApiKey.random(random), account, name, scopes, NOW, ttl);
  }
}
