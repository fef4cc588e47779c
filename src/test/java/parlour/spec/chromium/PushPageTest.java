package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.config.Setting;
import parlour.spec.Installation.Shape;
import parlour.spec.PushBrowser;
import parlour.spec.PushReceiver;

/**
 * Web Push in Chromium: the menu of the widget, and the worker of the page.
 */
class PushPageTest {
  private static final String SWITCH = "Notifications when you are away";

  @AutoClose
  private static final PushReceiver receiver = new PushReceiver();

  @AutoClose
  private static final Scene scene = new Scene(
      Shape.ONE_PROCESS,
      Map.of(
          Setting.PUSH_CONTACT,
          "mailto:ops@example.com",
          Setting.PUSH_SERVICES,
          receiver.origin()));

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

  @Test
  void a_subscription_that_the_browser_has_replaced_gets_the_pushes_after_the_next_visit() {
    PushBrowser keys = new PushBrowser();
    Page page = new PushWorker(chromium).page();
    // A subscription at the address that the page has chosen: Chromium cannot subscribe in a test.
    page.addInitScript("""
        PushManager.prototype.subscribe = async () => ({ toJSON: () => ({
          endpoint: '%s/' + localStorage.getItem('address'),
          keys: { p256dh: '%s', auth: '%s' },
        }) });
        """.formatted(receiver.origin(), keys.p256dh(), keys.auth()));
    GuestTab guest = new GuestTab(scene, page, scene.site.page(scene.deployment) + "?push")
        .arrives()
        .starts("Ada", "");
    page.evaluate("localStorage.setItem('address', 'first')");
    guest.button("More").click();
    guest.button(SWITCH).click();
    assertThat(guest.button(SWITCH)).hasAttribute("aria-pressed", "true");
    page.evaluate("localStorage.setItem('address', 'second')");
    page.waitForResponse(
        answer -> answer.url().endsWith("/v2/Webchat/Push")
            && answer.request().method().equals("POST")
            && answer.ok(),
        page::reload);
    String conversation = guest.conversation();
    page.close();
    scene.botSays(conversation, "Until five");
    scene.passTime(Limits.PUSH_DELAY.plusSeconds(1));
    until("the push arrives", () -> receiver.to("/second").size() == 1);
    assertThat(receiver.to("/first")).isEmpty();
  }
}
