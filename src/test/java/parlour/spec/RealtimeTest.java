package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.spec.TestClients.Rejected;
import parlour.spec.TestClients.SdkClient;

/** The published client packages, unchanged, at the realtime sockets. */
@ParameterizedClass
@EnumSource(value = Shape.class, names = "ONE_PROCESS")
class RealtimeTest {
  static final List<String> VERSIONS = TestClients.VERSIONS;

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private static final TestClients clients = TestClients.start();
  private static final Map<Shape, Sid.Deployment> deployments = new EnumMap<>(Shape.class);

  private final Installation installation;
  private final Guest guest;
  private final List<SdkClient> connected = new ArrayList<>();

  RealtimeTest(Shape shape) {
    installation = installations.in(shape);
    // Node sends no Origin, so that only a deployment without a list admits it.
    Sid.Deployment deployment = deployments.computeIfAbsent(
        shape,
        _ -> installation.deploy(new Accounts.Settings(
            Optional.of(installation.address),
            AllowedOrigins.any(),
            TokenRules.DEFAULT.withRealtime(),
            Lifetimes.DEFAULT)));
    guest = installation.guest().of(deployment).starts();
  }

  @AfterEach
  void everyErrorOfTheClientsWasCaught() {
    connected.forEach(one -> one.does("shutdown"));
    assertThat(clients.unexpected()).isEmpty();
  }

  @AfterAll
  static void stop() {
    clients.close();
  }

  private SdkClient connect(String version) {
    return connect(version, guest.token(), installation.edge().getPort());
  }

  private SdkClient connect(String version, String token, int port) {
    SdkClient client = clients.client(version);
    connected.add(client);
    client.connect(token, port);
    // The package loads the conversation after its start; what comes meanwhile is history to it.
    client.lists("newest", here("size", 1));
    return client;
  }

  private Reply server(String method, String path, String form) {
    return installation.server(method, "/v1/Conversations/" + guest.conversation() + path, form);
  }

  private Object[] here(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("sid", guest.conversation()));
    all.addAll(List.of(arguments));
    return all.toArray();
  }

  private static List<String> bodies(List<Map<String, @Nullable Object>> messages) {
    return messages.stream().map(one -> String.valueOf(one.get("body"))).toList();
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_client_finds_its_conversation_its_participants_and_their_names(String version) {
    server("POST", "/Participants", "Identity=ann&FriendlyName=Ann");
    server("POST", "/Messages", "Author=ann&Body=Hello");
    SdkClient client = connect(version);
    assertThat(client.does("conversations")).isEqualTo(List.of(guest.conversation()));
    assertThat(client.gets("conversation", here()))
        .containsEntry("status", "joined")
        .containsEntry("state", "active")
        .containsEntry("attributes", Map.of())
        .containsEntry("last", 0L)
        .containsEntry("messages", 1L)
        .containsEntry("participants", 2L);
    assertThat(client.lists("participants", here()))
        .extracting(one -> one.get("name"))
        .containsExactlyInAnyOrder("Ada", "Ann");
    assertThat(client.gets("user")).containsEntry("name", "Ada");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void messages_go_both_ways_and_each_is_seen_once(String version) {
    SdkClient client = connect(version);
    client.does("send", here("body", "Hellö <b>world</b> 🙂", "attributes", Map.of("a", 1)));
    server("POST", "/Participants", "Identity=ann");
    server("POST", "/Messages", "Author=ann&Body=Hi");
    assertThat(client.sees("messageAdded", one -> "Hi".equals(one.get("body"))))
        .containsEntry("author", "ann")
        .containsEntry("index", 1L);
    assertThat(bodies(client.seen("messageAdded"))).containsExactly("Hellö <b>world</b> 🙂", "Hi");
    assertThat(client.seen("messageAdded").getFirst()).containsEntry("attributes", Map.of("a", 1L));
    assertThat(client.sees("participantJoined", one -> "ann".equals(one.get("identity"))))
        .isNotEmpty();
    assertThat(guest.get("/v2/Webchat/Messages").text("messages")).contains("Hellö");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void an_edit_and_a_removal_are_seen(String version) {
    SdkClient client = connect(version);
    String edited = server("POST", "/Messages", "Author=bot&Body=one").text("sid");
    String removed = server("POST", "/Messages", "Author=bot&Body=two").text("sid");
    client.sees("messageAdded", one -> removed.equals(one.get("sid")));
    server("POST", "/Messages/" + edited, "Body=better");
    server("DELETE", "/Messages/" + removed, "");
    client.sees("messageUpdated", one -> "better".equals(one.get("body")));
    client.sees("messageRemoved", one -> removed.equals(one.get("sid")));
    // A page leaves out for a second what the client was notified of.
    List<String> shown;
    do {
      shown = bodies(client.lists("history", here("size", 10)));
    } while (shown.isEmpty());
    assertThat(shown).containsExactly("better");
  }

  @Test
  void the_history_is_read_both_ways_without_the_removed_messages() {
    List<String> expected = new ArrayList<>();
    List<String> sids = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      sids.add(server("POST", "/Messages", "Author=bot&Body=m" + i).text("sid"));
      expected.add("m" + i);
    }
    IntStream.range(10, 40).filter(i -> i % 7 != 0).forEach(i -> {
      server("DELETE", "/Messages/" + sids.get(i), "");
      expected.remove("m" + i);
    });
    for (String version : VERSIONS) {
      SdkClient client = connect(version);
      assertThat(bodies(client.lists("history", here("size", 10)))).as(version).isEqualTo(expected);
      assertThat(bodies(client.lists("historyDown", here("size", 25))))
          .as(version)
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void typing_is_seen_both_ways(String version) {
    guest.says("Hello", "a-1");
    AgentBrowser agent = new AgentBrowser(installation);
    SdkClient client = connect(version);
    agent.posts(guest.conversation(), "typing", "{}"); // joins
    client.sees("participantJoined", one -> true);
    agent.posts(guest.conversation(), "typing", "{}");
    client.sees("typingStarted", one -> true);
    client.does("typing", here());
    agent.says(guest.conversation(), "Hi", "b-1");
    client.sees("typingEnded", one -> true);
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void read_horizons_move_in_both_directions(String version) {
    AgentBrowser agent = new AgentBrowser(installation);
    guest.says("one", "a-1");
    guest.says("two", "a-2");
    agent.posts(guest.conversation(), "typing", "{}"); // joins
    SdkClient client = connect(version);
    client.lists("participants", here());
    client.does("read", here("index", 1));
    client.sees("conversationUpdated", one -> Long.valueOf(1).equals(one.get("read")));
    agent.posts(guest.conversation(), "read", "{\"index\":1}");
    client.sees(
        "participantUpdated",
        one -> !String.valueOf(one.get("identity")).startsWith("guest")
            && Long.valueOf(1).equals(one.get("read")));
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void messages_that_were_sent_during_an_interruption_are_seen_once(String version) {
    TestClients.CuttableLine line = clients.line(installation.edge().getPort());
    SdkClient client = connect(version, guest.token(), line.port());
    server("POST", "/Messages", "Author=bot&Body=before");
    client.sees("messageAdded", one -> "before".equals(one.get("body")));
    line.interrupt();
    String edited = server("POST", "/Messages", "Author=bot&Body=during").text("sid");
    server("POST", "/Messages/" + edited, "Body=during+and+edited");
    server("POST", "/Participants", "Identity=late&FriendlyName=Late");
    line.cut();
    client.sees("messageAdded", one -> "during and edited".equals(one.get("body")));
    server("POST", "/Messages", "Author=bot&Body=after");
    client.sees("messageAdded", one -> "after".equals(one.get("body")));
    assertThat(bodies(client.seen("messageAdded")))
        .containsExactly("before", "during and edited", "after");
    assertThat(client.lists("participants", here()))
        .extracting(one -> one.get("name"))
        .contains("Late");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_new_token_is_asked_for_and_presented_on_the_open_socket(String version) {
    SdkClient client = connect(version);
    installation.clock.pass(Limits.TOKEN_TTL_DEFAULT.minus(Duration.ofMinutes(2)));
    client.sees("tokenAboutToExpire", one -> true);
    guest.reloads();
    client.does("updateToken", "token", guest.token());
    installation.clock.pass(Duration.ofMinutes(3));
    server("POST", "/Messages", "Author=bot&Body=still+here");
    client.sees("messageAdded", one -> "still here".equals(one.get("body")));
    assertThat(client.seen("tokenExpired")).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void the_end_of_a_token_is_seen_and_a_new_one_connects_again(String version) {
    SdkClient client = connect(version);
    guest.reloads(); // a token that nobody has used yet
    installation.clock.pass(Limits.TOKEN_TTL_DEFAULT.minus(Duration.ofMinutes(2)));
    guest.reloads();
    installation.clock.pass(Duration.ofMinutes(3));
    client.sees("tokenExpired", one -> true);
    client.sees("connectionStateChanged", one -> "disconnected".equals(one.get("state")));
    client.forgets();
    client.does("updateToken", "token", guest.token());
    client.sees("connectionStateChanged", one -> "connected".equals(one.get("state")));
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_revoked_session_ends_the_connection(String version) {
    SdkClient client = connect(version);
    server("DELETE", "", "");
    client.sees(
        "connectionStateChanged",
        one -> "disconnected".equals(one.get("state")) || "denied".equals(one.get("state")));
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_closed_conversation_is_seen_stays_readable_and_takes_no_message(String version) {
    guest.says("Hello", "a-1");
    SdkClient client = connect(version);
    server("POST", "", "State=closed");
    client.sees("conversationUpdated", one -> "closed".equals(one.get("state")));
    assertThatThrownBy(() -> client.does("send", here("body", "Too late")))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.status()).isEqualTo(403));
    assertThat(bodies(client.lists("history", here("size", 10)))).containsExactly("Hello");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void two_tabs_of_one_guest_see_the_same(String version) {
    SdkClient first = connect(version);
    SdkClient second = connect(version);
    first.does("send", here("body", "from the first"));
    second.sees("messageAdded", one -> "from the first".equals(one.get("body")));
    second.does("send", here("body", "from the second"));
    first.sees("messageAdded", one -> "from the second".equals(one.get("body")));
    second.sees("messageAdded", one -> "from the second".equals(one.get("body")));
    assertThat(bodies(first.seen("messageAdded"))).isEqualTo(bodies(second.seen("messageAdded")));
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_refused_start_says_why(String version) {
    SdkClient client = clients.client(version);
    connected.add(client);
    try {
      client.connect("plr1.nonsense", installation.edge().getPort());
    } catch (Rejected sinceVersion2_7) {
      // The oldest version resolves with a client that is not connected.
    }
    if (!version.equals("2-1")) {
      assertThat(client.sees("connectionError", one -> true))
          .containsEntry("terminal", true)
          .containsEntry("code", 20101L);
    }
    assertThat(client.does("state")).isEqualTo("denied");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void what_a_guest_may_not_do_is_refused_by_403(String version) {
    server("POST", "/Messages", "Author=ann&Body=Hello");
    SdkClient client = connect(version);
    for (String operation : List.of("leave", "editNewest", "removeNewest")) {
      assertThatThrownBy(() -> client.does(operation, here("body", "x")))
          .as(operation)
          .isInstanceOfSatisfying(
              Rejected.class, rejected -> assertThat(rejected.status()).isEqualTo(403));
    }
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_guest_edits_and_removes_their_own_messages_and_changes_their_name(String version) {
    guest.says("Helo", "a-1");
    SdkClient client = connect(version);
    client.does("editNewest", here("body", "Hello"));
    client.sees("messageUpdated", one -> "Hello".equals(one.get("body")));
    client.does("rename", "name", "Ada L.", "attributes", Map.of("a", 1));
    client.sees("userUpdated", one -> "Ada L.".equals(one.get("name")));
    client.does("removeNewest", here());
    client.sees("messageRemoved", one -> true);
    assertThat(guest.get("/v2/Webchat/Messages").text("messages")).doesNotContain("Hello");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_control_character_in_a_message_is_refused_as_elsewhere(String version) {
    SdkClient client = connect(version);
    assertThatThrownBy(() -> client.does("send", here("body", "a\u001b[2Jb")))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.status()).isEqualTo(400));
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_greeting_does_not_count_as_a_message_and_its_author_has_a_name(String version) {
    server("POST", "/Messages", "Author=greeter&Body=Welcome");
    SdkClient client = connect(version);
    assertThat(client.gets("conversation", here())).containsEntry("messages", 0L);
    var welcome = client.lists("newest", here("size", 10)).getFirst();
    assertThat(client.lists("participants", here()))
        .anySatisfy(one -> assertThat(one).containsEntry("sid", welcome.get("participant")));
    client.does("send", here("body", "The first question"));
    client.sees("messageAdded", one -> "The first question".equals(one.get("body")));
    client.getsAtLast(
        conversation -> Long.valueOf(2).equals(conversation.get("messages")),
        "conversation",
        here());
  }
}
