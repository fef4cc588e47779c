package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.ClockWatch;
import parlour.Identity;
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
import parlour.trace.SecurityLog.Event;

class AgentAuthenticatorTest {
  private final StoppedClock clock = new StoppedClock();
  private final SecureRandom random = new SecureRandom();
  private final Identity ann = Agents.Agent.nextIdentity(random);
  private final List<Event> events = new ArrayList<>();

  @TempDir
  private Path folder;

  @AutoClose
  private Database database;

  private SecondFactors factors;
  private AgentAuthenticator authenticator;

  @BeforeEach
  void open() {
    database = Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA);
    Sid.Account account = Sid.Account.random(random);
    new SqlAccounts(database)
        .create(
            new Accounts.Account(account, "Shop", clock.instant()),
            new byte[32],
            new AccountKey(new byte[AccountKey.BYTES]));
    Agents agents = new SqlAgents(database);
    agents.create(
        new Agents.Agent("ann", account, ann, "Ann Lee", Agents.Role.AGENT, clock.instant()),
        GeneratedSecrets.digest("a password"));
    SecurityLog security =
        new SecurityLog(clock, "a secret of a test", event -> events.add(event.event()));
    factors = new SqlSecondFactors(database);
    authenticator = new AgentAuthenticator(
        agents,
        new SecondFactorCheck(factors, new NoSecrets(), security, ClockWatch.of(clock), random),
        new LocalRateLimiter(() -> 0),
        security,
        clock,
        random);
  }

  private SignIn signIn(String password) {
    return authenticator.signIn("ann", password, Optional.empty(), "");
  }

  @Test
  void right_after_a_clock_jump_no_agent_is_signed_out_and_no_stranger_is_accepted() {
    String cookie = ((SignIn.SignedIn) signIn("a password")).cookie();
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

  @Test
  void a_right_password_without_the_code_is_a_security_event() {
    factors.begin(ann, "sealed", clock.instant());
    factors.confirm(ann, "sealed", 1, List.of(), "");
    assertThat(signIn("a password")).isEqualTo(new SignIn.CodeMissing());
    assertThat(signIn("a guess")).isEqualTo(new SignIn.Refused());
    assertThat(events).containsExactly(Event.AGENT_CODE_REQUESTED, Event.AGENT_REFUSED);
  }

  /** Nobody sends a code here. */
  private static final class NoSecrets implements SealedSecrets {
    @Override
    public String seal(String owner, String secret) {
      throw new IllegalStateException("nobody adds a second factor");
    }

    @Override
    public Optional<String> open(String owner, String sealed) {
      throw new IllegalStateException("nobody sends a code");
    }
  }
}
