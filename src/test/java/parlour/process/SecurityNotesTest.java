package parlour.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import parlour.ledger.LedgerNote;
import parlour.trace.SecurityLog;
import parlour.trace.SecurityLog.Event;

class SecurityNotesTest {
  @Test
  void the_ledger_has_the_names_of_agents_and_no_digest_of_an_address() {
    List<LedgerNote> notes = new ArrayList<>();
    SecurityLog log = new SecurityLog(
        InstantSource.system(),
        "a secret of thirty-two characters",
        event -> notes.add(SecurityNotes.of(event)));
    log.write(Event.AGENT_SIGNED_IN, "address-bob", "");
    log.writeOfAddress(Event.SIGN_INS_LIMITED, "203.0.113.7");
    assertThat(notes).extracting(LedgerNote::actor).containsExactly("address-bob", "");
  }
}
