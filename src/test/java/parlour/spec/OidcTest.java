package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.CapturedLog;
import parlour.Limits;
import parlour.accounts.SqlAccounts;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.inbox.AgentLogins;
import parlour.inbox.Agents;
import parlour.inbox.ProviderAuthenticator;
import parlour.inbox.SqlAgentLogins;
import parlour.oidc.FakeProvider;
import parlour.oidc.FakeProvider.Behaviour;
import parlour.oidc.FakeProvider.Human;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** Agents who sign in at an identity provider, from the button to the inbox. */
@ParameterizedClass
@InBothShapes
class OidcTest {
  @AutoClose
  private static final FakeProvider provider = new FakeProvider();

  @AutoClose
  private static final BothShapes installations =
      new BothShapes(ServiceDecorators.NONE, ProviderBrowser.settings(provider));

  private final Shape shape;
  private final Installation installation;

  OidcTest(Shape shape) {
    this.shape = shape;
    installation = installations.in(shape);
    provider.restore(installation.clock);
  }

  private static Human human(String name, String... groups) {
    return new Human(UUID.randomUUID().toString(), name, name + " Lee", List.of(groups));
  }

  private ProviderBrowser tab() {
    return new ProviderBrowser(installation, provider);
  }

  private void logins(Consumer<AgentLogins> work) {
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      work.accept(new SqlAgentLogins(database));
    }
  }

  @Test
  void an_agent_is_made_at_the_first_sign_in_and_recognised_at_the_next() {
    Human ann = human("ann", "/chat/team");
    ProviderBrowser tab = tab();
    assertThat(tab.gets("/oidc").text("name")).isEqualTo("Team");
    Reply first = tab.signsIn(ann);
    assertThat(first.status()).as(first.response().body()).isEqualTo(200);
    assertThat(first.json())
        .containsEntry("role", "agent")
        .containsEntry("display_name", "ann Lee")
        .containsEntry("account_sid", installation.account.text())
        .containsEntry("is_of_provider", true);
    assertThat(first.response().headers().allValues("Set-Cookie"))
        .anyMatch(set -> set.startsWith("__Host-parlour_agent=")
            && set.endsWith("; HttpOnly; SameSite=Strict; Secure"))
        .anyMatch(set -> set.startsWith("__Host-parlour_sign_in=; ") && set.contains("Max-Age=0"));
    assertThat(tab.gets("/conversations?list=mine").status()).isEqualTo(200);

    Human renamed = new Human(ann.subject(), "ann.lee", "Ann Smith", ann.groups());
    Reply again = tab().signsIn(renamed);
    assertThat(again.text("identity")).isEqualTo(first.text("identity"));
    assertThat(again.text("name")).isEqualTo(first.text("name"));
    assertThat(again.text("display_name")).as("the agent's own choice").isEqualTo("ann Lee");
  }

  @Test
  void the_role_follows_the_groups_and_without_one_every_browser_is_signed_out() {
    Human ann = human("ann", "leads", "audit");
    ProviderBrowser tab = tab();
    assertThat(tab.signsIn(ann).text("role")).isEqualTo("admin");
    Human auditor = new Human(ann.subject(), "ann", "Ann", List.of("audit", "others"));
    assertThat(tab().signsIn(auditor).text("role")).isEqualTo("auditor");
    assertThat(tab.gets("/me").text("role")).as("in the first browser, too").isEqualTo("auditor");

    Human nobody = new Human(ann.subject(), "ann", "Ann", List.of("others", "admin", "agent"));
    Reply refused = tab().signsIn(nobody);
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.code()).isEqualTo(45801);
    assertThat(tab.gets("/me").code()).isEqualTo(45782);
  }

  @Test
  void a_person_never_becomes_the_agent_of_a_password_with_the_same_name() {
    Installation.NewAgent taken = installation.agent(Agents.Role.ADMIN);
    Reply in = tab().signsIn(human(taken.name(), "audit"));
    assertThat(in.text("name")).isEqualTo(taken.name() + "-2");
    assertThat(in.text("identity")).isNotEqualTo(taken.identity().text());
    assertThat(new AgentBrowser(installation, taken).gets("/me").json())
        .containsEntry("role", "admin")
        .containsEntry("is_of_provider", false);
  }

  @Test
  void the_name_of_an_agent_is_never_an_option_of_a_command() {
    assertThat(tab().signsIn(human("--help", "audit")).text("name")).startsWith("help");
    assertThat(tab().signsIn(human("-.-", "audit")).text("name")).startsWith("agent");
  }

  @Test
  void an_agent_of_the_provider_has_no_password() {
    Reply in = tab().signsIn(human("pat", "leads"));
    for (String password : List.of("", "pat", "0".repeat(64))) {
      assertThat(tab()
              .posts(
                  "/sign-in",
                  "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(in.text("name"), password))
              .status())
          .isIn(400, 401);
    }
    installation.agents(
        agents -> assertThat(agents.reset(in.text("name"), new byte[32])).isFalse());
  }

  @Test
  void a_removed_agent_is_out_at_once_and_stays_out_until_an_operator_admits_the_person() {
    Human ann = human("rita", "leads");
    ProviderBrowser tab = tab();
    String name = tab.signsIn(ann).text("name");
    installation.agents(agents -> assertThat(agents.remove(name)).isTrue());
    assertThat(tab.gets("/me").code()).isEqualTo(45782);
    Reply refused = tab().signsIn(ann);
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.code()).isEqualTo(45802);
    assertThat(tab().signsIn(human("rita", "leads")).text("name"))
        .as("the name of the removed agent is not given to another person")
        .isNotEqualTo(name);
    logins(logins -> {
      assertThat(logins.removed()).contains(name);
      assertThat(logins.admit(name)).isTrue();
      assertThat(logins.admit(name)).isFalse();
    });
    assertThat(tab().signsIn(ann).text("role")).isEqualTo("admin");
  }

  @Test
  void an_attempt_works_once_in_its_own_browser_and_in_time() {
    Human ann = human("ann", "leads");
    ProviderBrowser tab = tab();
    FakeProvider.Return with = tab.visits(ann);
    assertThat(tab().returns(with).code()).as("no cookie").isEqualTo(45799);
    ProviderBrowser other = tab();
    FakeProvider.Return others = other.visits(ann);
    assertThat(other.returns(with).code()).as("another attempt").isEqualTo(45799);
    assertThat(others.state()).isNotEqualTo(with.state());

    String before = tab.cookies();
    assertThat(tab.returns(with).status()).isEqualTo(200);
    tab.sends(before);
    assertThat(tab.returns(with).code()).as("again").isEqualTo(45799);
    tab.sends(before);
    String fresh = tab().visits(ann).code();
    assertThat(tab.returns(new FakeProvider.Return(fresh, with.state())).code())
        .as("a code of another attempt")
        .isEqualTo(45799);

    ProviderBrowser slow = tab();
    FakeProvider.Return late = slow.visits(ann);
    installation.clock.pass(Limits.OIDC_ATTEMPT);
    assertThat(slow.returns(late).code()).isEqualTo(45799);
  }

  @Test
  void an_attempt_that_has_succeeded_does_not_succeed_again_even_if_the_provider_repeats_itself() {
    AgentLogins.Login login = new AgentLogins.Login(
        installation.account, provider.issuer(), UUID.randomUUID().toString());
    Agents.Agent fresh = new Agents.Agent(
        "twice",
        installation.account,
        Agents.Agent.nextIdentity(new SecureRandom()),
        "Twice",
        Agents.Role.AGENT,
        installation.clock.instant());
    String attempt = UUID.randomUUID().toString();
    logins(logins -> {
      assertThat(logins.signIn(
              login, fresh, List.of(), new AgentLogins.Browser(attempt, attempt + "a", "")))
          .isEqualTo(AgentLogins.Outcome.SIGNED_IN);
      assertThat(logins.signIn(
              login, fresh, List.of(), new AgentLogins.Browser(attempt, attempt + "b", "")))
          .isEqualTo(AgentLogins.Outcome.REPLAYED);
    });
  }

  @Test
  void while_the_provider_is_down_the_page_says_so_and_passwords_work() {
    ProviderBrowser tab = tab();
    FakeProvider.Return with = tab.visits(human("ann", "leads"));
    provider.behaves(Behaviour.DOWN);
    Reply finish = tab.returns(with);
    assertThat(finish.status()).isEqualTo(503);
    assertThat(finish.code()).isEqualTo(45798);
    installation.clock.pass(Limits.OIDC_METADATA_TTL);
    Reply begin = tab.posts("/oidc/begin", "{}");
    assertThat(begin.status()).isEqualTo(503);
    assertThat(begin.code()).isEqualTo(45798);
    assertThat(new AgentBrowser(installation).gets("/me").status()).isEqualTo(200);
    provider.behaves(Behaviour.WELL);
    assertThat(tab.signsIn(human("ann", "leads")).status()).isEqualTo(200);
  }

  @Test
  void a_token_that_proves_nothing_is_refused_by_a_code_of_its_own() {
    provider.changes(claims -> claims.audience("shop"));
    Reply refused = tab().signsIn(human("ann", "leads"));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.code()).isEqualTo(45800);
    assertThat(refused.response().headers().allValues("Set-Cookie"))
        .singleElement()
        .asString()
        .startsWith("__Host-parlour_sign_in=; ");
  }

  private static String error(String state, String error) {
    return "{\"state\":\"%s\",\"error\":\"%s\"}".formatted(state, error);
  }

  @Test
  void an_error_of_the_provider_ends_the_attempt_and_says_whose_fault_it_is() {
    Map<String, Integer> codes = Map.of(
        "access_denied", 45799,
        "server_error", 45798,
        "temporarily_unavailable", 45798,
        "invalid_scope", 45803,
        "unauthorized_client", 45803,
        "made_up", 45803);
    codes.forEach((error, code) -> {
      ProviderBrowser tab = tab();
      String state = tab.visits(human("ann", "leads")).state();
      Reply answer = tab.posts("/oidc/finish", error(state, error));
      assertThat(answer.code()).as(error).isEqualTo(code);
      assertThat(answer.response().headers().allValues("Set-Cookie"))
          .singleElement()
          .asString()
          .startsWith("__Host-parlour_sign_in=; ");
    });
  }

  @Test
  void the_log_names_an_error_that_only_the_operator_can_correct() {
    try (CapturedLog log = new CapturedLog(ProviderAuthenticator.class)) {
      ProviderBrowser tab = tab();
      String state = tab.visits(human("ann", "leads")).state();
      tab.posts("/oidc/finish", error(state, "unsupported_response_type"));
      assertThat(log.lines())
          .anyMatch(line -> line.contains("with unsupported_response_type: are oidc."));
    }
  }

  @Test
  void a_start_warns_when_the_oldest_of_several_accounts_gets_the_new_agents() {
    try (CapturedLog log = new CapturedLog(ProviderAuthenticator.class);
        Installation own =
            Installation.start(shape, ServiceDecorators.NONE, ProviderBrowser.settings(provider))) {
      own.clock.pass(Duration.ofSeconds(1));
      var _ = own.agentOfAnotherAccount();
      assertThat(log.lines()).as("a start with one account").isEmpty();
      own.restart(Role.ORCHESTRATOR, Map.of(Setting.OIDC_ACCOUNT, own.account.text()));
      assertThat(log.lines()).as("a start with a named account").isEmpty();
      own.restart(Role.ORCHESTRATOR);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("oidc.account names none", own.account.text());
    }
  }

  @Test
  void an_answer_without_the_state_of_an_attempt_is_neither_believed_nor_ends_one() {
    ProviderBrowser tab = tab();
    FakeProvider.Return with = tab.visits(human("ann", "leads"));
    for (String error : List.of("server_error", "invalid_scope", "access_denied")) {
      Reply answer = tab.posts("/oidc/finish", error("x", error));
      assertThat(answer.code()).as(error).isEqualTo(45799);
      assertThat(answer.response().headers().allValues("Set-Cookie")).isEmpty();
    }
    assertThat(tab.returns(with).status()).isEqualTo(200);
  }

  @Test
  void a_session_of_the_provider_ends_after_a_day_of_work_however_much_it_is_used() {
    ProviderBrowser tab = tab();
    assertThat(tab.signsIn(human("ann", "leads")).status()).isEqualTo(200);
    for (int i = 0; i < 2; i++) {
      installation.clock.pass(Limits.OIDC_SESSION.dividedBy(2).minusSeconds(60));
      assertThat(tab.posts("/here", "{}").status()).isEqualTo(204);
    }
    installation.clock.pass(Duration.ofSeconds(121));
    assertThat(tab.gets("/me").code()).isEqualTo(45782);
  }

  @Test
  void an_account_that_requires_a_second_factor_leaves_it_to_the_provider() {
    installation.accounts(accounts -> accounts.requireSecondFactor(installation.account, true));
    try {
      ProviderBrowser tab = tab();
      assertThat(tab.signsIn(human("ann", "leads")).json())
          .containsEntry("lacks_second_factor", false);
      assertThat(tab.gets("/conversations?list=mine").status()).isEqualTo(200);
    } finally {
      installation.accounts(accounts -> accounts.requireSecondFactor(installation.account, false));
    }
  }

  @Test
  void another_page_can_neither_begin_nor_finish() {
    for (String path : List.of("/oidc/begin", "/oidc/finish")) {
      assertThat(new AgentBrowser(installation).postsFromAnotherSite(path).status())
          .isEqualTo(403);
    }
  }
}
