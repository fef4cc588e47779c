package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.config.Setting;
import parlour.spec.Installation.Shape;

/**
 * Web Push in Chromium: the menu of the widget, and the worker of the page.
 */
class PushPageTest {
  private static final String SWITCH = "Notifications when you are away";

  @AutoClose
  private static final Scene scene =
      new Scene(Shape.ONE_PROCESS, Map.of(Setting.PUSH_CONTACT, "mailto:ops@example.com"));

  @AutoClose
  private static final Chromium chromium = new Chromium();

  @Test
  void the_worker_of_the_page_shows_a_push_and_the_menu_says_if_it_cannot_subscribe() {
    PushWorker worker = new PushWorker(chromium);
    Page page = worker.page();
    GuestTab guest = new GuestTab(scene, page, scene.site.page(scene.deployment) + "?push")
        .arrives()
        .starts("Ada", "");
    guest.button("More").click();
    guest.button(SWITCH).click();
    Locator banner = page.locator(".banner");
    assertThat(banner).containsText("Please allow them in your browser.");
    assertThat(guest.button(SWITCH)).hasAttribute("aria-pressed", "false");

    worker.receives(
        scene.site.origin() + "/", "{\"parlour\":1,\"title\":\"Ask us\",\"text\":\"New message\"}");
    page.waitForFunction("""
        async () => {
          const [one] = await navigator.serviceWorker.getRegistrations();
          const [shown] = await one.getNotifications();
          return shown?.title === 'Ask us' && shown.body === 'New message';
        }
        """);
  }
}
