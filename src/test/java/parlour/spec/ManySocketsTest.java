package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Lifetimes;
import parlour.config.Role;
import parlour.http.InternalProtocol;
import parlour.spec.Installation.Shape;

/** Many sockets, floods on a socket, and the ends of sockets. */
@ParameterizedClass
@InBothShapes
class ManySocketsTest {
  private static final Follows follows = new Follows();

  @AutoClose
  private static final BothShapes installations = new BothShapes(follows, Map.of());

  private final Installation installation;
  private final Guest guest;

  ManySocketsTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().starts();
  }

  @Test
  void more_listeners_than_connections_for_calls_do_not_block_a_message() {
    List<GuestSocket> sockets = new ArrayList<>();
    try {
      while (sockets.size() < Limits.CLIENT_CONNECTIONS + 20) {
        Guest other = installation.guest().starts();
        for (int i = 0; i < 20; i++) {
          GuestSocket socket = other.opensSocket().says(other.hello(1));
          sockets.add(socket);
          assertThat(socket.receives()).containsEntry("type", "welcome");
        }
      }
      // A call that had to wait until a listener gives its connection back would be a 503:
      assertThat(Limits.CONVERSATIONS_DEADLINE).isLessThan(Limits.FOLLOW_TIMEOUT);
      assertThat(guest.says("Anybody?", "a").status()).isEqualTo(201);
      assertThat(guest.get("/v2/Webchat/Messages").status()).isEqualTo(200);
      assertThat(sockets).noneMatch(GuestSocket::isOver);
    } finally {
      sockets.forEach(GuestSocket::close);
    }
  }

  @Test
  void a_session_has_a_limited_number_of_sockets_and_a_closed_one_makes_room() throws Exception {
    List<GuestSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < Limits.SOCKETS_PER_SESSION; i++) {
        GuestSocket socket = guest.opensSocket().says(guest.hello(1));
        sockets.add(socket);
        assertThat(socket.receives()).containsEntry("type", "welcome");
      }
      try (GuestSocket one = guest.opensSocket().says(guest.hello(1))) {
        assertThat(one.receives())
            .containsEntry("type", "refused")
            .containsEntry("code", 45780L)
            .containsEntry("action", "retry");
        assertThat(one.closedWith()).isEqualTo(1013);
      }
      try (GuestSocket one = opensInside().says(guest.hello(1))) {
        assertThat(one.receives())
            .as("both listeners count together")
            .containsEntry("code", 45780L);
      }
      sockets.removeLast().close();
      String first = "";
      for (int tries = 0; tries < 200 && !first.equals("welcome"); tries++) {
        Thread.sleep(100); // until the server has noticed the end
        try (GuestSocket again = guest.opensSocket().says(guest.hello(1))) {
          first = String.valueOf(again.receives().get("type"));
        }
      }
      assertThat(first).isEqualTo("welcome");
    } finally {
      sockets.forEach(GuestSocket::close);
    }
  }

  /** Opens a socket at the internal listener, as an edge in another process does. */
  private GuestSocket opensInside() {
    Map<String, String> headers = new HashMap<>(Browser.CHROME_ON_WINDOWS.headers());
    headers.keySet().removeIf(name -> name.startsWith("x-"));
    headers.put(InternalProtocol.SECRET_HEADER, installation.internalSecret());
    return GuestSocket.open(
        installation.internal(Role.ORCHESTRATOR),
        "/v2/Webchat/Stream",
        headers,
        Installation.ORIGIN);
  }

  @Test
  void a_flood_on_a_socket_ends_it() {
    String token = "{\"type\":\"token\",\"token\":\"%s\"}".formatted(guest.token());
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(1))) {
      for (int i = 0; i <= Limits.SOCKET_TEXTS_PER_MINUTE; i++) {
        socket.says(token);
      }
      assertThat(socket.receives("refused")).containsEntry("code", 45780L);
      assertThat(socket.closedWith()).isEqualTo(1013);
    }
  }

  @Test
  void an_erased_conversation_ends_its_sockets() {
    guest.says("forget me", "a");
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      socket.receivesUntil("forget me");
      ServerApiTest.erases(installation, guest);
      socket.receives("erased");
      assertThat(socket.closedWith()).isEqualTo(1008);
    }
  }

  @Test
  void a_socket_is_warned_before_its_token_ends_and_ends_with_it_unless_another_comes() {
    Duration ttl = Duration.ofMinutes(10); // its last tenth is long enough for a slow machine
    Accounts.Settings settings = installation.defaults();
    Sid.Deployment quick = installation.deploy(new Accounts.Settings(
        settings.address(), settings.allowedOrigins(), settings.rules(), Lifetimes.ofTokens(ttl)));
    Guest brief = installation.guest().of(quick).starts();
    try (GuestSocket socket = brief.opensSocket().says(brief.hello(-1))) {
      socket.receives("welcome");
      installation.clock.pass(ttl.minusSeconds(50));
      brief.says("wake", "a");
      socket.receives("token_expiring");
      brief.reloads();
      socket.says("{\"type\":\"token\",\"token\":\"%s\"}".formatted(brief.token()));
      socket.receives("token_accepted");
      installation.clock.pass(Duration.ofSeconds(60)); // past the end of the first token
      brief.says("still here", "b");
      assertThat(socket.receivesUntil("still here")).contains("still here");
      installation.clock.pass(ttl.minusSeconds(110));
      brief.says("wake again", "c");
      socket.receives("token_expiring");
      installation.clock.pass(Duration.ofSeconds(60));
      assertThat(socket.receives("refused")).containsEntry("code", 45775L);
      assertThat(socket.closedWith()).isEqualTo(1008);
    }
  }

  @Test
  void a_process_that_stops_does_not_wait_for_listeners() {
    Guest listener = installation.guest().starts();
    try (GuestSocket socket = listener.opensSocket().says(listener.hello(1))) {
      socket.receives("welcome");
      follows.untilItIsFollowed(new Sid.Conversation(listener.conversation()), 0);
      long began = System.nanoTime();
      installation.restart(Role.CONVERSATIONS);
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .as("less than that wait")
          .isLessThan(Limits.FOLLOW_TIMEOUT);
    }
  }
}
