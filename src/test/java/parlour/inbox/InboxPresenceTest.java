package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.SqlAccounts;
import parlour.spec.StoppedClock;
import parlour.store.Database;
import parlour.store.Sqlite;

class InboxPresenceTest {
  private static final byte[] DIGEST = new byte[32];

  private final SecureRandom random = new SecureRandom();
  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Address desk = Sid.Address.random(random);
  private final StoppedClock clock = new StoppedClock();

  @Test
  void an_inbox_counts_as_open_until_pages_could_connect_after_a_start(@TempDir Path folder) {
    try (Database database = Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA)) {
      Agents agents = agentsWithOne(database);
      InboxPresence presence = new InboxPresence(agents, clock);
      assertThat(presence.isInboxDeserted(account, desk)).isFalse();
      clock.pass(Limits.INBOX_OPEN_TTL.minusMillis(1));
      assertThat(presence.isInboxDeserted(account, desk)).isFalse();
      clock.pass(Duration.ofMillis(1));
      assertThat(presence.isInboxDeserted(account, desk)).isTrue();
      assertThat(new InboxPresence(agents, clock).isInboxDeserted(account, desk))
          .as("another process, which starts now")
          .isFalse();
    }
  }

  @Test
  void a_clock_that_is_set_back_does_not_start_the_process_again(@TempDir Path folder) {
    try (Database database = Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA)) {
      InboxPresence presence = new InboxPresence(agentsWithOne(database), clock);
      clock.jump(Duration.ofHours(-1));
      assertThat(presence.isInboxDeserted(account, desk)).isTrue();
    }
  }

  @Test
  void a_page_that_is_open_is_seen_after_the_start_and_its_absence_later(@TempDir Path folder) {
    try (Database database = Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA)) {
      Agents agents = agentsWithOne(database);
      InboxPresence presence = new InboxPresence(agents, clock);
      clock.pass(Limits.INBOX_OPEN_TTL);
      agents.signIn("d1", "ann", DIGEST, Optional.empty(), "Firefox", clock.instant());
      agents.recordOpen("d1", clock.instant());
      assertThat(presence.isInboxDeserted(account, desk)).isFalse();
      clock.pass(Limits.INBOX_OPEN_TTL);
      assertThat(presence.isInboxDeserted(account, desk)).isFalse();
      clock.pass(Duration.ofMillis(1));
      assertThat(presence.isInboxDeserted(account, desk)).isTrue();
    }
  }

  private Agents agentsWithOne(Database database) {
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
        DIGEST);
    return agents;
  }
}
