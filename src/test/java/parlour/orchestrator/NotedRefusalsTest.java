package parlour.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Sid;
import parlour.accounts.AllowedOrigins;
import parlour.errors.Problem;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerShare;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Sensitivity;
import parlour.spec.Browser;

/** The part of the ledger that a refused call uses. */
class NotedRefusalsTest {
  private static final Optional<String> NETWORK = Optional.of("cb0071");

  @Test
  void deployments_that_do_not_exist_share_one_part_of_the_ledger(@TempDir Path folder) {
    List<LedgerNote> notes = new ArrayList<>();
    List<LedgerShare> shares = new ArrayList<>();
    try (TestOrchestrator orchestrator = new TestOrchestrator(folder, Sensitivity.MEDIUM)) {
      orchestrator.configure(
          Sensitivity.MEDIUM, new AllowedOrigins(List.of("https://other.example.com")));
      FlexWebchatOrchestrator noted = new NotedRefusals(orchestrator.service, new Ledger() {
        @Override
        public void add(LedgerNote note) {
          throw new AssertionError("a call comes from a network");
        }

        @Override
        public void add(LedgerNote note, LedgerShare share) {
          notes.add(note);
          shares.add(share);
        }
      });
      Sid.Deployment real = orchestrator.configuration().deployment();
      Sid.Deployment invented = Sid.Deployment.random(orchestrator.random);
      refresh(noted, real);
      refresh(noted, invented);
      assertThat(shares)
          .containsExactly(
              new LedgerShare(Optional.of(real), NETWORK),
              new LedgerShare(Optional.empty(), NETWORK));
      assertThat(notes.stream().map(LedgerNote::deployment))
          .as("an operator finds a wrong key of a page")
          .containsExactly(Optional.of(real), Optional.of(invented));
    }
  }

  private static void refresh(FlexWebchatOrchestrator noted, Sid.Deployment deployment) {
    BrowserRequest request = new BrowserRequest(
        Browser.CHROME_ON_WINDOWS.headers()::get, (_, _) -> {}, Optional.empty(), NETWORK);
    GuestToken token = new GuestToken("v4.local.none");
    assertThatThrownBy(() -> noted.refresh(deployment, token, request)).isInstanceOf(Problem.class);
  }
}
