package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.accounts.SqlAccounts;
import parlour.config.Role;
import parlour.inbox.SqlSecondFactors;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** Second factors of agents, from an authenticator app to the sign-in. */
@ParameterizedClass
@InBothShapes
class SecondFactorTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Installation.NewAgent agent;
  private final AgentBrowser browser;

  SecondFactorTest(Shape shape) {
    installation = installations.in(shape);
    agent = installation.agent();
    browser = new AgentBrowser(installation, agent);
  }

  @AfterEach
  void agentsDecideAgain() {
    installation.accounts(accounts -> accounts.requireSecondFactor(installation.account, false));
  }

  private Reply begins(String code) {
    return browser.posts(
        "/second-factor/begin",
        "{\"old\":\"%s\",\"code\":\"%s\"}".formatted(agent.password(), code));
  }

  private Reply confirms(String code) {
    return browser.posts("/second-factor/confirm", "{\"code\":\"%s\"}".formatted(code));
  }

  /** Adds a second factor, whose first code is that of this step. */
  private AuthenticatorApp adds() {
    AuthenticatorApp app = new AuthenticatorApp(installation.clock, begins("").text("secret"));
    assertThat(confirms(app.code(0)).status()).isEqualTo(200);
    return app;
  }

  private Reply signsIn(String code) {
    return browser.posts(
        "/sign-in",
        "{\"name\":\"%s\",\"password\":\"%s\"%s}"
            .formatted(
                agent.name(),
                agent.password(),
                code.isEmpty() ? "" : ",\"code\":\"" + code + "\""));
  }

  @Test
  void an_agent_with_an_app_signs_in_with_password_and_code() {
    Reply begun = begins("");
    String secret = begun.text("secret");
    assertThat(begun.text("uri"))
        .startsWith("otpauth://totp/Parlour:" + agent.name())
        .contains("secret=" + secret, "issuer=Parlour");
    assertThat(begun.text("qr_path")).startsWith("M4 4h1v1h-1z");
    AuthenticatorApp app = new AuthenticatorApp(installation.clock, secret);
    assertThat(signsIn("").status()).as("not confirmed yet").isEqualTo(200);
    AgentBrowser another = new AgentBrowser(installation, agent);
    assertThat(another.posts("/second-factor/confirm", "{\"code\":\"000000\"}").code())
        .isEqualTo(45796);
    Reply confirmed =
        another.posts("/second-factor/confirm", "{\"code\":\"%s\"}".formatted(app.code(0)));
    List<?> codes = (List<?>) Objects.requireNonNull(confirmed.json().get("recovery_codes"));
    assertThat(codes)
        .hasSize(Limits.RECOVERY_CODES)
        .allSatisfy(code -> assertThat(code).asString().matches("([a-z2-9]{4}-){3}[a-z2-9]{4}"));

    Reply missing = signsIn("");
    assertThat(missing.status()).isEqualTo(401);
    assertThat(missing.code()).isEqualTo(45795);
    assertThat(missing.header("Set-Cookie")).isNull();
    assertThat(signsIn(app.code(0)).code()).as("used by the confirmation").isEqualTo(45796);
    assertThat(signsIn(app.code(1)).status()).isEqualTo(200);
    assertThat(signsIn(app.code(1)).code()).as("used").isEqualTo(45796);
    assertThat(signsIn(app.code(3)).code()).as("too far ahead").isEqualTo(45796);
    String recovery = String.valueOf(codes.getFirst());
    assertThat(
            signsIn(" " + recovery.toUpperCase(Locale.ROOT).replace('-', ' ')).status())
        .isEqualTo(200);
    assertThat(signsIn(recovery).code()).as("used").isEqualTo(45796);
    assertThat(another.gets("/second-factor").json())
        .containsEntry("active", true)
        .containsEntry("recovery_codes", (long) Limits.RECOVERY_CODES - 1);
  }

  @Test
  void no_store_has_the_secret_or_a_recovery_code() {
    Reply begun = begins("");
    AuthenticatorApp app = new AuthenticatorApp(installation.clock, begun.text("secret"));
    Reply confirmed = confirms(app.code(0));
    String recovery = String.valueOf(
        ((List<?>) Objects.requireNonNull(confirmed.json().get("recovery_codes"))).getFirst());
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      String stored = new SqlSecondFactors(database).find(agent.identity()).toString()
          + database.read(
              sql -> sql.list("SELECT digest FROM recovery_code", row -> row.getString("digest")));
      assertThat(stored).doesNotContain(app.secret(), recovery, recovery.replace("-", ""));
    }
  }

  @Test
  void guesses_are_bounded_for_a_code_and_a_recovery_code_still_works() {
    AuthenticatorApp app = new AuthenticatorApp(installation.clock, begins("").text("secret"));
    Reply confirmed = confirms(app.code(0));
    String recovery = String.valueOf(
        ((List<?>) Objects.requireNonNull(confirmed.json().get("recovery_codes"))).getFirst());
    String wrong = app.code(100);
    for (int i = 0; i < Limits.SECOND_FACTOR_TRIES; i++) {
      assertThat(signsIn(wrong).code()).isEqualTo(45796);
    }
    Reply limited = signsIn(app.code(1));
    assertThat(limited.status()).as("even the right one").isEqualTo(429);
    assertThat(signsIn(recovery).status()).isEqualTo(200);
    installation.clock.pass(Limits.SECOND_FACTOR_WINDOW.plusSeconds(1));
    assertThat(signsIn(app.code(0)).status()).isEqualTo(200);
  }

  @Test
  void guesses_are_bounded_for_the_code_that_confirms_an_app() {
    AuthenticatorApp app = new AuthenticatorApp(installation.clock, begins("").text("secret"));
    for (int i = 0; i < Limits.SECOND_FACTOR_TRIES; i++) {
      Reply refused = confirms(app.code(100));
      assertThat(refused.code()).isEqualTo(45796);
      assertThat(refused.text("message")).doesNotContain("recovery code");
    }
    assertThat(confirms(app.code(0)).status()).as("even the right one").isEqualTo(429);
  }

  @Test
  void a_set_up_that_nobody_finished_is_over_after_an_hour() {
    AuthenticatorApp app = new AuthenticatorApp(installation.clock, begins("").text("secret"));
    installation.clock.pass(Limits.SECOND_FACTOR_SET_UP);
    Reply late = confirms(app.code(0));
    assertThat(late.code()).isEqualTo(45796);
    assertThat(late.text("message")).contains("set an app up again");
    AuthenticatorApp next = new AuthenticatorApp(installation.clock, begins("").text("secret"));
    assertThat(confirms(next.code(0)).status()).isEqualTo(200);
    assertThat(confirms(next.code(0)).text("message")).contains("it was finished");
  }

  @Test
  void a_new_password_needs_a_code() {
    AuthenticatorApp app = adds();
    String right = "\"old\":\"" + agent.password() + '"';
    assertThat(browser.posts("/password", "{" + right + "}").code()).isEqualTo(45796);
    assertThat(browser.posts("/password", "{\"old\":\"guessed\"}").code()).isEqualTo(45790);
    assertThat(browser
            .posts("/password", "{%s,\"code\":\"%s\"}".formatted(right, app.code(1)))
            .status())
        .isEqualTo(200);
  }

  @Test
  void a_stolen_cookie_neither_replaces_nor_removes_the_second_factor() {
    AuthenticatorApp app = adds();
    assertThat(browser
            .posts(
                "/second-factor/begin",
                "{\"old\":\"guessed\",\"code\":\"%s\"}".formatted(app.code(1)))
            .code())
        .isEqualTo(45790);
    assertThat(begins("").code()).isEqualTo(45796);
    assertThat(browser
            .posts("/second-factor/remove", "{\"old\":\"%s\"}".formatted(agent.password()))
            .code())
        .isEqualTo(45796);
    assertThat(browser.postsFromAnotherSite("/second-factor/remove").status()).isEqualTo(403);
    AuthenticatorApp next =
        new AuthenticatorApp(installation.clock, begins(app.code(1)).text("secret"));
    assertThat(signsIn("").code()).as("still the old one").isEqualTo(45795);
    assertThat(confirms(next.code(0)).status()).isEqualTo(200);
    assertThat(browser
            .posts(
                "/second-factor/remove",
                "{\"old\":\"%s\",\"code\":\"%s\"}".formatted(agent.password(), next.code(1)))
            .status())
        .isEqualTo(204);
    assertThat(signsIn("").status()).isEqualTo(200);
  }

  @Test
  void an_account_that_requires_it_lets_an_agent_do_nothing_else_first() {
    installation.accounts(accounts -> accounts.requireSecondFactor(installation.account, true));
    Reply listed = browser.gets("/conversations?list=waiting");
    assertThat(listed.status()).isEqualTo(403);
    assertThat(listed.code()).isEqualTo(45797);
    assertThat(browser.posts("/password", "{\"old\":\"x\"}").code()).isEqualTo(45797);
    assertThat(browser.gets("/me").json()).containsEntry("lacks_second_factor", true);
    adds();
    assertThat(browser.gets("/me").json()).containsEntry("lacks_second_factor", false);
    assertThat(browser.gets("/conversations?list=waiting").status()).isEqualTo(200);
  }

  @Test
  void an_outage_of_the_seal_refuses_nobody_and_uses_up_no_try() {
    AuthenticatorApp app = adds();
    if (!installation.internal(Role.ORCHESTRATOR).equals(installation.internal(Role.SCOPED_AUTH))) {
      installation.stop(Role.SCOPED_AUTH);
      try {
        for (int i = 0; i < Limits.SECOND_FACTOR_TRIES + 1; i++) {
          assertThat(signsIn(app.code(1)).status()).isEqualTo(503);
        }
      } finally {
        installation.startAgain(Role.SCOPED_AUTH);
      }
    }
    assertThat(signsIn(app.code(1)).status()).isEqualTo(200);
  }
}
