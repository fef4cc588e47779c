package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.BadInputTest.assertRefused;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.process.ParlourProcess;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** Two processes that run the same roles over one PostgreSQL are one Parlour. */
class TwoNodesTest {
  @Test
  void a_guest_goes_on_at_the_other_node() {
    try (Installation installation = Installation.start(Shape.OVER_POSTGRES);
        ParlourProcess other = installation.another()) {
      Guest guest = installation.guest().starts();
      guest.says("said to the one", "a");

      installation.edgeIs(other.publicAddress().orElseThrow());
      String superseded = guest.token();
      assertThat(guest.reloads().status()).isEqualTo(200);
      assertThat(guest.reloads().status()).isEqualTo(200);
      guest.says("said to the other", "b");
      assertThat(bodies(guest.get("/v2/Webchat/Messages")))
          .containsExactly("said to the one", "said to the other");

      installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
      assertRefused(guest.refreshes(superseded), 401, 45775, Installation.ORIGIN);
    }
  }

  @Test
  void an_end_at_one_node_ends_sockets_at_the_other() {
    try (Installation installation = Installation.start(Shape.OVER_POSTGRES);
        ParlourProcess other = installation.another()) {
      URI one = installation.edge();
      Sid.Deployment deployment = installation.deploy(installation.defaults());
      Guest deleted = installation.guest().of(deployment).starts();
      Guest erased = installation.guest().starts();
      Guest guest = installation.guest().starts();
      Guest thief = guest.copiedTo(Browser.CHROME_ON_WINDOWS);
      guest.reloads();
      guest.says("by now the token is superseded", "a");

      installation.edgeIs(other.publicAddress().orElseThrow());
      try (GuestSocket inbox = EndedTest.inbox(installation);
          GuestSocket ofDeleted = deleted.opensSocket().says(deleted.hello(-1));
          GuestSocket ofErased = erased.opensSocket().says(erased.hello(-1));
          GuestSocket ofThief = thief.opensSocket().says(thief.hello(-1))) {
        for (GuestSocket each : List.of(inbox, ofDeleted, ofErased, ofThief)) {
          each.receives("welcome");
        }
        installation.edgeIs(one);
        installation.accounts(accounts -> accounts.delete(deployment));
        ServerApiTest.erases(installation, erased);
        installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
        assertRefused(thief.refreshes(thief.token()), 401, 45775, Installation.ORIGIN);

        assertThat(ofDeleted.receives("refused")).containsEntry("code", 45778L);
        assertThat(ofErased.receives("erased")).isNotNull();
        assertThat(inbox.receives("erased"))
            .containsEntry("conversation_sid", erased.conversation());
        assertThat(ofThief.receives("refused")).containsEntry("code", 45775L);
      }
    }
  }

  private static List<String> bodies(Reply history) {
    return ((List<?>) Objects.requireNonNull(history.json().get("messages")))
        .stream()
            .map(message -> String.valueOf(((Map<?, ?>) message).get("body")))
            .toList();
  }
}
