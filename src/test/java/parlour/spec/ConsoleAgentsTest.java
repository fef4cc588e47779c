package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.inbox.Agents;
import parlour.oidc.FakeProvider;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** The part of the console by which admins manage agents, over HTTP. */
@ParameterizedClass
@InBothShapes
class ConsoleAgentsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @AutoClose
  private static final FakeProvider provider = new FakeProvider();

  @AutoClose
  private static final BothShapes installations =
      new BothShapes(ServiceDecorators.NONE, ProviderBrowser.settings(provider));

  private final Installation installation;
  private final AgentBrowser ann;

  ConsoleAgentsTest(Shape shape) {
    installation = installations.in(shape);
    installation.configureAnew();
    provider.restore(installation.clock);
    ann = new AgentBrowser(installation);
  }

  @Test
  void an_admin_creates_an_agent_whose_password_is_shown_once_and_works() {
    String name = fresh();
    Reply created =
        ann.posts("/console/agents", "{\"name\":\"%s\",\"role\":\"auditor\"}".formatted(name));
    assertThat(created.status()).isEqualTo(200);
    assertThat(created.response().headers().firstValue("Cache-Control")).contains("no-store");
    AgentBrowser joe = signsIn(name, created.text("password"));
    assertThat(joe.gets("/me").json())
        .containsEntry("role", "auditor")
        .containsEntry("display_name", "Agent");
    assertThat(listed(name))
        .containsEntry("role", "auditor")
        .containsEntry("is_of_provider", false)
        .containsEntry("second_factor", false)
        .containsKey("last_sign_in");
    assertThat(ann.gets("/console/agents").response().body())
        .doesNotContain(created.text("password"));
    assertNoted("agent created", name);
  }

  @Test
  void a_wrong_name_or_role_names_the_field_and_the_remedy() {
    Map<String, String> wrong = Map.of(
        "{\"name\":\"joe smith\",\"role\":\"agent\"}",
        "\"name\": \"joe smith\" cannot be",
        "{\"name\":\"%s\",\"role\":\"owner\"}".formatted(fresh()),
        "\"role\": there is no such role",
        "{\"name\":\"%s\"}".formatted(fresh()),
        "\"role\" is missing",
        "{\"name\":\"%s\",\"role\":\"agent\",\"display_name\":\"%s\"}"
            .formatted(fresh(), "x".repeat(2_000)),
        "\"display_name\": a display name is one line");
    wrong.forEach((body, message) -> {
      Reply reply = ann.posts("/console/agents", body);
      assertThat(reply.status()).as(body).isEqualTo(400);
      assertThat(reply.text("message").replace("\\\"", "\"")).contains(message);
    });
    Reply taken =
        ann.posts("/console/agents", "{\"name\":\"%s\",\"role\":\"agent\"}".formatted(ann.name()));
    assertThat(taken.status()).isEqualTo(409);
    assertThat(taken.code()).isEqualTo(45812);
    assertThat(ann.posts("/console/agents/reset", named("nobody")).status()).isEqualTo(404);
    assertThat(ann.posts("/console/agents/remove", named("x".repeat(200))).status())
        .isEqualTo(404);
    assertThat(ann.posts("/console/agents/remove", "{}").status()).isEqualTo(400);
  }

  @Test
  void a_reset_signs_the_agent_out_everywhere_and_only_the_new_password_works() {
    Installation.NewAgent agent = installation.agent(Agents.Role.AGENT);
    AgentBrowser bob = new AgentBrowser(installation, agent);
    Reply reset = ann.posts("/console/agents/reset", named(agent.name()));
    assertThat(reset.status()).isEqualTo(200);
    assertThat(bob.gets("/me").status()).isEqualTo(401);
    assertThat(bob.posts("/sign-in", signIn(agent.name(), agent.password())).code())
        .isEqualTo(45783);
    assertThat(signsIn(agent.name(), reset.text("password")).gets("/me").status())
        .isEqualTo(200);
    assertNoted("password reset", agent.name());
  }

  @Test
  void a_role_is_changed_at_once_and_a_removed_agent_is_out_and_leaves_the_chats() {
    Installation.NewAgent agent = installation.agent(Agents.Role.AGENT);
    AgentBrowser bob = new AgentBrowser(installation, agent);
    Guest guest = installation.guest().starts();
    bob.says(guest.conversation(), "Hello", UUID.randomUUID().toString());
    assertThat(bob.gets("/console/agents").code()).isEqualTo(45789);
    assertThat(role(ann, agent.name(), "admin").status()).isEqualTo(204);
    assertThat(bob.gets("/console/agents").status()).isEqualTo(200);
    assertThat(role(bob, ann.name(), "agent").status()).isEqualTo(204);
    assertThat(role(ann, agent.name(), "agent").code()).isEqualTo(45789);
    assertThat(role(bob, ann.name(), "admin").status()).isEqualTo(204);
    assertNoted("role changed to admin", agent.name());

    GuestSocket stream = bob.opensStream();
    Reply removed = ann.posts("/console/agents/remove", named(agent.name()));
    assertThat(removed.json()).containsEntry("has_left", true);
    assertThat(stream.closedWith()).isGreaterThan(0);
    assertThat(bob.gets("/me").status()).isEqualTo(401);
    assertThat(objects(ann.gets("/conversations/" + guest.conversation()), "participants"))
        .filteredOn(one -> "agent".equals(one.get("kind")))
        .allMatch(one -> Boolean.FALSE.equals(one.get("joined")));
    assertThat(ann.posts("/console/agents/remove", named(agent.name())).status())
        .isEqualTo(404);
    assertNoted("agent removed", agent.name());
  }

  @Test
  void an_admin_cannot_change_themself() {
    for (String path : List.of("reset", "remove")) {
      Reply reply = ann.posts("/console/agents/" + path, named(ann.name()));
      assertThat(reply.status()).as(path).isEqualTo(409);
      assertThat(reply.code()).isEqualTo(45810);
    }
    assertThat(role(ann, ann.name(), "agent").code()).isEqualTo(45810);
    assertThat(ann.gets("/me").json()).containsEntry("role", "admin");
  }

  @Test
  void the_admin_of_another_account_sees_and_changes_no_agent_of_this_one() {
    Installation.NewAgent agent = installation.agent(Agents.Role.AGENT);
    AgentBrowser bob = new AgentBrowser(installation, agent);
    AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    assertThat(other.gets("/console/agents").response().body()).doesNotContain(agent.name());
    for (String path : List.of("reset", "remove", "admit")) {
      assertThat(other.posts("/console/agents/" + path, named(agent.name())).status())
          .as(path)
          .isEqualTo(404);
    }
    assertThat(role(other, agent.name(), "admin").status()).isEqualTo(404);
    assertThat(bob.gets("/me").json()).containsEntry("role", "agent");
  }

  @Test
  void an_agent_of_the_identity_provider_is_marked_and_comes_back_only_if_admitted() {
    FakeProvider.Human human =
        new FakeProvider.Human(UUID.randomUUID().toString(), "kim", "Kim", List.of("leads"));
    String name = new ProviderBrowser(installation, provider).signsIn(human).text("name");
    assertThat(listed(name))
        .containsEntry("is_of_provider", true)
        .containsEntry("second_factor", null);
    assertThat(ann.posts("/console/agents/reset", named(name)).code()).isEqualTo(45811);
    assertThat(ann.posts("/console/agents/remove", named(name)).status()).isEqualTo(200);
    assertThat(ann.gets("/console/agents").json().get("removed")).isEqualTo(List.of(name));
    assertThat(new ProviderBrowser(installation, provider).signsIn(human).code())
        .isEqualTo(45802);
    assertThat(ann.posts("/console/agents/admit", named(name)).status()).isEqualTo(204);
    assertThat(new ProviderBrowser(installation, provider).signsIn(human).status())
        .isEqualTo(200);
    assertNoted("agent admitted", name);
  }

  @Test
  void the_ledger_names_who_changed_answers_signed_agents_out_and_was_refused() {
    Installation.NewAgent agent = installation.agent(Agents.Role.AGENT);
    AgentBrowser bob = new AgentBrowser(installation, agent);
    assertThat(bob.gets("/console/agents").status()).isEqualTo(403);
    assertNoted("only for admins", agent.name(), "", 45789);
    String title = "Hours " + fresh();
    String text = "{\"title\":\"%s\",\"text\":\"We open at nine.\"}".formatted(title);
    assertThat(ann.posts("/replies", text).status()).isEqualTo(204);
    assertNoted("prepared answer saved", title);
    assertThat(ann.posts("/replies/remove", text).status()).isEqualTo(204);
    assertNoted("prepared answer removed", title);
    assertThat(ann.posts("/agents/end-browsers", named(agent.name())).status()).isEqualTo(204);
    assertNoted("agent signed out", agent.name());
  }

  private void assertNoted(String cause, String object) {
    assertNoted(cause, ann.name(), object, 0);
  }

  /** The ledger is written beside the requests. */
  private void assertNoted(String cause, String by, String object, long code) {
    String query = "/console/ledger?all=true&cause=" + cause.replace(' ', '+');
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (objects(ann.gets(query), "entries").stream()
        .noneMatch(one -> "console".equals(one.get("event"))
            && by.equals(one.get("by"))
            && object.equals(one.get("object"))
            && Long.valueOf(code).equals(one.get("code")))) {
      assertThat(System.nanoTime()).as(cause).isLessThan(giveUp);
      Installation.pause(Duration.ofMillis(50));
    }
  }

  private Map<String, Object> listed(String name) {
    return objects(ann.gets("/console/agents"), "agents").stream()
        .filter(one -> name.equals(one.get("name")))
        .findFirst()
        .orElseThrow();
  }

  private static Reply role(AgentBrowser admin, String name, String role) {
    return admin.posts(
        "/console/agents/role", "{\"name\":\"%s\",\"role\":\"%s\"}".formatted(name, role));
  }

  private AgentBrowser signsIn(String name, String password) {
    return new AgentBrowser(
        installation,
        new Installation.NewAgent(name, password, Agents.Agent.nextIdentity(new SecureRandom())));
  }

  private static String fresh() {
    return "joe" + UUID.randomUUID().toString().substring(0, 8);
  }

  private static String named(String name) {
    return "{\"name\":\"%s\"}".formatted(name);
  }

  private static String signIn(String name, String password) {
    return "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(name, password);
  }

  private static List<Map<String, Object>> objects(Reply reply, String name) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Object one : (List<?>) Objects.requireNonNull(reply.json().get(name))) {
      Map<String, Object> object = new HashMap<>();
      ((Map<?, ?>) one).forEach((key, value) -> object.put(String.valueOf(key), value));
      list.add(object);
    }
    return list;
  }
}
