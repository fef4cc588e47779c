package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.config.Role;
import parlour.conversations.SqlConversationStore;
import parlour.inbox.Agents;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** A desk with members: other agents of the account see nothing of its conversations. */
@ParameterizedClass
@InBothShapes
class DesksTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Sid.Address desk = Sid.Address.random(new SecureRandom());
  private final AgentBrowser member;
  private final AgentBrowser outsider;
  private final Guest guest;
  private final String chat;

  DesksTest(Shape shape) {
    installation = installations.in(shape);
    member = agent(Agents.Role.AGENT);
    outsider = agent(Agents.Role.AGENT);
    installation.accounts(accounts -> accounts.create(
        new Accounts.Address(desk, installation.account, "Sales", installation.clock.instant())));
    Accounts.Settings defaults = installation.defaults();
    Sid.Deployment deployment = installation.deploy(new Accounts.Settings(
        Optional.of(desk), defaults.allowedOrigins(), defaults.rules(), defaults.lifetimes()));
    installation.desks(members -> {
      assertThat(members.add(desk, member.name())).isEmpty();
      assertThat(members.add(desk, agent(Agents.Role.AGENT).name())).isEmpty();
    });
    guest = installation.guest().of(deployment).starts();
    guest.says("The swordfish is mine", "a");
    chat = guest.conversation();
  }

  /** The next test has desks of its own, and an account has a bounded number of them. */
  @AfterEach
  void openDesk() {
    installation.desks(members -> members
        .of(desk)
        .forEach(one -> assertThat(members.remove(desk, one.name())).isTrue()));
  }

  @Test
  void no_call_about_its_conversation_reveals_to_another_agent_that_there_is_one() {
    List<InboxRoutes.Route> routes = InboxRoutes.ofOneConversation();
    assertThat(routes).hasSizeGreaterThan(15);
    String unknown = Sid.Conversation.random(new SecureRandom()).text();
    for (InboxRoutes.Route route : routes) {
      Reply hidden = call(outsider, route, chat);
      assertThat(hidden.status()).as("%s", route).isEqualTo(404);
      assertThat(hidden.text("message"))
          .as("%s", route)
          .isEqualTo(call(outsider, route, unknown).text("message"))
          .isEqualTo("There is no such conversation.");
    }
    assertThat(outsider.uploads(chat, "a.txt", "b", "text").status()).isEqualTo(404);
    assertThat(member.gets("/conversations/" + chat).status()).isEqualTo(200);
    assertThat(member.says(chat, "Hello", "c").status()).isEqualTo(201);
  }

  private static Reply call(AgentBrowser agent, InboxRoutes.Route route, String conversation) {
    String path = route
        .path()
        .replace(InboxRoutes.CONVERSATION, conversation)
        .replace("{MediaSid}", "ME" + "0".repeat(32));
    return route.method().equals("get") ? agent.gets(path) : agent.posts(path, "{}");
  }

  @Test
  void its_conversations_are_in_no_list_and_no_search_of_another_agent() {
    var _ = member.posts(chat, "labels", "{\"label\":\"refund\"}");
    for (String list : List.of("all", "waiting", "unassigned", "labelled&label=refund")) {
      String path = "/conversations?list=" + list;
      assertThat(member.gets(path).response().body()).as(list).contains(chat);
      assertThat(outsider.gets(path).status()).isEqualTo(200);
      assertThat(outsider.gets(path).response().body()).as(list).doesNotContain(chat);
    }
    untilIndexed();
    for (AgentBrowser all : List.of(agent(Agents.Role.ADMIN), agent(Agents.Role.AUDITOR))) {
      assertThat(found(all)).contains(chat);
      assertThat(all.gets("/conversations").response().body()).contains(chat);
      assertThat(all.gets("/conversations/" + chat).status()).isEqualTo(200);
    }
    assertThat(found(outsider)).doesNotContain(chat);
    assertThat(member.posts("/conversations/" + chat + "/close", "{}").status()).isEqualTo(204);
    assertThat(outsider.gets("/conversations?list=closed").response().body()).doesNotContain(chat);
  }

  private void untilIndexed() {
    for (int i = 0; i < 3_000 && !found(member).contains(chat); i++) {
      Installation.pause(Duration.ofMillis(20));
    }
    assertThat(found(member)).contains(chat);
  }

  /** The desk has more of them than a page examines. */
  @Test
  void a_page_that_examined_only_its_conversations_names_none_of_them_to_another_agent() {
    String prefix = "CHdec0de";
    fill(prefix, Limits.LIST_EXAMINED + 9);
    String ofMember = "&assignee=" + member.identity();
    for (String list : List.of(
        "filtered&state=closed" + ofMember,
        "filtered" + ofMember,
        "filtered&label=lost",
        "labelled&label=lost")) {
      String path = "/conversations?list=" + list;
      assertThat(member.gets(path).response().body()).as(list).contains(prefix);
      assertThat(outsider.gets(path).response().body())
          .as(list)
          .startsWith("{\"conversations\":[],\"next\":\"1970-")
          .endsWith("_CH" + "0".repeat(32) + "\"}");
    }
    for (String more : List.of("", "&state=closed", ofMember, "&label=lost")) {
      String path = "/conversations?list=filtered&desk=" + desk.text() + more;
      assertThat(member.gets(path).response().body()).as(more).contains(prefix);
      assertThat(outsider.gets(path).response().body())
          .as(more)
          .isEqualTo("{\"conversations\":[],\"next\":null}");
    }
  }

  /** Adds closed conversations of the member, with a label. */
  private void fill(String prefix, int count) {
    String numbers =
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT '"
            + prefix + "0".repeat(20) + "' || substr(CAST(1000000 + i AS TEXT), 2)";
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      var _ = database.write(sql -> {
        sql.update(
            "INSERT INTO conversation (sid, account_sid, address_sid, state, pre_engagement_data,"
                + " created_at, updated_at, last_activity_at, guest_spoke, next_index,"
                + " message_count, revision, assignee)" + numbers
                + ", ?, ?, 'closed', '{}', i, i, i, TRUE, 0, 0, 1, ? FROM n",
            count,
            installation.account.text(),
            desk.text(),
            member.identity());
        return sql.update(
            "INSERT INTO conversation_label (conversation_sid, label, account_sid, began_at)"
                + numbers + ", 'lost', ?, i FROM n",
            count,
            installation.account.text());
      });
    }
  }

  /** A call that lost the field must not show every desk. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      Conversations/inbox       | "list":{"type":"in_state","state":"active"},"limit":99
      Conversations/inbox       | "list":{"type":"filtered","label":"refund"},"limit":99
      Conversations/inbox       | "list":{"type":"unassigned"},"after":{"at":"2100-01-01T00:00:00Z","sid":"%s"},"limit":99
      Conversations/counts      | "lists":[{"type":"unassigned"}],"max":9
      Conversations/unread      | "lists":[{"type":"unassigned"}],"conversations":9
      TeamConversations/search  | "words":"swordfish"
      """)
  void an_internal_call_that_does_not_say_what_the_agent_sees_is_refused(
      String path, String fields) {
    var _ = member.posts(chat, "labels", "{\"label\":\"refund\"}");
    untilIndexed();
    HttpResponse<String> all = internally(path, fields + """
        ,"sight":{"hidden":[],"other_sids":[]}""");
    assertThat(all.statusCode()).as(all.body()).isEqualTo(200);
    HttpResponse<String> hiding = internally(path, fields + """
        ,"sight":{"hidden":["%s"],"other_sids":[]}""".formatted(desk.text()));
    assertThat(hiding.statusCode()).as(hiding.body()).isEqualTo(200);
    if (path.endsWith("/counts") || path.endsWith("/unread")) {
      assertThat(all.body()).as("a number").matches("[^0-9]*[1-9][0-9]*[^0-9]*");
      assertThat(hiding.body()).as("a number").matches("[^0-9]*0[^0-9]*");
    } else {
      assertThat(all.body()).contains(chat);
      assertThat(hiding.body()).doesNotContain(chat);
    }
    HttpResponse<String> silent = internally(path, fields);
    assertThat(silent.statusCode()).as(silent.body()).isEqualTo(400);
    assertThat(silent.body()).contains("the field \\\"sight\\\" is missing").doesNotContain(chat);
  }

  private HttpResponse<String> internally(String path, String fields) {
    return Http.post(
        installation
            .internal(Role.CONVERSATIONS)
            .resolve("/v1/Accounts/" + installation.account.text() + "/" + path),
        installation.internalSecret(),
        "{" + fields.replace("%s", chat) + "}");
  }

  private static String found(AgentBrowser agent) {
    Reply reply = agent.posts("/search", "{\"words\":\"swordfish\"}");
    assertThat(reply.status()).isEqualTo(200);
    return reply.response().body();
  }

  @Test
  void it_is_not_among_the_other_conversations_of_its_guest() {
    Sid.Deployment deployment = guest.deployment();
    installation.accounts(accounts -> accounts.update(
        accounts.version(),
        new Accounts.Deployment(
            deployment,
            installation.account,
            "Test",
            installation.defaults(), // with the address without members
            installation.clock.instant(),
            installation.clock.instant())));
    Installation.pause(Limits.DIRECTORY_POLL.multipliedBy(3)); // until every process has read it
    Reply again = guest.post("/v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"Ada","preEngagementData":"{}",\
        "identity":"%s"}""".formatted(
            deployment.text(), guest.get("/v2/Webchat/Messages").text("identity")));
    installation.guest().of(deployment).holding(again.text("token")).says("Me again", "b");
    String open = "/conversations/" + again.text("conversation_sid");
    assertThat(member.gets(open).response().body()).contains(chat);
    assertThat(outsider.gets(open).status()).isEqualTo(200);
    assertThat(outsider.gets(open).response().body()).doesNotContain(chat);
  }

  @Test
  void the_stream_of_another_agent_has_nothing_of_it() {
    Guest other = installation.guest().starts();
    try (GuestSocket hidden = outsider.opensStream();
        GuestSocket shown = member.opensStream()) {
      hidden.receives("welcome");
      shown.receives("welcome");
      guest.says("Anybody?", "b");
      assertThat(sidIn(shown.receives("conversation"))).isEqualTo(chat);
      var _ = member.posts(chat, "looking", "{}");
      var _ = member.posts(chat, "typing", "{}");
      other.says("Hello", "a");
      for (Map<String, ?> frame = hidden.receives();
          !"conversation".equals(frame.get("type"));
          frame = hidden.receives()) {
        assertThat(frame.toString()).doesNotContain(chat);
      }
      var _ = outsider.posts(other.conversation(), "looking", "{}");
      var _ = member.posts(other.conversation(), "looking", "{}");
      assertThat(hidden.receives("looking").get("conversation_sid"))
          .isEqualTo(other.conversation());
    }
  }

  @Test
  void a_removed_member_loses_sight_on_the_open_stream_and_in_the_next_call() {
    Guest other = installation.guest().starts();
    try (GuestSocket stream = member.opensStream()) {
      stream.receives("welcome");
      installation.desks(
          members -> assertThat(members.remove(desk, member.name())).isTrue());
      assertThat(member.gets("/conversations/" + chat).status()).isEqualTo(404);
      stream.receives("desks");
      guest.says("Anybody?", "b");
      other.says("Hello", "a");
      assertThat(sidIn(stream.receives("conversation"))).isEqualTo(other.conversation());
      installation.desks(members -> assertThat(members.add(desk, member.name())).isEmpty());
      stream.receives("desks");
      guest.says("Still here", "c");
      assertThat(sidIn(stream.receives("conversation"))).isEqualTo(chat);
    }
  }

  @Test
  void an_admin_who_becomes_an_agent_loses_sight_on_the_open_stream() {
    AgentBrowser admin = agent(Agents.Role.ADMIN);
    try (GuestSocket stream = admin.opensStream()) {
      stream.receives("welcome");
      installation.agents(
          agents -> agents.update(admin.name(), Optional.empty(), Optional.of(Agents.Role.AGENT)));
      stream.receives("desks");
    }
    assertThat(admin.gets("/conversations/" + chat).status()).isEqualTo(404);
  }

  @Test
  void its_conversations_are_assigned_to_members_and_admins_only() {
    AgentBrowser admin = agent(Agents.Role.ADMIN);
    Reply refused = member.posts("/conversations/" + chat + "/assignee", to(outsider, ""));
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo(45791);
    assertThat(member.posts(chat, "assignee", to(admin, "")).status()).isEqualTo(204);
    assertThat(admin.posts(chat, "assignee", to(member, admin.identity())).status())
        .isEqualTo(204);
    String unknown = Sid.Conversation.random(new SecureRandom()).text();
    assertThat(admin
            .posts("/conversations/" + unknown + "/assignee", to(outsider, ""))
            .status())
        .isEqualTo(404);
  }

  private static String to(AgentBrowser agent, String from) {
    return "{\"assignee\":\"%s\",\"from\":\"%s\"}".formatted(agent.identity(), from);
  }

  @Test
  void a_desk_without_members_is_open_to_all() {
    openDesk();
    assertThat(outsider.gets("/conversations/" + chat).status()).isEqualTo(200);
    assertThat(outsider.gets("/conversations").response().body()).contains(chat);
  }

  private AgentBrowser agent(Agents.Role role) {
    return new AgentBrowser(installation, installation.agent(role));
  }

  private static String sidIn(Map<String, ?> frame) {
    Map<?, ?> summary = (Map<?, ?>) Objects.requireNonNull(frame.get("conversation"));
    return String.valueOf(summary.get("conversation_sid"));
  }
}
