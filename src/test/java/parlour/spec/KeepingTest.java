package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Retention;
import parlour.accounts.SqlAccounts;
import parlour.config.Config;
import parlour.config.Role;
import parlour.ledger.Ledger;
import parlour.process.RunningConversations;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** Conversations are kept as long as their address says, wherever the roles run. */
@ParameterizedClass
@InBothShapes
class KeepingTest {
  private static final Duration KEPT = Duration.ofDays(90);

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;

  KeepingTest(Shape shape) {
    installation = installations.in(shape);
  }

  @Test
  void quiet_conversations_of_an_address_go_with_their_files_and_busy_and_other_ones_stay() {
    Guest quiet = installation.guest().starts();
    quiet.says("long ago", "a");
    String file = installation.serverUploads("offer.txt", "An offer").text("sid");
    assertThat(server("POST", quiet, "/Messages", "Author=bot&MediaSid=" + file).status())
        .isEqualTo(201);
    Guest busy = installation.guest().starts();
    Guest elsewhere = installation.guest().of(deploymentOfAnotherAddress()).starts();
    keep(Optional.of(KEPT));

    installation.clock.pass(KEPT.minusHours(1));
    assertThat(server("POST", busy, "/Messages", "Author=bot&Body=Still+here").status())
        .isEqualTo(201);
    sweep();
    assertThat(List.of(quiet, busy, elsewhere)).allMatch(this::exists);

    installation.clock.pass(Duration.ofHours(2));
    sweep();
    assertThat(exists(quiet)).isFalse();
    assertThat(List.of(busy, elsewhere)).allMatch(this::exists);
    String media = "/v1/Services/IS" + installation.account.text().substring(2) + "/Media/";
    assertThat(installation.server("GET", media + file, "").status()).isEqualTo(404);

    keep(Optional.empty());
    installation.clock.pass(KEPT);
    sweep();
    assertThat(List.of(busy, elsewhere)).allMatch(this::exists);
  }

  @Test
  void two_nodes_that_sweep_at_once_erase_each_conversation_and_fail_at_none() {
    List<Guest> guests = AtOnce.run(30, _ -> installation.guest().starts());
    keep(Optional.of(KEPT));
    installation.clock.pass(KEPT.plusHours(1));
    var _ = AtOnce.run(2, i -> {
      sweep();
      return i;
    });
    assertThat(guests).noneMatch(this::exists);
  }

  private void keep(Optional<Duration> time) {
    installation.accounts(accounts -> {
      Accounts.Address address = accounts.addresses().stream()
          .filter(one -> one.sid().equals(installation.address))
          .findFirst()
          .orElseThrow();
      assertThat(accounts.update(
              accounts.version(), address.keeping(time), installation.clock.instant()))
          .isTrue();
    });
  }

  private Sid.Deployment deploymentOfAnotherAddress() {
    Accounts.Settings settings = installation.defaults();
    Accounts.Address other = new Accounts.Address(
        Sid.Address.random(new SecureRandom()),
        installation.account,
        "Sales",
        installation.clock.instant());
    installation.accounts(accounts -> accounts.create(other));
    return installation.deploy(new Accounts.Settings(
        Optional.of(other.sid()),
        settings.allowedOrigins(),
        settings.rules(),
        settings.lifetimes()));
  }

  /** As the orchestrator does every ten minutes. */
  private void sweep() {
    try (Database database = installation.database(SqlAccounts.SCHEMA);
        RunningConversations running = new RunningConversations(
            Config.read(Optional.empty(), Map.of(), installation.settings()),
            List.of(installation.internal(Role.CONVERSATIONS)),
            installation.internalSecret(),
            installation.clock)) {
      new Retention(
              new SqlAccounts(database), running.conversations(), Ledger.NONE, installation.clock)
          .sweep();
    }
  }

  private Guest.Reply server(String method, Guest guest, String path, String form) {
    return installation.server(method, "/v1/Conversations/" + guest.conversation() + path, form);
  }

  private boolean exists(Guest guest) {
    return server("GET", guest, "", "").status() == 200;
  }
}
