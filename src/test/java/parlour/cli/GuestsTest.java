package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.config.Config;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.conversations.SqlConversationStore;
import parlour.conversations.SqlTeamStore;
import parlour.conversations.TeamConversations;
import parlour.push.PushQueue;
import parlour.push.PushSubscription;
import parlour.push.SqlPushQueue;
import parlour.spec.AgentBrowser;
import parlour.spec.Browser;
import parlour.spec.Guest;
import parlour.spec.GuestSocket;
import parlour.spec.InBothShapes;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.spec.PushBrowser;
import parlour.store.Database;
import parlour.store.MigrationMode;

/** Gives a guest their data, and erases it, beside a running instance. */
@ParameterizedClass
@InBothShapes
class GuestsTest {
  private static final String WORDS = "Grüße \"an alle\" 🙂";
  private static final String UNKNOWN = "guest_" + "0".repeat(32) + "_" + "0".repeat(32);

  private static final Map<Shape, Installation> started = new EnumMap<>(Shape.class);

  private final Installation installation;
  private final Guest guest;
  private final String identity;
  private final String first;

  @TempDir
  private Path folder;

  GuestsTest(Shape shape) {
    installation = started.computeIfAbsent(shape, Installation::start);
    installation.configureAnew();
    guest = installation.guest();
    identity = guest.begins().text("identity");
    first = guest.conversation();
  }

  @AfterAll
  static void stop() {
    started.values().forEach(Installation::close);
    started.clear();
  }

  @Test
  void an_export_has_all_that_is_stored_about_the_guest_and_nothing_about_others() {
    for (int i = 0; i <= Limits.MAX_PAGE; i++) { // more than a page of messages
      assertThat(guest.says(WORDS.replace("\"", "\\\"") + i, "a" + i).status()).isEqualTo(201);
    }
    Guest other = installation.guest().starts();
    other.says("words of another", "a");
    String second = beginsAnother();
    for (int i = 0; i < 25; i++) { // more than a page of notes
      notes("a note " + i);
    }
    Typed typed = type("guests", "export", "--identity", identity);
    assertThat(typed.exit()).as(typed.err()).isZero();
    assertThat(typed.err()).isEmpty();
    assertThat(typed.out())
        .matches("[\\n -~]+")
        .doesNotContain("words of another", other.conversation(), guest.token());
    Map<String, @Nullable Object> document = typed.json();
    assertThat(document)
        .containsEntry("identity", identity)
        .containsEntry("account_sid", installation.account.text());
    assertThat(list(document, "conversations"))
        .extracting(conversation -> conversation.get("sid"))
        .containsExactly(second, first);
    Map<String, Object> conversation = list(document, "conversations").get(1);
    assertThat(conversation).containsEntry("pre_engagement_data", "{}").containsKey("attributes");
    assertThat(list(conversation, "messages"))
        .hasSize(Limits.MAX_PAGE + 1)
        .element(Limits.MAX_PAGE)
        .satisfies(last -> assertThat(last).containsEntry("body", WORDS + Limits.MAX_PAGE));
    assertThat(list(conversation, "notes"))
        .hasSize(25)
        .element(24)
        .satisfies(note -> assertThat(note).containsEntry("body", "a note 24"));
    assertThat(list(conversation, "participants"))
        .singleElement()
        .satisfies(one -> assertThat(one)
            .containsEntry("name", "Ada")
            .containsEntry("identity", identity)
            .containsEntry("attributes", "{}"));
    assertThat(list(conversation, "sessions"))
        .singleElement()
        .satisfies(one -> assertThat(one)
            .containsEntry("identity", identity)
            .containsEntry("conversation_sid", first)
            .containsEntry("state", "live"));
  }

  @Test
  void an_export_has_the_push_subscriptions_without_their_secrets() {
    PushBrowser browser = new PushBrowser();
    String endpoint = "https://push.example.com/one";
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      PushQueue.Owner owner = new PushQueue.Owner(
          Sid.Session.random(new SecureRandom()),
          installation.account,
          new Sid.Conversation(first),
          new Identity(identity));
      assertThat(new SqlPushQueue(database)
              .subscribe(
                  owner,
                  new PushSubscription(
                      endpoint, browser.p256dh(), browser.auth(), "Ask us", "New message"),
                  "push.example.com",
                  installation.clock.instant()))
          .isTrue();
    }
    Typed typed = type("guests", "export", "--conversation", first);
    assertThat(typed.exit()).as(typed.err()).isZero();
    assertThat(list(list(typed.json(), "conversations").getFirst(), "push_subscriptions"))
        .singleElement()
        .satisfies(one -> assertThat(one)
            .containsEntry("endpoint", endpoint)
            .containsEntry("p256dh", browser.p256dh())
            .containsEntry("title", "Ask us")
            .containsEntry("text", "New message"));
    assertThat(typed.out()).doesNotContain(browser.auth());
  }

  @Test
  void a_removed_agent_leaves_the_conversations_that_they_were_in() {
    AgentBrowser agent = new AgentBrowser(installation);
    guest.says("Hello", "a");
    agent.says(first, "Hi", "b");
    Typed removed = type("agents", "remove", agent.name());
    assertThat(removed.exit()).as(removed.err()).isZero();
    assertThat(removed.err()).isEmpty();
    assertThat(guest.get("/v2/Webchat/Messages").json().toString())
        .contains("joined=true", "joined=false");
    assertThat(list(
            list(type("guests", "export", "--conversation", first).json(), "conversations")
                .getFirst(),
            "history"))
        .extracting(event -> event.get("kind"))
        .containsExactly("joined", "left");
  }

  @Test
  void an_export_has_a_file_s_name_and_size_and_saves_the_file_itself_on_demand()
      throws IOException {
    String text = "line\n".repeat(Limits.MEDIA_CHUNK / 4); // more than one chunk
    String file = sendsAFile(text);
    assertThat(type("guests", "export", "--conversation", first).out())
        .contains("\"filename\":\"offer.txt\"", "\"size\":" + text.length(), "text/plain")
        .doesNotContain("saved_as");
    Typed typed = Typed.in(
        folder,
        environment(),
        withData("guests", "export", "--conversation", first, "--files", "files"));
    assertThat(typed.exit()).as(typed.err()).isZero();
    assertThat(typed.out()).contains("\"saved_as\":\"" + file + ".txt\"");
    assertThat(folder.resolve("files/" + file + ".txt")).hasContent(text);
    assertThat(Files.getPosixFilePermissions(folder.resolve("files"))).hasSize(3);
    Typed again = Typed.in(
        folder,
        environment(),
        withData("guests", "export", "--conversation", first, "--files", "files"));
    assertMistake(again, "files exists already");
  }

  @Test
  void an_export_that_cannot_be_written_fails() {
    Writer broken = new Writer() {
      @Override
      public void write(char[] characters, int from, int length) throws IOException {
        throw new IOException("no space left on device");
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    StringWriter err = new StringWriter();
    Terminal good =
        Typed.terminal(folder, environment(), Optional.empty(), new StringWriter(), err);
    try {
      int exit = Cli.run(
          new Terminal(
              new PrintWriter(broken, true),
              good.err(),
              good.environment(),
              good.folder(),
              good.person(),
              good.clock(),
              good.random()),
          withData("guests", "export", "--conversation", first));
      assertThat(exit).isEqualTo(1);
      assertThat(err.toString()).contains("the export could not be written");
    } finally {
      Typed.restoreTestLogs();
    }
    assertThat(type("refusals", "--all", "--json").out())
        .as("an export that was cut off is noted")
        .contains(first);
  }

  @Test
  void only_one_conversation_is_exported_and_erased_where_its_sid_is_given() {
    String second = beginsAnother();
    Map<String, @Nullable Object> document =
        type("guests", "export", "--conversation", first).json();
    assertThat(document).containsEntry("identity", identity);
    assertThat(list(document, "conversations"))
        .singleElement()
        .satisfies(one -> assertThat(one).containsEntry("sid", first));
    Typed erased = type("guests", "erase", "--conversation", first, "--yes", "--json");
    assertThat(erased.json()).isEqualTo(Map.of("conversations", 1L, "messages", 0L));
    assertThat(exists(first)).isFalse();
    assertThat(exists(second)).isTrue();
  }

  @Test
  void an_erasure_removes_everything_closes_sockets_and_leaves_others_alone() {
    guest.says("to be erased", "a");
    String file = sendsAFile("An offer");
    beginsAnother();
    Guest other = installation.guest().starts();
    other.says("stays", "a");
    try (GuestSocket socket = guest.entersSocket(0)) {
      Typed typed = type("guests", "erase", "--identity", identity, "--yes");
      assertThat(typed.exit()).as(typed.err()).isZero();
      assertThat(typed.out())
          .isEqualTo("erased 2 conversations with 2 messages, with notes and files\n");
      assertThat(socket.receives("erased")).isNotEmpty();
      assertThat(socket.closedWith()).isEqualTo(1008);
    }
    assertThat(guest.reloads().status()).isEqualTo(401);
    assertThat(exists(first)).isFalse();
    String services = "/v1/Services/IS" + installation.account.text().substring(2) + "/Media/";
    assertThat(installation.server("GET", services + file, "").status()).isEqualTo(404);
    assertThat(other.get("/v2/Webchat/Messages").response().body()).contains("stays");
    assertThat(other.reloads().status()).isEqualTo(200);
    assertMistake(
        type("guests", "export", "--identity", identity), "has no conversation of a guest");
    assertMistake(
        type("guests", "erase", "--identity", identity, "--yes"), "has no conversation of a guest");
    assertThat(type("refusals", "--all", "--json").out())
        .contains("guests erase")
        .doesNotContain(identity);
  }

  @Test
  void nothing_is_erased_without_an_answer_of_yes() {
    Typed typed = Typed.in(
        folder,
        environment(),
        Optional.of(question -> {
          assertThat(question).startsWith("Erase 1 conversation with 0 messages?");
          return "n";
        }),
        withData("guests", "erase", "--identity", identity));
    assertMistake(typed, "nothing was erased");
    assertThat(exists(first)).isTrue();
  }

  @Test
  void a_chat_that_begins_while_the_question_waits_is_not_erased() {
    String second = beginsAnother();
    List<String> later = new ArrayList<>();
    Typed typed = Typed.in(
        folder,
        environment(),
        Optional.of(question -> {
          assertThat(question).startsWith("Erase 2 conversations with 0 messages?");
          later.add(beginsAnother());
          return "y";
        }),
        withData("guests", "erase", "--identity", identity));
    assertThat(typed.out()).startsWith("erased 2 conversations");
    assertThat(exists(first)).isFalse();
    assertThat(exists(second)).isFalse();
    assertThat(exists(later.getFirst())).isTrue();
  }

  @Test
  void without_a_terminal_an_erasure_needs_an_option() {
    assertMistake(type("guests", "erase", "--identity", identity), "--yes");
    assertMistake(type("guests", "erase", "--conversation", first), "--yes");
    assertThat(exists(first)).isTrue();
  }

  @Test
  void an_export_has_no_cause_of_a_refusal() {
    assertThat(guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads().status()).isEqualTo(403);
    Typed typed = type("guests", "export", "--conversation", first);
    assertThat(list(list(typed.json(), "conversations").getFirst(), "sessions"))
        .singleElement()
        .satisfies(one -> assertThat(one)
            .containsEntry("refusals", 1L)
            .doesNotContainKeys("last_refused_why", "revoked_why", "last_observed_why"));
  }

  @Test
  void an_export_has_nothing_that_came_after_the_guest_s_removal() {
    String its = "/v1/Conversations/" + first;
    guest.says("before", "a");
    guest.says("before, edited after", "b");
    List<Map<String, Object>> before = messages();
    assertThat(
            installation.server("DELETE", its + "/Participants/" + identity, "").status())
        .isEqualTo(204);
    assertThat(installation
            .server(
                "POST",
                its + "/Messages/" + before.get(1).get("sid"),
                "Body=words+that+were+edited")
            .status())
        .isEqualTo(200);
    assertThat(installation
            .server("POST", its + "/Participants", "Identity=late&FriendlyName=Late")
            .status())
        .isEqualTo(201);
    assertThat(installation
            .server("POST", its + "/Messages", "Author=bot&Body=words+after")
            .status())
        .isEqualTo(201);
    Typed typed = type("guests", "export", "--identity", identity);
    assertThat(typed.out()).doesNotContain("words after", "words that were edited", "Late");
    Map<String, Object> conversation = list(typed.json(), "conversations").getFirst();
    assertThat(conversation.get("guest_removed")).isNotNull();
    assertThat(list(conversation, "messages"))
        .satisfiesExactly(
            one -> assertThat(one)
                .containsEntry("body", "before")
                .doesNotContainKey("changed_after_removal"),
            two -> assertThat(two)
                .containsEntry("changed_after_removal", true)
                .doesNotContainKey("body"));
    assertThat(installation
            .server("POST", its + "/Participants", "Identity=" + identity)
            .status())
        .isEqualTo(201);
    assertThat(messages()).hasSize(3);
  }

  private List<Map<String, Object>> messages() {
    Typed typed = type("guests", "export", "--conversation", first);
    return list(list(typed.json(), "conversations").getFirst(), "messages");
  }

  @Test
  void a_guest_of_another_account_is_unknown() {
    installation.agentOfAnotherAccount();
    assertMistake(type("guests", "export", "--identity", identity), "choose one with --account");
    String other = Stream.of(type("accounts", "list", "--json").out().split("\"", -1))
        .filter(word -> word.matches("AC[0-9a-f]{32}"))
        .filter(word -> !word.equals(installation.account.text()))
        .findFirst()
        .orElseThrow();
    for (String[] chosen :
        List.of(new String[] {"--identity", identity}, new String[] {"--conversation", first})) {
      assertMistake(
          type("guests", "export", chosen[0], chosen[1], "--account", other),
          "has no conversation");
      assertMistake(
          type("guests", "erase", chosen[0], chosen[1], "--account", other, "--yes"),
          "has no conversation");
    }
    assertThat(exists(first)).isTrue();
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  @Test
  void mistakes_are_named_and_nothing_is_printed_on_stdout() {
    assertMistake(type("guests", "export"), "give --identity or --conversation");
    assertMistake(
        type("guests", "erase", "--identity", identity, "--conversation", first, "--yes"),
        "but not both");
    assertMistake(
        type("guests", "export", "--identity", UNKNOWN), "has no conversation of a guest");
    assertMistake(
        type("guests", "erase", "--conversation", "CH" + "0".repeat(32), "--yes"),
        "has no conversation CH000");
    assertMistake(
        Typed.in(
            folder,
            environment(),
            withData("guests", "export", "--identity", UNKNOWN, "--files", "files")),
        "has no conversation of a guest");
    assertThat(folder.resolve("files")).doesNotExist();
    Typed malformed = type("guests", "erase", "--conversation", "CH1", "--yes");
    assertThat(malformed.exit()).isEqualTo(2);
    assertThat(malformed.out()).isEmpty();
    assertThat(exists(first)).isTrue();
  }

  @Test
  void the_settings_of_the_orchestrator_lead_to_conversations_that_run_elsewhere() {
    Map<String, String> environment = environment();
    environment.put(Setting.ROLES.variable(), Role.ORCHESTRATOR.word());
    environment.put(
        Setting.CONVERSATIONS_URL.variable(),
        installation.internal(Role.CONVERSATIONS).toString());
    environment.put(
        Setting.FEDERATED_AUTH_URL.variable(),
        installation.internal(Role.FEDERATED_AUTH).toString());
    Typed typed =
        Typed.in(folder, environment, withData("guests", "export", "--conversation", first));
    assertThat(typed.exit()).as(typed.err()).isZero();
    assertThat(list(typed.json(), "conversations")).hasSize(1);

    environment.put(Setting.CONVERSATIONS_URL.variable(), "http://127.0.0.1:1");
    Typed nobody = Typed.in(
        folder, environment, withData("guests", "erase", "--conversation", first, "--yes"));
    assertMistake(nobody, "which must be running");
    assertThat(exists(first)).isTrue();
  }

  /** Another chat of the same browser; returns its conversation. */
  private String beginsAnother() {
    installation.clock.pass(Duration.ofSeconds(1));
    return guest
        .post("/v2/Webchat/Init", """
            {"deploymentKey":"%s","identity":"%s"}""".formatted(installation.deployment.text(), identity))
        .text("conversation_sid");
  }

  private String sendsAFile(String text) {
    String file = installation.serverUploads("offer.txt", text).text("sid");
    Guest.Reply sent = installation.server(
        "POST", "/v1/Conversations/" + first + "/Messages", "Author=bot&MediaSid=" + file);
    assertThat(sent.status()).as(sent.response().body()).isEqualTo(201);
    return file;
  }

  private void notes(String body) {
    try (Database database = Config.read(Optional.empty(), Map.of(), installation.settings())
        .databases()
        .open(SqlConversationStore.SCHEMA, MigrationMode.VERIFY)) {
      var _ = new SqlTeamStore(database)
          .addNote(
              installation.account,
              new Sid.Conversation(first),
              new TeamConversations.NewNote(new Identity("agent_1"), "Ann", body, body),
              installation.clock.instant());
    }
  }

  private boolean exists(String conversation) {
    return installation.server("GET", "/v1/Conversations/" + conversation, "").status() == 200;
  }

  @SuppressWarnings("unchecked") // the parser makes maps with names as keys
  private static List<Map<String, Object>> list(Map<String, ?> object, String member) {
    return (List<Map<String, Object>>) Objects.requireNonNull((Object) object.get(member));
  }

  private Typed type(String... arguments) {
    return Typed.in(folder, environment(), withData(arguments));
  }

  /** The flags for a database that is not in the folder. */
  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    installation.settings().forEach((setting, value) -> {
      if (setting.key().startsWith("database.")) {
        environment.put(setting.variable(), value);
      }
    });
    return environment;
  }

  private String[] withData(String... arguments) {
    return Stream.concat(
            Stream.of(arguments), Stream.of("--data", installation.folder().toString()))
        .toArray(String[]::new);
  }

  private static void assertMistake(Typed typed, String words) {
    assertThat(typed.err()).startsWith("parlour: ").contains(words).doesNotContain("\tat ");
    assertThat(typed.out()).isEmpty();
    assertThat(typed.exit()).isEqualTo(1);
  }
}
