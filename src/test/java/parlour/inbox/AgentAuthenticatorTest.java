package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.GeneratedSecrets;
import parlour.accounts.SqlAccounts;
import parlour.inbox.AgentAuthenticator.SignIn;
import parlour.rates.LocalRateLimiter;
import parlour.scopedauth.SealedSecrets;
import parlour.spec.StoppedClock;
import parlour.store.Database;
import parlour.store.Sqlite;
import parlour.trace.SecurityLog;

class AgentAuthenticatorTest {
  @Test
  void right_after_a_clock_jump_no_agent_is_signed_out_and_no_stranger_is_accepted(
      @TempDir Path folder) {
    StoppedClock clock = new StoppedClock();
    SecureRandom random = new SecureRandom();
    try (Database database = Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA)) {
      Sid.Account account = Sid.Account.random(random);
      new SqlAccounts(database)
          .create(
              new Accounts.Account(account, "Shop", clock.instant()),
              new byte[32],
              new AccountKey(new byte[AccountKey.BYTES]));
      Agents agents = new SqlAgents(database);
      agents.create(
          new Agents.Agent(
              "ann",
              account,
              Agents.Agent.nextIdentity(random),
              "Ann Lee",
              Agents.Role.AGENT,
              clock.instant()),
          GeneratedSecrets.digest("a password"));
      SecurityLog security = new SecurityLog(clock, "a secret of a test", _ -> {});
      AgentAuthenticator authenticator = new AgentAuthenticator(
          agents,
          new SecondFactorCheck(
              new SqlSecondFactors(database),
              new NoSecrets(),
              security,
              ClockWatch.of(clock),
              random),
          new LocalRateLimiter(() -> 0),
          security,
          clock,
          random);
      String cookie = ((SignIn.SignedIn)
              authenticator.signIn("ann", "a password", Optional.empty(), ""))
          .cookie();
      String stranger = GeneratedSecrets.nextCookie(random);

      clock.jump(Duration.ofDays(10));
      assertThatThrownBy(() -> authenticator.signedIn(cookie)).isInstanceOf(Unavailable.class);
      assertThat(authenticator.signedIn(stranger)).isEmpty();
      clock.jump(Duration.ofDays(-10));
      assertThat(authenticator.signedIn(cookie)).isPresent();

      clock.jump(Duration.ofDays(10));
      assertThatThrownBy(() -> authenticator.signedIn(cookie)).isInstanceOf(Unavailable.class);
      clock.pass(Limits.CLOCK_SETTLING);
      assertThat(authenticator.signedIn(cookie)).isEmpty();
    }
  }

  /** Nobody has a second factor here. */
  private static final class NoSecrets implements SealedSecrets {
    @Override
    public String seal(String owner, String secret) {
      throw new IllegalStateException("nobody adds a second factor");
    }

    @Override
    public Optional<String> open(String owner, String sealed) {
      throw new IllegalStateException("nobody has a second factor");
    }
  }
}
