package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.security.SecureRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.inbox.Agents;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** The part Agents of the console's page, by the keyboard alone. */
class ConsoleAgentsPageTest {

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void an_admin_creates_an_agent_who_signs_in_and_removes_them() {
    Page page = ConsolePageTest.signedIn(scene, scene.installation.agent());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Agents")).press("Enter");
    page.getByLabel("Name to sign in").fill("joe");
    page.getByLabel("Name that guests see").fill("Joe");
    page.keyboard().press("Enter");
    Locator once = page.locator(".once");
    assertThat(once).containsText("The password of joe. It is shown only now");
    assertThat(once.locator("p")).isFocused();
    String password = once.locator("code").innerText();
    page.setViewportSize(1200, 900);
    Scene.picture(page, "docs-console-agents");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    Scene.picture(page, "docs-console-agents-dark");
    page.setViewportSize(390, 760);
    assertTrue(
        (boolean) page.evaluate("""
            () => {
              const [first, second] = document.querySelectorAll('nav a');
              return first.offsetTop === second.offsetTop;
            }"""), "the parts of the console are a column beside the heading");
    Scene.picture(page, "docs-console-agents-phone");
    InboxTab inbox = scene.agent(
        new Installation.NewAgent("joe", password, Agents.Agent.nextIdentity(new SecureRandom())));

    page.getByLabel("Role of joe").selectOption("auditor");
    ConsolePageTest.button(page, "Change the role").press("Enter");
    assertThat(page.locator(".said")).containsText("The role of joe is Auditor now.");
    assertThat(page.getByLabel("Role of joe")).hasValue("auditor");

    ConsolePageTest.button(page, "Remove joe").press("Enter");
    assertThat(ConsolePageTest.button(page, "Cancel")).isFocused();
    ConsolePageTest.button(page, "Remove the agent").press("Enter");
    assertThat(page.locator(".said")).containsText("joe is removed.");
    assertThat(inbox.button("Sign in")).isVisible();
    assertThat(page.getByLabel("Role of joe")).hasCount(0);
  }

  @Test
  @LongForm(instead = "ConsoleAgentsTest")
  void a_new_password_is_shown_until_the_admin_goes_elsewhere_and_a_wrong_name_is_explained() {
    Installation.NewAgent agent = scene.installation.agent(Agents.Role.AGENT);
    Page page = ConsolePageTest.signedIn(scene, scene.installation.agent());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Agents")).press("Enter");
    ConsolePageTest.button(page, "New password for " + agent.name()).press("Enter");
    ConsolePageTest.button(page, "Make a new password").press("Enter");
    assertThat(page.locator(".once code")).isVisible();
    page.getByLabel("Name to sign in").fill("two words");
    page.keyboard().press("Enter");
    assertThat(page.locator(".said")).containsText("write 1 to 64 letters");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Sessions"))
        .press("Enter");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Agents")).press("Enter");
    assertThat(page.getByLabel("Role of " + agent.name())).isVisible();
    assertThat(page.locator(".once code")).hasCount(0);
  }
}
