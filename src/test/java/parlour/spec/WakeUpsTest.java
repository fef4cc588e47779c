package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ParlourProcess;
import parlour.spec.Installation.Shape;

/** Guests who listen while the orchestrator and Conversations are separate processes. */
class WakeUpsTest {
  private static final int GUESTS = 5;
  private static final int TABS = 10;
  private static final Pattern CONNECTIONS =
      Pattern.compile("parlour_connections\\{listener=\"internal\"} (\\d+)");

  @ParameterizedTest
  @EnumSource(names = {"A_PROCESS_PER_ROLE", "ROLES_OVER_POSTGRES"})
  void fifty_listening_sockets_keep_no_connection_each_to_conversations(Shape shape) {
    try (Installation installation = Installation.start(shape);
        var listening = new Listening(installation)) {
      listening.opens(1);
      int before = connections(installation);
      for (int i = 1; i < GUESTS; i++) {
        listening.opens(TABS);
      }
      listening.opens(TABS - 1);
      listening.allReceive("now");
      assertThat(listening.sockets).hasSize(GUESTS * TABS);
      // Reads at the same time have used a few connections, which stay open for a while.
      assertThat(connections(installation) - before).isLessThan(GUESTS * TABS / 2);
    }
  }

  @Test
  void messages_arrive_once_while_a_node_of_conversations_is_cut_off_hangs_and_stops() {
    try (Installation installation = Installation.start(Shape.ROLES_OVER_POSTGRES);
        var network = new BreakableNetwork(installation.internal(Role.CONVERSATIONS))) {
      ParlourProcess other = installation.startAnother(Role.CONVERSATIONS);
      installation.stop(Role.ORCHESTRATOR);
      installation.startAgain(
          Role.ORCHESTRATOR,
          Map.of(Setting.CONVERSATIONS_URL, network.address() + "," + other.internalAddress()));
      try (var listening = new Listening(installation)) {
        for (int i = 0; i < GUESTS; i++) {
          listening.opens(2);
        }
        listening.allReceive("with two nodes");
        network.cut();
        listening.allReceive("with one that is cut off");
        network.restore();
        listening.allReceive("with two again");
        network.breakConnections();
        listening.allReceive("with new connections");
        network.hang();
        listening.allReceive("with one that hangs");
        listening.allReceive("once more");
        network.goOn();
        listening.allReceive("when it goes on");
        other.close();
        listening.allReceive("with the other one stopped");
        installation.restart(Role.CONVERSATIONS);
        listening.allReceive("after a restart");
        listening.allReceive("at last");
      }
    }
  }

  @Test
  void nobody_opens_a_stream_without_the_internal_secret() {
    try (Installation installation = Installation.start(Shape.A_PROCESS_PER_ROLE)) {
      URI next = installation.internal(Role.CONVERSATIONS).resolve("/v1/WakeUps/next");
      String call = "{\"process\":\"p\",\"stream\":\"s\",\"received\":0}";
      assertThat(Http.post(next, "guessed-guessed-guessed", call).statusCode()).isEqualTo(404);
      assertThat(Http.post(next, installation.internalSecret(), call).statusCode())
          .isEqualTo(200);
    }
  }

  private static int connections(Installation installation) {
    String metrics = Http.get(
            installation.internal(Role.CONVERSATIONS).resolve("/metrics"),
            installation.internalSecret())
        .body();
    Matcher found = CONNECTIONS.matcher(metrics);
    assertThat(found.find()).as(metrics).isTrue();
    return Integer.parseInt(found.group(1));
  }

  /** Guests with open sockets. */
  private static final class Listening implements AutoCloseable {
    private final Installation installation;
    private final List<Guest> guests = new ArrayList<>();
    private final List<GuestSocket> sockets = new ArrayList<>();
    private int said;

    Listening(Installation installation) {
      this.installation = installation;
    }

    /** One more guest opens some sockets. */
    void opens(int tabs) {
      Guest guest = installation.guest().starts();
      guests.add(guest);
      for (int i = 0; i < tabs; i++) {
        GuestSocket socket = guest.opensSocket().says(guest.hello(-1));
        sockets.add(socket);
        socket.receives("welcome");
      }
    }

    /** Each guest says something, and all of that guest's sockets receive it, and nothing before it. */
    void allReceive(String text) {
      said++;
      for (Guest guest : guests) {
        until("a node takes it", () -> guest.says(text, "a" + said).status() == 201);
      }
      for (GuestSocket socket : sockets) {
        assertThat(socket.receivesUntil(text)).containsExactly(text);
      }
    }

    @Override
    public void close() {
      sockets.forEach(GuestSocket::close);
    }
  }
}
