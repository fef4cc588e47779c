package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.inbox.Agents;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** The part Desks of the console's page, by the keyboard alone. */
class ConsoleDesksPageTest {

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void an_admin_creates_a_desk_and_decides_who_sees_it_and_when_it_is_open() {
    Installation.NewAgent bob = scene.installation.agent(Agents.Role.AGENT);
    Page page = ConsolePageTest.signedIn(scene, scene.installation.agent());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Desks")).press("Enter");
    page.getByLabel("Name that guests see above a greeting").fill("Night desk");
    page.keyboard().press("Enter");
    assertThat(page.locator(".said")).containsText("Night desk is created.");
    Locator card =
        page.locator(".card").filter(new Locator.FilterOptions().setHasText("Night desk"));
    card.getByLabel("Name with which the agent signs in").fill(bob.name());
    page.keyboard().press("Enter");
    ConsolePageTest.button(page, "Only this agent").press("Enter");
    assertThat(card.locator(".origins")).containsText(bob.name());
    card.locator("summary").press("Enter");
    card.getByLabel("Time zone of the hours").fill("UTC");
    card.getByLabel("Hours", new Locator.GetByLabelOptions().setExact(true)).fill("someday");
    card.getByLabel("Time zone of the hours").press("Enter");
    assertThat(page.locator(".said")).containsText("\"someday\" is not");
    card.getByLabel("Hours", new Locator.GetByLabelOptions().setExact(true))
        .fill("mon-sun 00:00-24:00");
    page.setViewportSize(1200, 880);
    card.evaluate("card => card.scrollIntoView()");
    Scene.picture(page, "docs-console-desks");
    assertThat(card.locator(".origins bdi")).hasText("ann");
    card.getByLabel("Time zone of the hours").press("Enter");
    assertThat(page.locator(".said")).containsText("The settings of Night desk are saved.");
    assertThat(card.locator(".facts")).containsText("open");
  }
}
