package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.spec.Installation.Shape;

/** The settings of a deployment and the test of a page, at the console's page, by the keyboard alone. */
class ConsoleSettingsPageTest {

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void an_admin_tests_a_page_and_changes_a_setting_beside_another_admin() {
    Page page = deployments();
    card(page)
        .getByLabel("Address of a page, or an origin")
        .fill("http://shop.example.com/contact");
    page.keyboard().press("Enter");
    assertThat(card(page)).containsText("are refused with 45772");
    assertThat(card(page).locator(".reasons")).containsText("The list has the other scheme");
    Page other = deployments();
    open(page);
    open(other);
    field(page, "Lifetime of tokens").fill("10m");
    page.setViewportSize(1200, 1300);
    Scene.picture(page, "docs-console-settings");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    Scene.picture(page, "docs-console-settings-dark");
    page.setViewportSize(390, 760);
    Scene.picture(page, "docs-console-settings-phone");
    page.keyboard().press("Enter");
    assertThat(page.locator(".said")).containsText("The settings of Test are saved.");
    assertThat(card(page).locator(".facts")).containsText("10m");

    field(other, "Lifetime of idle sessions (or default)").fill("1m");
    other.keyboard().press("Enter");
    assertThat(other.locator(".said")).containsText("Somebody else has changed these settings");
    assertThat(card(other).locator("details")).containsText("Lifetime of tokens: 10m.");
    other.keyboard().press("Enter");
    assertThat(other.locator(".said")).containsText("the idle TTL must be from");
  }

  private static Page deployments() {
    Page page = ConsolePageTest.signedIn(scene, scene.installation.agent());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Deployments"))
        .press("Enter");
    assertThat(card(page)).isVisible();
    return page;
  }

  private static Locator card(Page page) {
    return page.locator(".card")
        .filter(new Locator.FilterOptions().setHasText(scene.installation.deployment.text()));
  }

  private static void open(Page page) {
    card(page).locator("summary").press("Enter");
    assertThat(field(page, "Lifetime of tokens")).isVisible();
  }

  private static Locator field(Page page, String label) {
    return card(page).getByLabel(label, new Locator.GetByLabelOptions().setExact(true));
  }
}
