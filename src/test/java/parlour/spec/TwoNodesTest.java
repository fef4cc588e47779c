package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.BadInputTest.assertRefused;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Main;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** Two processes that run the same roles over one PostgreSQL are one Parlour. */
class TwoNodesTest {
  @Test
  void a_guest_goes_on_at_the_other_node() {
    try (Installation installation = Installation.start(Shape.OVER_POSTGRES);
        Main other = installation.another()) {
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

  private static List<String> bodies(Reply history) {
    return ((List<?>) Objects.requireNonNull(history.json().get("messages")))
        .stream()
            .map(message -> String.valueOf(((Map<?, ?>) message).get("body")))
            .toList();
  }
}
