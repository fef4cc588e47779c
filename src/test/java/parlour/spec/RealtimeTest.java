package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.LongForm;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.http.json.Json;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.spec.TestClients.Rejected;
import parlour.spec.TestClients.SdkClient;

/** The published clients, unchanged, at the realtime sockets; all versions at once. */
@ParameterizedClass
@InBothShapes
class RealtimeTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  @AutoClose
  private static final TestClients clients = TestClients.start();

  private final Installation installation;
  private final Sid.Deployment deployment;

  RealtimeTest(Shape shape) {
    installation = installations.in(shape);
    deployment = installation.deploy(settings());
  }

  /** Node sends no Origin, so that only a deployment without a list admits it. */
  private Accounts.Settings settings() {
    return new Accounts.Settings(
        Optional.of(installation.address),
        AllowedOrigins.any(),
        TokenRules.DEFAULT.withRealtime(),
        Lifetimes.DEFAULT);
  }

  private final List<SdkClient> connected = new CopyOnWriteArrayList<>();

  @AfterEach
  void everyErrorOfTheClientsWasCaught() {
    connected.forEach(one -> one.does("shutdown"));
    assertThat(clients.unexpected()).isEmpty();
  }

  /** A conversation whose guest uses one version of the package. */
  private final class Chat {
    private final String version;
    private final Guest guest;
    private @Nullable SdkClient client;

    Chat(String version) {
      this(version, deployment);
    }

    Chat(String version, Sid.Deployment deployment) {
      this(version, installation.guest().of(deployment).starts());
    }

    private Chat(String version, Guest guest) {
      this.version = version;
      this.guest = guest;
    }

    /** The same conversation in another version. */
    Chat in(String version) {
      return new Chat(version, guest);
    }

    SdkClient connects() {
      return connects(installation.edge().getPort());
    }

    /** Connects, as the newest client of this guest. */
    SdkClient connects(int port) {
      SdkClient connecting = clients.client(version);
      client = connecting;
      connected.add(connecting);
      connecting.connect(guest.token(), port);
      // The package loads the conversation after its start; what comes meanwhile is history to it.
      connecting.lists("newest", here("size", 1));
      return connecting;
    }

    void connectsInVain(String token) {
      SdkClient connecting = clients.client(version);
      client = connecting;
      connected.add(connecting);
      try {
        connecting.connect(token, installation.edge().getPort());
      } catch (Rejected sinceVersion2_7) {
        // The oldest version resolves with a client that is not connected.
      }
    }

    SdkClient client() {
      return Objects.requireNonNull(client);
    }

    Reply server(String method, String path, String form) {
      Reply reply =
          installation.server(method, "/v1/Conversations/" + guest.conversation() + path, form);
      assertThat(reply.status()).as(method + " " + path).isLessThan(500);
      return reply;
    }

    Object[] here(Object... arguments) {
      return Stream.concat(Stream.of("sid", guest.conversation()), Stream.of(arguments))
          .toArray();
    }
  }

  private List<Chat> chats() {
    return TestClients.VERSIONS.stream().map(Chat::new).toList();
  }

  private void inEachVersion(Consumer<Chat> scenario) {
    each(chats(), scenario);
  }

  private static void each(List<Chat> chats, Consumer<Chat> scenario) {
    var _ = AtOnce.run(chats.size(), i -> {
      try {
        scenario.accept(chats.get(i));
      } catch (RuntimeException | AssertionError failure) {
        throw new AssertionError(chats.get(i).version + ": " + failure, failure);
      }
      return i;
    });
  }

  private static Map<?, ?> participant(Map<?, ?> frame) {
    return (Map<?, ?>) Objects.requireNonNull(frame.get("participant"));
  }

  private static List<Map<?, ?>> maps(@Nullable Object list) {
    return ((List<?>) Objects.requireNonNull(list))
        .stream().<Map<?, ?>>map(one -> (Map<?, ?>) Objects.requireNonNull(one)).toList();
  }

  private static List<String> bodies(List<Map<String, @Nullable Object>> messages) {
    return messages.stream().map(one -> String.valueOf(one.get("body"))).toList();
  }

  @Test
  void a_client_finds_its_conversation_its_participants_and_their_names() {
    inEachVersion(chat -> {
      chat.server("POST", "/Participants", "Identity=ann&FriendlyName=Ann");
      chat.server("POST", "/Messages", "Author=ann&Body=Hello");
      SdkClient client = chat.connects();
      assertThat(client.does("conversations")).isEqualTo(List.of(chat.guest.conversation()));
      assertThat(client.gets("conversation", chat.here()))
          .containsEntry("status", "joined")
          .containsEntry("state", "active")
          .containsEntry("attributes", Map.of())
          .containsEntry("last", 0L)
          .containsEntry("messages", 1L)
          .containsEntry("participants", 2L);
      assertThat(client.lists("participants", chat.here()))
          .extracting(one -> one.get("name"))
          .containsExactlyInAnyOrder("Ada", "Ann");
      assertThat(client.gets("user")).containsEntry("name", "Ada");
    });
  }

  @Test
  void messages_go_both_ways_and_each_is_seen_once() {
    inEachVersion(chat -> {
      SdkClient client = chat.connects();
      client.does("send", chat.here("body", "Hellö <b>world</b> 🙂", "attributes", Map.of("a", 1)));
      chat.server("POST", "/Participants", "Identity=ann");
      chat.server("POST", "/Messages", "Author=ann&Body=Hi");
      assertThat(client.sees("messageAdded", one -> "Hi".equals(one.get("body"))))
          .containsEntry("author", "ann")
          .containsEntry("index", 1L);
      assertThat(bodies(client.seen("messageAdded")))
          .containsExactly("Hellö <b>world</b> 🙂", "Hi");
      assertThat(client.seen("messageAdded").getFirst())
          .containsEntry("attributes", Map.of("a", 1L));
      assertThat(client.sees("participantJoined", one -> "ann".equals(one.get("identity"))))
          .isNotEmpty();
      assertThat(chat.guest.get("/v2/Webchat/Messages").text("messages")).contains("Hellö");
    });
  }

  @Test
  void an_edit_and_a_removal_are_seen() {
    inEachVersion(chat -> {
      SdkClient client = chat.connects();
      String edited = chat.server("POST", "/Messages", "Author=bot&Body=one").text("sid");
      String removed = chat.server("POST", "/Messages", "Author=bot&Body=two").text("sid");
      client.sees("messageAdded", one -> removed.equals(one.get("sid")));
      chat.server("POST", "/Messages/" + edited, "Body=better");
      chat.server("DELETE", "/Messages/" + removed, "");
      client.sees("messageUpdated", one -> "better".equals(one.get("body")));
      client.sees("messageRemoved", one -> removed.equals(one.get("sid")));
      // A page leaves out for a second what the client was notified of.
      List<String> shown;
      do {
        shown = bodies(client.lists("newest", chat.here("size", 10)));
      } while (shown.isEmpty());
      assertThat(shown).containsExactly("better");
    });
  }

  @Test
  void the_history_is_read_both_ways_without_the_removed_messages() {
    inEachVersion(chat -> {
      List<String> expected = new ArrayList<>();
      List<String> sids = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        String author = i == 0 ? "opener" : "bot";
        sids.add(
            chat.server("POST", "/Messages", "Author=" + author + "&Body=m" + i).text("sid"));
        expected.add("m" + i);
      }
      IntStream.range(10, 40).filter(i -> i % 7 != 0).forEach(i -> {
        chat.server("DELETE", "/Messages/" + sids.get(i), "");
        expected.remove("m" + i);
      });
      SdkClient client = chat.connects();
      assertThat(client.lists("participants", chat.here()))
          .as("also an author of none of the newest messages has a name")
          .anySatisfy(one ->
              assertThat(one).containsEntry("identity", "opener").containsEntry("name", "opener"));
      for (String direction : List.of("history", "historyDown", "history")) {
        assertThat(bodies(client.lists(direction, chat.here("size", 10))))
            .as(direction)
            .isEqualTo(expected);
      }
    });
  }

  @Test
  @LongForm(instead = "the pages of SitesOwnChatTest")
  void a_thousand_messages_are_read_both_ways_without_the_removed_ones() {
    Chat one = new Chat("2-1");
    List<String> sids = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      sids.add(one.server("POST", "/Messages", "Author=bot&Body=m" + i).text("sid"));
    }
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      if (i % 10 == 3 || (i > 400 && i < 650)) { // single ones, and more than a page
        one.server("DELETE", "/Messages/" + sids.get(i), "");
      } else {
        expected.add("m" + i);
      }
    }
    each(TestClients.VERSIONS.stream().map(one::in).toList(), chat -> {
      SdkClient client = chat.connects();
      for (String direction : List.of("history", "historyDown")) {
        assertThat(bodies(client.lists(direction, chat.here("size", 100))))
            .as(direction)
            .isEqualTo(expected);
      }
    });
  }

  @Test
  void a_conversation_that_began_with_one_message_shows_the_later_ones() {
    inEachVersion(chat -> {
      chat.guest.says("first", "a-1");
      SdkClient client = chat.connects();
      for (int size : List.of(1, 30)) {
        assertThat(bodies(client.lists("newest", chat.here("size", size))))
            .containsExactly("first");
      }
      client.does("readAll", chat.here()); // reads the newest message, too
      chat.server("POST", "/Messages", "Author=bot&Body=second");
      client.sees("messageAdded", one -> "second".equals(one.get("body")));
      for (String direction : List.of("newest", "history", "historyDown")) {
        client.listsAtLast(
            shown -> bodies(shown).equals(List.of("first", "second")),
            direction,
            chat.here("size", 10));
      }
      client.does("readAll", chat.here());
      client.getsAtLast(
          one -> Long.valueOf(1).equals(one.get("read")), "conversation", chat.here());
    });
  }

  /** The oldest version gets the message once more: otherwise its pages would never have a later one. */
  @Test
  void reading_upwards_from_the_only_message_ends() {
    inEachVersion(chat -> {
      chat.guest.says("first", "a-1");
      SdkClient client = chat.connects();
      List<String> expected =
          chat.version.equals("2-1") ? List.of("first", "first") : List.of("first");
      assertThat(bodies(client.lists("history", chat.here("size", 30)))).isEqualTo(expected);
    });
  }

  /** The web app asks for the newest message after each send, and reads up to it. */
  @Test
  void the_first_answer_to_a_greeting_is_on_later_pages_although_it_was_left_out_of_earlier_ones() {
    inEachVersion(chat -> {
      chat.server("POST", "/Messages", "Author=greeter&Body=Welcome");
      SdkClient client = chat.connects();
      client.does("send", chat.here("body", "The first question"));
      client.sees("messageAdded", one -> "The first question".equals(one.get("body")));
      for (String expected : List.of("The first question", "And the second")) {
        client.listsAtLast(
            shown -> bodies(shown).equals(List.of(expected)), "newest", chat.here("size", 1));
        client.does("readAll", chat.here());
        client.does("send", chat.here("body", "And the second"));
        client.sees("messageAdded", one -> "And the second".equals(one.get("body")));
      }
      client.getsAtLast(
          one -> Long.valueOf(2).equals(one.get("read")), "conversation", chat.here());
    });
  }

  @Test
  void typing_is_seen_both_ways() {
    AgentBrowser agent = new AgentBrowser(installation);
    inEachVersion(chat -> {
      chat.guest.says("Hello", "a-1");
      SdkClient client = chat.connects();
      agent.says(chat.guest.conversation(), "One moment", "b-0"); // joins
      Object ann = client.sees("participantJoined", _ -> true).get("identity");
      agent.posts(chat.guest.conversation(), "typing", "{}");
      client.sees("typingStarted", one -> Objects.equals(one.get("identity"), ann));
      agent.says(chat.guest.conversation(), "Hi", "b-1");
      client.sees("typingEnded", one -> Objects.equals(one.get("identity"), ann));
      try (GuestSocket inbox = agent.opensStream()) {
        inbox.receives("welcome");
        client.does("typing", chat.here());
        Map<?, ?> typing = inbox.receives("typing");
        while (!chat.guest.conversation().equals(typing.get("conversation_sid"))) {
          typing = inbox.receives("typing"); // of another version's guest
        }
        assertThat(participant(typing).get("kind")).isEqualTo("guest");
      }
      assertThat(client.seen("typingStarted"))
          .as("a guest does not see that they type themselves")
          .allMatch(one -> Objects.equals(one.get("identity"), ann));
    });
  }

  @Test
  void read_horizons_move_in_both_directions() {
    AgentBrowser agent = new AgentBrowser(installation);
    inEachVersion(chat -> {
      chat.guest.says("one", "a-1");
      chat.guest.says("two", "a-2");
      String conversation = chat.guest.conversation();
      agent.says(conversation, "three", "b-1"); // joins
      SdkClient client = chat.connects();
      client.lists("participants", chat.here());
      client.does("read", chat.here("index", 1));
      client.sees("conversationUpdated", one -> Long.valueOf(1).equals(one.get("read")));
      assertThat(maps(agent.gets(conversation, "changes?after=0").json().get("participants")))
          .as("what the inbox shows")
          .filteredOn(one -> "guest".equals(one.get("kind")))
          .singleElement()
          .satisfies(one -> assertThat(one.get("read_index")).isEqualTo(1L));
      agent.posts(conversation, "read", "{\"index\":1}");
      client.sees(
          "participantUpdated",
          one -> !String.valueOf(one.get("identity")).startsWith("guest")
              && Long.valueOf(1).equals(one.get("read")));
    });
  }

  @Test
  void a_read_index_never_goes_back() {
    inEachVersion(chat -> {
      chat.guest.says("one", "a-1");
      chat.guest.says("two", "a-2");
      SdkClient client = chat.connects();
      client.does("read", chat.here("index", 1));
      client.sees("conversationUpdated", one -> Long.valueOf(1).equals(one.get("read")));
      assertThat(client.does("read", chat.here("index", 0)))
          .as("unread messages")
          .isEqualTo(0L);
      client.does("unreadAll", chat.here());
      client.getsAtLast(
          one ->
              Long.valueOf(1).equals(one.get("read")) && Long.valueOf(0).equals(one.get("unread")),
          "conversation",
          chat.here());
      assertThat(maps(
              Json.object(chat.server("GET", "/Participants", "").response().body())
                  .orElseThrow()
                  .get("participants")))
          .singleElement()
          .satisfies(one -> assertThat(one.get("last_read_message_index")).isEqualTo(1L));
    });
  }

  @Test
  void unread_messages_are_those_after_the_read_index_that_were_not_removed() {
    inEachVersion(chat -> {
      SdkClient client = chat.connects();
      List<String> sent = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        sent.add(chat.server("POST", "/Messages", "Author=bot&Body=m" + i).text("sid"));
      }
      client.sees("messageAdded", one -> "m19".equals(one.get("body")));
      assertThat(client.does("read", chat.here("index", 14))).isEqualTo(5L);
      for (int i = 0; i < 10; i++) {
        chat.server("DELETE", "/Messages/" + sent.get(i), "");
      }
      chat.server("DELETE", "/Messages/" + sent.get(17), "");
      client.sees("messageRemoved", one -> Long.valueOf(17).equals(one.get("index")));
      client.getsAtLast(
          one -> Long.valueOf(4).equals(one.get("unread")), "conversation", chat.here());
      assertThat(client.does("read", chat.here("index", 16))).isEqualTo(2L);
      assertThat(client.does("read", chat.here("index", 19))).isEqualTo(0L);
    });
  }

  /** The web app shows "Read" when the index of each other participant is that of the last message. */
  @Test
  void a_program_has_read_exactly_what_the_inbox_has_read() {
    AgentBrowser agent = new AgentBrowser(installation);
    inEachVersion(chat -> {
      chat.server("POST", "/Messages", "Author=greeter&Body=Welcome");
      SdkClient client = chat.connects();
      client.does("send", chat.here("body", "The first question"));
      assertThat(readByOthers(client, chat)).containsExactly("null");
      agent.posts(chat.guest.conversation(), "read", "{\"index\":1}");
      Object greeter = client
          .sees("participantUpdated", one -> Long.valueOf(1).equals(one.get("read")))
          .get("identity");
      assertThat(greeter).isEqualTo("greeter");
      assertThat(readByOthers(client, chat)).containsOnly("1");
      client.does("send", chat.here("body", "The second question"));
      client.sees("messageAdded", one -> "The second question".equals(one.get("body")));
      assertThat(readByOthers(client, chat)).containsOnly("1");
    });
  }

  private static List<String> readByOthers(SdkClient client, Chat chat) {
    return client.lists("participants", chat.here()).stream()
        .filter(one -> !String.valueOf(one.get("identity")).startsWith("guest"))
        .map(one -> String.valueOf(one.get("read")))
        .toList();
  }

  @Test
  void attributes_are_any_JSON_and_dates_are_those_of_the_change() {
    List<Chat> chats = chats();
    each(chats, chat -> {
      chat.guest.says("first", "a-1");
      chat.server("POST", "/Participants", "Identity=ann&Attributes=%5B1%5D");
      chat.server("POST", "/Messages", "Author=ann&Body=Hello&Attributes=%22text%22");
      SdkClient client = chat.connects();
      client.does("send", chat.here("body", "Hi", "attributes", List.of(1, "two")));
      assertThat(client.sees("messageAdded", one -> "Hi".equals(one.get("body"))))
          .containsEntry("attributes", List.of(1L, "two"));
      client.listsAtLast(
          all -> List.of(Map.of(), "text", List.of(1L, "two"))
              .equals(all.stream().map(one -> one.get("attributes")).toList()),
          "newest",
          chat.here("size", 10));
      assertThat(ann(client, chat))
          .containsEntry("attributes", List.of(1L))
          .containsEntry("readAt", null);
    });
    installation.clock.pass(Duration.ofMinutes(1));
    each(chats, chat -> {
      Reply changed =
          chat.server("POST", "/Participants/ann", "LastReadMessageIndex=2&Attributes=null");
      Instant read = Instant.parse(changed.text("last_read_timestamp"));
      Instant updated = Instant.parse(changed.text("date_updated"));
      assertThat(updated).isAfter(Instant.parse(changed.text("date_created")));
      Map<String, @Nullable Object> seen =
          chat.client().sees("participantUpdated", one -> Long.valueOf(2).equals(one.get("read")));
      assertThat(seen).containsEntry("attributes", null);
      assertThat(second(seen.get("readAt"))).isEqualTo(read);
      assertThat(second(seen.get("updated"))).isEqualTo(updated);
      Reply marked = chat.server("POST", "", "Attributes=%22soon%22");
      Map<String, @Nullable Object> seenMarked =
          chat.client().sees("conversationUpdated", one -> "soon".equals(one.get("attributes")));
      assertThat(second(seenMarked.get("updated")))
          .isEqualTo(Instant.parse(marked.text("date_updated")));
    });
    installation.clock.pass(Duration.ofMinutes(1));
    each(chats, chat -> {
      Reply closed = chat.server("POST", "", "State=closed&Attributes=%22over%22");
      Map<String, @Nullable Object> seen = chat.client()
          .sees(
              "conversationUpdated",
              one -> "closed".equals(one.get("state")) && "over".equals(one.get("attributes")));
      Instant updated = Instant.parse(closed.text("date_updated"));
      assertThat(second(seen.get("stateSince"))).isEqualTo(updated);
      assertThat(second(seen.get("updated"))).isEqualTo(updated);
      installation.clock.pass(Duration.ofMinutes(1));
      Map<String, @Nullable Object> later = chat.connects().gets("conversation", chat.here());
      assertThat(later.get("stateSince")).isEqualTo(seen.get("stateSince"));
      assertThat(later.get("updated")).isEqualTo(seen.get("updated"));
    });
  }

  private static Map<String, @Nullable Object> ann(SdkClient client, Chat chat) {
    return client.lists("participants", chat.here()).stream()
        .filter(one -> "ann".equals(one.get("identity")))
        .findFirst()
        .orElseThrow();
  }

  /** The server-side API has no parts of a second. */
  private static Instant second(@Nullable Object date) {
    return Instant.parse(String.valueOf(date)).truncatedTo(ChronoUnit.SECONDS);
  }

  @Test
  void messages_that_were_sent_during_an_interruption_are_seen_once() {
    inEachVersion(chat -> {
      TestClients.CuttableLine line = clients.line(installation.edge().getPort());
      SdkClient client = chat.connects(line.port());
      chat.server("POST", "/Messages", "Author=bot&Body=before");
      client.sees("messageAdded", one -> "before".equals(one.get("body")));
      line.interrupt();
      String edited = chat.server("POST", "/Messages", "Author=bot&Body=during").text("sid");
      chat.server("POST", "/Messages/" + edited, "Body=during+and+edited");
      chat.server("POST", "/Participants", "Identity=late&FriendlyName=Late");
      line.cut();
      client.sees("messageAdded", one -> "during and edited".equals(one.get("body")));
      chat.server("POST", "/Messages", "Author=bot&Body=after");
      client.sees("messageAdded", one -> "after".equals(one.get("body")));
      assertThat(bodies(client.seen("messageAdded")))
          .containsExactly("before", "during and edited", "after");
      assertThat(client.lists("participants", chat.here()))
          .extracting(one -> one.get("name"))
          .contains("Late");
    });
  }

  @Test
  void a_new_token_is_asked_for_and_presented_on_the_open_socket() {
    List<Chat> chats = chats();
    each(chats, Chat::connects);
    installation.clock.pass(Limits.TOKEN_TTL_DEFAULT.minus(Duration.ofMinutes(2)));
    each(chats, chat -> {
      chat.client().sees("tokenAboutToExpire", _ -> true);
      chat.guest.reloads();
      chat.client().does("updateToken", "token", chat.guest.token());
    });
    installation.clock.pass(Duration.ofMinutes(3));
    each(chats, chat -> {
      chat.server("POST", "/Messages", "Author=bot&Body=still+here");
      chat.client().sees("messageAdded", one -> "still here".equals(one.get("body")));
      assertThat(chat.client().seen("tokenExpired")).isEmpty();
    });
  }

  @Test
  void the_end_of_a_token_is_seen_and_a_new_one_connects_again() {
    List<Chat> chats = chats();
    each(chats, chat -> {
      chat.connects();
      chat.guest.reloads(); // a token that nobody has used yet
    });
    installation.clock.pass(Limits.TOKEN_TTL_DEFAULT.minus(Duration.ofMinutes(2)));
    each(chats, chat -> chat.guest.reloads());
    installation.clock.pass(Duration.ofMinutes(3));
    each(chats, chat -> {
      SdkClient client = chat.client();
      client.sees("tokenExpired", _ -> true);
      client.sees("connectionStateChanged", one -> "disconnected".equals(one.get("state")));
      client.forgets();
      client.does("updateToken", "token", chat.guest.token());
      client.sees("connectionStateChanged", one -> "connected".equals(one.get("state")));
    });
  }

  @Test
  void a_client_that_begins_with_an_expired_token_receives_its_code() {
    List<Chat> chats = chats();
    installation.clock.pass(Limits.TOKEN_TTL_DEFAULT.plusSeconds(1));
    each(chats, chat -> {
      chat.connectsInVain(chat.guest.token());
      assertThat(chat.client().does("state")).isEqualTo("denied");
      if (!chat.version.equals("2-1")) { // which says it before its program can listen
        assertThat(chat.client().sees("connectionError", _ -> true))
            .containsEntry("terminal", true)
            .containsEntry("code", 20104L);
        chat.client().sees("tokenExpired", _ -> true);
      }
    });
  }

  @Test
  void a_client_whose_token_was_superseded_is_asked_for_a_newer_one_and_otherwise_disconnected() {
    List<Chat> asked = chats();
    List<Chat> silent = chats();
    List<Chat> all = Stream.concat(asked.stream(), silent.stream()).toList();
    each(all, chat -> {
      chat.connects();
      chat.guest.reloads();
      chat.guest.says("with the next token", "a-1");
    });
    installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
    each(all, chat -> chat.client().sees("tokenAboutToExpire", _ -> true));
    each(asked, chat -> chat.client().does("updateToken", "token", chat.guest.token()));
    installation.clock.pass(Limits.SUPERSEDED_TIMEOUT.plusSeconds(1));
    each(silent, chat -> chat.client().sees("tokenExpired", _ -> true));
    each(asked, chat -> {
      chat.guest.says("still here", "a-2");
      chat.client().sees("messageAdded", one -> "still here".equals(one.get("body")));
      assertThat(chat.client().seen("tokenExpired")).isEmpty();
    });
  }

  @Test
  void an_erased_conversation_ends_the_connection() {
    inEachVersion(chat -> {
      SdkClient client = chat.connects();
      chat.server("DELETE", "", "");
      client.sees("connectionStateChanged", RealtimeTest::isOver);
    });
  }

  @Test
  void a_session_that_an_operator_revokes_is_disconnected_and_not_asked_for_a_token() {
    inEachVersion(chat -> {
      SdkClient client = chat.connects();
      installation.sessions(sessions -> sessions.revoke(
          sessions
              .of(List.of(new Sid.Conversation(chat.guest.conversation())))
              .getFirst()
              .sid(),
          "test",
          installation.clock.instant()));
      client.sees("connectionStateChanged", RealtimeTest::isOver);
      assertThat(client.seen("tokenExpired")).isEmpty();
      assertThat(client.seen("tokenAboutToExpire")).isEmpty();
    });
  }

  private static boolean isOver(Map<String, @Nullable Object> change) {
    return "disconnected".equals(change.get("state")) || "denied".equals(change.get("state"));
  }

  @Test
  void an_open_connection_ends_when_the_deployment_switches_realtime_off() {
    Sid.Deployment switchedOff = installation.deploy(settings());
    List<Chat> chats = TestClients.VERSIONS.stream()
        .map(version -> new Chat(version, switchedOff))
        .toList();
    List<Chat> others = chats();
    each(chats, Chat::connects);
    each(others, Chat::connects);
    installation.accounts(accounts -> accounts.update(
        accounts.version(),
        new Accounts.Deployment(
            switchedOff,
            installation.account,
            "Test",
            new Accounts.Settings(
                Optional.of(installation.address),
                AllowedOrigins.any(),
                TokenRules.DEFAULT,
                Lifetimes.DEFAULT),
            installation.clock.instant(),
            installation.clock.instant())));
    each(chats, chat -> chat.client().sees("connectionStateChanged", RealtimeTest::isOver));
    each(others, chat -> {
      chat.server("POST", "/Messages", "Author=bot&Body=still+here");
      chat.client().sees("messageAdded", one -> "still here".equals(one.get("body")));
    });
  }

  @Test
  void a_closed_conversation_is_seen_stays_readable_and_takes_no_message() {
    inEachVersion(chat -> {
      chat.guest.says("Hello", "a-1");
      SdkClient client = chat.connects();
      chat.server("POST", "", "State=closed");
      client.sees("conversationUpdated", one -> "closed".equals(one.get("state")));
      assertThatThrownBy(() -> client.does("send", chat.here("body", "Too late")))
          .isInstanceOfSatisfying(
              Rejected.class, rejected -> assertThat(rejected.status()).isEqualTo(403));
      assertThat(bodies(client.lists("newest", chat.here("size", 10)))).containsExactly("Hello");
      chat.server("POST", "", "State=active");
      client.sees("conversationUpdated", one -> "active".equals(one.get("state")));
      client.does("send", chat.here("body", "Once more"));
      client.sees("messageAdded", one -> "Once more".equals(one.get("body")));
    });
  }

  @Test
  void a_guest_whom_the_account_removed_reads_what_was_before_and_goes_on_when_added_again() {
    inEachVersion(chat -> {
      chat.guest.says("before", "a-1");
      chat.server("POST", "/Participants", "Identity=ann");
      SdkClient client = chat.connects();
      List<String> roster = identities(client, chat);
      String own =
          roster.stream().filter(one -> one.startsWith("guest")).findFirst().orElseThrow();
      assertThat(chat.server("DELETE", "/Participants/" + own, "").status()).isEqualTo(204);
      client.sees("conversationUpdated", one -> "closed".equals(one.get("state")));
      chat.server("POST", "/Messages", "Author=ann&Body=later");
      chat.server("POST", "/Participants", "Identity=bob");
      assertThatThrownBy(() -> client.does("send", chat.here("body", "I am still here")))
          .isInstanceOfSatisfying(
              Rejected.class, refused -> assertThat(refused.status()).isEqualTo(403));
      SdkClient again = chat.connects();
      for (SdkClient one : List.of(client, again)) {
        assertThat(one.gets("conversation", chat.here())).containsEntry("state", "closed");
        assertThat(identities(one, chat)).containsExactlyInAnyOrderElementsOf(roster);
        assertThat(one.lists("newest", chat.here("size", 10)))
            .extracting(message -> message.get("body"))
            .containsExactly("before");
        assertThat(one.seen("messageAdded"))
            .noneMatch(message -> "later".equals(message.get("body")));
      }
      assertThat(chat.server("POST", "/Participants", "Identity=" + own).status())
          .isEqualTo(201);
      for (SdkClient one : List.of(client, again)) {
        one.sees("messageAdded", message -> "later".equals(message.get("body")));
        one.sees("conversationUpdated", seen -> "active".equals(seen.get("state")));
      }
      client.does("send", chat.here("body", "I am back"));
      again.sees("messageAdded", message -> "I am back".equals(message.get("body")));
    });
  }

  private static List<String> identities(SdkClient client, Chat chat) {
    return client.lists("participants", chat.here()).stream()
        .map(one -> String.valueOf(one.get("identity")))
        .toList();
  }

  @Test
  void two_tabs_of_one_guest_see_the_same() {
    inEachVersion(chat -> {
      SdkClient first = chat.connects();
      SdkClient second = chat.connects();
      first.does("send", chat.here("body", "from the first"));
      second.sees("messageAdded", one -> "from the first".equals(one.get("body")));
      second.does("send", chat.here("body", "from the second"));
      first.sees("messageAdded", one -> "from the second".equals(one.get("body")));
      second.sees("messageAdded", one -> "from the second".equals(one.get("body")));
      assertThat(bodies(first.seen("messageAdded"))).isEqualTo(bodies(second.seen("messageAdded")));
    });
  }

  @Test
  void a_refused_start_says_why() {
    inEachVersion(chat -> {
      chat.connectsInVain("plr1.nonsense");
      if (!chat.version.equals("2-1")) { // which says it before its program can listen
        assertThat(chat.client().sees("connectionError", _ -> true))
            .containsEntry("terminal", true)
            .containsEntry("code", 20101L);
      }
      assertThat(chat.client().does("state")).isEqualTo("denied");
      assertThat(chat.client().seen("tokenExpired")).isEmpty();
    });
  }

  @Test
  void a_call_that_a_guest_may_not_make_is_refused_by_403() {
    inEachVersion(chat -> {
      chat.server("POST", "/Messages", "Author=ann&Body=Hello");
      SdkClient client = chat.connects();
      for (String operation : List.of("leave", "editNewest", "removeNewest")) {
        assertThatThrownBy(() -> client.does(operation, chat.here("body", "x")))
            .as(operation)
            .isInstanceOfSatisfying(
                Rejected.class, rejected -> assertThat(rejected.status()).isEqualTo(403));
      }
    });
  }

  @Test
  void a_guest_edits_and_removes_their_own_messages_and_changes_their_name() {
    inEachVersion(chat -> {
      chat.guest.says("Helo", "a-1");
      SdkClient client = chat.connects();
      client.does("editNewest", chat.here("body", "Hello"));
      client.sees("messageUpdated", one -> "Hello".equals(one.get("body")));
      client.does("rename", "name", "Ada L.", "attributes", Map.of("a", 1));
      client.sees("userUpdated", one -> "Ada L.".equals(one.get("name")));
      client.does("removeNewest", chat.here());
      client.sees("messageRemoved", one -> true);
      assertThat(chat.guest.get("/v2/Webchat/Messages").text("messages")).doesNotContain("Hello");
    });
  }

  @Test
  void a_control_character_in_a_message_is_refused_as_elsewhere() {
    inEachVersion(chat -> {
      SdkClient client = chat.connects();
      assertThatThrownBy(() -> client.does("send", chat.here("body", "a\u001b[2Jb")))
          .isInstanceOfSatisfying(
              Rejected.class, rejected -> assertThat(rejected.status()).isEqualTo(400));
    });
  }

  @Test
  void a_greeting_does_not_count_as_a_message_and_its_author_has_a_name() {
    inEachVersion(chat -> {
      chat.server("POST", "/Messages", "Author=greeter&Body=Welcome");
      SdkClient client = chat.connects();
      assertThat(client.gets("conversation", chat.here())).containsEntry("messages", 0L);
      var welcome = client.lists("newest", chat.here("size", 10)).getFirst();
      assertThat(client.lists("participants", chat.here()))
          .anySatisfy(one -> assertThat(one).containsEntry("sid", welcome.get("participant")));
      client.does("send", chat.here("body", "The first question"));
      client.sees("messageAdded", one -> "The first question".equals(one.get("body")));
      client.getsAtLast(
          conversation -> Long.valueOf(2).equals(conversation.get("messages")),
          "conversation",
          chat.here());
    });
  }
}
