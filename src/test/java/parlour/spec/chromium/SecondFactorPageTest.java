package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.spec.AuthenticatorApp;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** The second factor of an agent, in the inbox. */
@LongForm(instead = "SecondFactorTest and inbox-app.test.ts")
class SecondFactorPageTest {
  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @Test
  void an_agent_of_an_account_that_requires_it_sets_up_an_app_and_signs_in_with_its_codes() {
    Installation installation = scene.installation;
    installation.accounts(accounts -> accounts.requireSecondFactor(installation.account, true));
    InboxTab inbox = new InboxTab(scene, scene.page(profile -> profile), installation.agent());
    inbox.arrives();
    inbox.page.locator("[name=name]").fill(inbox.agent.name());
    inbox.page.locator("[name=password]").fill(inbox.agent.password());
    inbox.button("Sign in").click();
    assertThat(inbox.page.getByText("Your account requires a second factor")).isVisible();
    inbox.page.reload();
    inbox.page.getByLabel("Your current password").fill(inbox.agent.password());
    inbox.button("Set it up").click();
    assertThat(inbox.page.locator(".qr")).isVisible();
    inbox.picture("inbox-second-factor");
    AuthenticatorApp app =
        new AuthenticatorApp(installation.clock, inbox.page.locator(".own code").textContent());
    inbox.page.locator("[name=code]").fill(app.code(0));
    inbox.button("Confirm").click();
    assertThat(inbox.page.locator(".codes li")).hasCount(10);
    assertThat(inbox.page.getByText("Your account requires a second factor")).isHidden();
    String recovery = inbox.page.locator(".codes li").first().textContent();
    inbox.picture("inbox-second-factor-codes");
    inbox.button("Continue").click();
    assertThat(inbox.page.locator(".desk")).isVisible();

    signsIn(inbox, app.code(1));
    signsIn(inbox, recovery);
    inbox.opensAccountMenu().button("Second factor").click();
    assertThat(inbox.page.getByText("Recovery codes left: 9.")).isVisible();
  }

  /** Signs out and in again. */
  private static void signsIn(InboxTab inbox, String code) {
    inbox.opensAccountMenu().button("Sign out").click();
    inbox.page.locator("[name=name]").fill(inbox.agent.name());
    inbox.page.locator("[name=password]").fill(inbox.agent.password());
    inbox.button("Sign in").click();
    assertThat(inbox.page.locator("[name=code]")).isFocused();
    inbox.page.locator("[name=code]").fill(code);
    inbox.button("Sign in").click();
    assertThat(inbox.page.locator(".desk")).isVisible();
  }
}
