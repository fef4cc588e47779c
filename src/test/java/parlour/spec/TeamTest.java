package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.inbox.Agents;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** The people of a team: their names, roles, passwords and browsers. */
@ParameterizedClass
@InBothShapes
class TeamTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final AgentBrowser ann;
  private final Guest guest;

  TeamTest(Shape shape) {
    installation = installations.in(shape);
    ann = new AgentBrowser(installation);
    guest = installation.guest().starts();
  }

  @Test
  void a_guest_sees_the_display_name_of_an_agent_and_never_the_name_to_sign_in_with() {
    guest.says("Hello", "a");
    String chat = guest.conversation();
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(1))) {
      socket.receives("welcome");
      ann.says(chat, "Hi", "b");
      assertThat(socket.receives("participant").toString())
          .contains(ann.displayName())
          .doesNotContain(ann.name());
      assertThat(socket.receives("message").toString())
          .contains(ann.displayName(), ann.identity())
          .doesNotContain(ann.name());
    }
    assertThat(guest.get("/v2/Webchat/Messages").response().body())
        .contains(ann.displayName())
        .doesNotContain(ann.name());
  }

  @Test
  void an_agent_changes_the_name_that_guests_see() {
    guest.says("Hello", "a");
    Reply renamed = ann.posts("/me", "{\"display_name\":\" Ann Lee \"}");
    assertThat(renamed.status()).isEqualTo(200);
    assertThat(renamed.json())
        .containsEntry("display_name", "Ann Lee")
        .containsEntry("name", ann.name())
        .containsEntry("role", "admin");
    assertThat(ann.says(guest.conversation(), "Hi", "b").json())
        .containsEntry("author_name", "Ann Lee");
    for (String wrong :
        List.of("", " ", "two\\nlines", "x".repeat(Limits.AGENT_DISPLAY_NAME_CHARACTERS + 1))) {
      assertThat(ann.posts("/me", "{\"display_name\":\"%s\"}".formatted(wrong)).status())
          .as(wrong)
          .isEqualTo(400);
    }
  }

  @Test
  void an_auditor_reads_and_every_change_is_refused_with_the_reason() {
    guest.says("Hello", "a");
    String chat = guest.conversation();
    AgentBrowser auditor = new AgentBrowser(installation, installation.agent(Agents.Role.AUDITOR));
    assertThat(auditor.gets("/conversations").status()).isEqualTo(200);
    assertThat(auditor.gets("/conversations/" + chat).status()).isEqualTo(200);
    try (GuestSocket stream = auditor.opensStream()) {
      assertThat(stream.receives()).containsEntry("type", "welcome");
    }
    Set<String> ofAdmins =
        InboxRoutes.ofConsole().stream().map(InboxRoutes.Route::path).collect(Collectors.toSet());
    ofAdmins.addAll(InboxRoutes.OF_ADMINS);
    List<String> changes = InboxRoutes.changing();
    assertThat(changes).hasSizeGreaterThan(20).contains(one("/messages"), "/replies/remove");
    for (String path : changes) {
      if (!InboxRoutes.OF_EVERY_AGENT.contains(path)) {
        assertRefused(
            auditor.posts(path.replace(InboxRoutes.CONVERSATION, chat), "{}"),
            ofAdmins.contains(path) ? "admin" : "auditor");
      }
    }
    assertThat(guest.get("/v2/Webchat/Messages").response().body()).doesNotContain("Hi");
  }

  @Test
  void a_removed_agent_can_change_nothing_more_and_no_other_page_can() {
    AgentBrowser removed = new AgentBrowser(installation);
    installation.agents(agents -> agents.remove(removed.name()));
    for (String path : InboxRoutes.changing()) {
      String called = path.replace(InboxRoutes.CONVERSATION, guest.conversation());
      if (!InboxRoutes.WITHOUT_SIGN_IN.contains(path)) {
        assertThat(removed.posts(called, "{}").code()).as(path).isEqualTo(45782);
      }
      assertThat(ann.postsFromAnotherSite(called).status()).as(path).isEqualTo(403);
    }
    assertThat(ann.gets("/me").status()).isEqualTo(200);
  }

  private static String one(String what) {
    return "/conversations/" + InboxRoutes.CONVERSATION + what;
  }

  @Test
  void only_an_admin_changes_the_prepared_answers() {
    AgentBrowser ben = new AgentBrowser(installation, installation.agent(Agents.Role.AGENT));
    assertRefused(ben.posts("/replies", "{\"title\":\"a\",\"text\":\"b\"}"), "admin");
    assertRefused(ben.posts("/replies/remove", "{\"title\":\"a\"}"), "admin");
    assertThat(ben.gets("/replies").status()).isEqualTo(200);
    assertThat(ann.posts("/replies", "{\"title\":\"a\",\"text\":\"b\"}").status())
        .isEqualTo(204);
  }

  @Test
  void a_changed_role_counts_from_the_next_call() {
    guest.says("Hello", "a");
    assertThat(ann.says(guest.conversation(), "Hi", "b").status()).isEqualTo(201);
    installation.agents(
        agents -> agents.update(ann.name(), Optional.empty(), Optional.of(Agents.Role.AUDITOR)));
    assertRefused(
        ann.posts(
            "/conversations/" + guest.conversation() + "/messages",
            "{\"body\":\"Again\",\"client_id\":\"c\"}"),
        "auditor");
  }

  @Test
  void an_own_new_password_needs_the_old_one_and_ends_the_other_browsers() {
    Installation.NewAgent agent = installation.agent(Agents.Role.AUDITOR);
    AgentBrowser here = new AgentBrowser(installation, agent);
    AgentBrowser elsewhere = new AgentBrowser(installation, agent);
    Reply wrong = here.posts("/password", "{\"old\":\"wrong\"}");
    assertThat(wrong.status()).isEqualTo(403);
    assertThat(wrong.code()).isEqualTo(45790);
    assertThat(elsewhere.gets("/me").status()).isEqualTo(200);
    Reply done = here.posts("/password", "{\"old\":\"%s\"}".formatted(agent.password()));
    assertThat(done.status()).isEqualTo(200);
    assertThat(here.gets("/me").status()).isEqualTo(200);
    assertThat(elsewhere.gets("/me").status()).isEqualTo(401);
    AgentBrowser again = new AgentBrowser(
        installation,
        new Installation.NewAgent(agent.name(), done.text("password"), agent.identity()));
    assertThat(again.gets("/me").status()).isEqualTo(200);
  }

  @Test
  void an_agent_sees_their_own_browsers_and_ends_one() {
    Installation.NewAgent agent = installation.agent();
    AgentBrowser here = new AgentBrowser(installation, agent);
    AgentBrowser elsewhere = new AgentBrowser(installation, agent);
    List<Map<?, ?>> browsers = browsers(here);
    assertThat(browsers)
        .hasSize(2)
        .allMatch(one -> String.valueOf(one.get("browser")).contains("Java"));
    Map<?, ?> other = browsers.stream()
        .filter(one -> Boolean.FALSE.equals(one.get("current")))
        .findFirst()
        .orElseThrow();
    String end = "{\"id\":\"%s\"}".formatted(other.get("id"));
    assertThat(ann.posts("/browsers/end", end).status()).isEqualTo(204);
    assertThat(elsewhere.gets("/me").status()).as("another agent ends it not").isEqualTo(200);
    assertThat(here.posts("/browsers/end", end).status()).isEqualTo(204);
    assertThat(elsewhere.gets("/me").status()).isEqualTo(401);
    assertThat(browsers(here)).hasSize(1);
  }

  @Test
  void an_admin_signs_a_colleague_out_everywhere() {
    Installation.NewAgent agent = installation.agent(Agents.Role.AGENT);
    AgentBrowser here = new AgentBrowser(installation, agent);
    AgentBrowser elsewhere = new AgentBrowser(installation, agent);
    String call = "{\"name\":\"%s\"}".formatted(agent.name());
    AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    assertThat(other.posts("/agents/end-browsers", call).status()).isEqualTo(404);
    assertRefused(here.posts("/agents/end-browsers", call), "admin");
    assertThat(ann.posts("/agents/end-browsers", call).status()).isEqualTo(204);
    assertThat(here.gets("/me").status()).isEqualTo(401);
    assertThat(elsewhere.gets("/me").status()).isEqualTo(401);
    assertThat(ann.gets("/me").status()).isEqualTo(200);
  }

  private static void assertRefused(Reply reply, String word) {
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(403);
    assertThat(reply.code()).isEqualTo(45789);
    assertThat(reply.text("message")).contains(word);
  }

  private static List<Map<?, ?>> browsers(AgentBrowser agent) {
    List<?> all =
        (List<?>) Objects.requireNonNull(agent.gets("/browsers").json().get("browsers"));
    return all.stream().<Map<?, ?>>map(one -> (Map<?, ?>) one).toList();
  }
}
