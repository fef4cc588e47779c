package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.Schema;
import parlour.store.Sqlite;

/** The deployments of an installation that is older than key-bound sessions. */
class ProofsMigrationTest {
  private static final Schema BEFORE =
      new Schema("orchestrator", SqlAccounts.SCHEMA.migrations().subList(0, 5));

  private final SecureRandom random = new SecureRandom();
  private final Sid.Account account = Sid.Account.random(random);

  @Test
  void older_deployments_prefer_proofs_and_keep_a_session_ttl_that_was_given_in_sqlite(
      @TempDir Path folder) {
    assertMigrated(schema -> Sqlite.open(folder.resolve("orchestrator.db"), schema));
  }

  @Test
  void older_deployments_prefer_proofs_and_keep_a_session_ttl_that_was_given_in_postgresql() {
    PostgresServer server = Postgres.fresh();
    assertMigrated(schema -> Postgres.open(server, schema));
  }

  private void assertMigrated(Function<Schema, Database> open) {
    Sid.Deployment usual;
    Sid.Deployment given;
    try (Database database = open.apply(BEFORE)) {
      database.write(sql ->
          sql.update("""
              INSERT INTO account (sid, name, auth_token_digest, digest_key, created_at)
              VALUES (?, 'Shop', ?, ?, ?)
              """, account.text(), new byte[32], new byte[AccountKey.BYTES], Instant.EPOCH));
      usual = deploy(database, Duration.ofHours(24));
      given = deploy(database, Duration.ofDays(2));
    }
    try (Database database = open.apply(SqlAccounts.SCHEMA)) {
      Accounts accounts = new SqlAccounts(database);
      Configuration byKind = accounts.configurationOf(account, usual).orElseThrow();
      assertThat(byKind.proof()).isEqualTo(ProofRule.PREFER);
      assertThat(byKind.realtime()).isFalse();
      assertThat(byKind.settings().lifetimes().session()).isEmpty();
      assertThat(byKind.settings().lifetimes().idle()).isEmpty();
      assertThat(byKind.settings().lifetimes().keep()).contains(Duration.ofDays(90));
      assertThat(byKind.sessionTtl(true)).isEqualTo(Duration.ofDays(30));
      assertThat(byKind.sessionTtl(false)).isEqualTo(Duration.ofHours(24));
      Configuration fixed = accounts.configurationOf(account, given).orElseThrow();
      assertThat(fixed.settings().lifetimes().session()).isEqualTo(Optional.of(Duration.ofDays(2)));
      assertThat(fixed.idleTtl()).isEqualTo(Duration.ofDays(2));
    }
  }

  private Sid.Deployment deploy(Database database, Duration sessionTtl) {
    Sid.Deployment key = Sid.Deployment.random(random);
    database.write(
        sql -> sql.update("""
            INSERT INTO deployment (deployment_key, account_sid, name, allowed_origins,
              fingerprint_sensitivity, token_ttl_seconds, session_ttl_seconds, revoke_on_replay,
              keep_seconds, created_at, updated_at)
            VALUES (?, ?, 'Shop', '', 'medium', 21600, ?, ?, 7776000, 0, 0)
            """, key.text(), account.text(), sessionTtl.toSeconds(), false));
    return key;
  }
}
