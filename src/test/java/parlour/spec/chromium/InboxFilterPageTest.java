package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ForcedColors;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** The filter of the inbox's list: its keys, its looks, and a reload. */
class InboxFilterPageTest {

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void an_agent_filters_by_keys_reloads_and_clears_the_filter() {
    GuestTab labelled = scene.guest().starts("Ada", "").says("One").sees("One");
    GuestTab other = scene.guest().starts("Grace", "").says("Two").sees("Two");
    InboxTab inbox = scene.agent().opens(labelled).sees("One");
    inbox.button("Claim").click();
    inbox.field("Add a label").fill("VIP");
    inbox.presses("Enter");
    assertThat(inbox.item(labelled).locator(".label-mark")).containsText("VIP");
    opensByKeys(inbox);
    inbox.presses("Tab");
    assertThat(choice(inbox, "assignee")).isFocused();
    inbox.presses("Y");
    assertThat(choice(inbox, "assignee")).hasValue(inbox.agent.identity().text());
    assertThat(inbox.items()).hasCount(1);
    inbox.presses("Tab");
    assertThat(choice(inbox, "label")).isFocused();
    assertThat(choice(inbox, "label").locator("option")).hasText(new String[] {"Any", "VIP"});
    inbox.presses("V");
    assertThat(choice(inbox, "label")).hasValue("VIP");
    assertThat(inbox.item(labelled)).isVisible();
    inbox.picture("inbox-15-filter").presses("Escape");
    assertThat(inbox.page.locator(".filter")).isHidden();
    assertThat(inbox.button("Filter")).isFocused();
    assertThat(inbox.button("Filter")).hasAttribute("aria-pressed", "true");
    inbox.page.reload();
    assertThat(inbox.item(labelled)).isVisible();
    assertThat(inbox.items()).hasCount(1);
    opensByKeys(inbox);
    assertThat(choice(inbox, "label")).hasValue("VIP");
    for (int field = 0; field < 4; field++) {
      inbox.presses("Tab");
    }
    assertThat(inbox.button("Clear the filter")).isFocused();
    inbox.presses("Enter");
    assertThat(inbox.item(other)).isVisible();
    assertThat(inbox.items()).hasCount(2);
    assertThat(inbox.button("Filter")).isFocused();
    assertThat(inbox.page).hasURL(Pattern.compile(".*/inbox"));
  }

  @Test
  @LongForm(instead = "inbox-filter.test.ts, and the other test of this class")
  void the_filter_looks_good_in_every_look() {
    GuestTab guest =
        scene.guest().starts("Friedrich von der Heide", "").says("One").sees("One");
    InboxTab inbox = scene.agent().opens(guest).sees("One");
    inbox.field("Add a label").fill("a label longer than its field");
    inbox.presses("Enter");
    assertThat(inbox.item(guest).locator(".label-mark")).isVisible();
    opensByKeys(inbox);
    choice(inbox, "label").selectOption("a label longer than its field");
    assertThat(inbox.items()).hasCount(1);
    Page page = inbox.page;
    inbox.picture("inbox-15-filter-1100");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    inbox.picture("inbox-15-filter-dark");
    page.emulateMedia(new Page.EmulateMediaOptions().setForcedColors(ForcedColors.ACTIVE));
    inbox.picture("inbox-15-filter-forced-colours");
    page.emulateMedia(new Page.EmulateMediaOptions()
        .setForcedColors(ForcedColors.NONE)
        .setColorScheme(ColorScheme.LIGHT));
    page.evaluate("document.documentElement.dir = 'rtl'");
    inbox.picture("inbox-15-filter-right-to-left");
    page.evaluate("document.documentElement.dir = 'ltr'");
    choice(inbox, "state").selectOption("closed");
    assertThat(page.getByText("No conversation meets all conditions.")).isVisible();
    inbox.picture("inbox-15-filter-nothing");
    page.setViewportSize(390, 760);
    inbox.button("Back to the list").click();
    inbox.picture("inbox-15-filter-nothing-phone");
    choice(inbox, "state").selectOption("active");
    assertThat(inbox.items()).hasCount(1);
    inbox.picture("inbox-15-filter-phone");
    assertThat((Boolean) page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
        .isTrue();
  }

  private static void opensByKeys(InboxTab inbox) {
    inbox.button("Filter").press("Enter");
    assertThat(choice(inbox, "state")).isFocused();
  }

  private static Locator choice(InboxTab inbox, String name) {
    return inbox.page.locator(".filter [name=" + name + "]");
  }
}
