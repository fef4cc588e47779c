package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.config.Setting;
import parlour.spec.Installation.Shape;

/**
 * Web Push in Chromium: the menu of the widget, and the worker of the page. The push service of
 * Chromium is not reachable from a test, so that Chromium cannot subscribe, and the test delivers a push itself.
 */
class PushPageTest {
  private static final String SWITCH = "Notifications when you are away";

  @AutoClose
  private static final Scene scene =
      new Scene(Shape.ONE_PROCESS, Map.of(Setting.PUSH_CONTACT, "mailto:ops@example.com"));

  /** The whole browser: its shell without windows shows no notifications. */
  @AutoClose
  private static final Chromium chromium = new Chromium();

  @Test
  void the_worker_of_the_page_shows_a_push_and_the_menu_says_if_it_cannot_subscribe() {
    Page page = chromium
        .browser()
        .newContext(new Browser.NewContextOptions().setPermissions(List.of("notifications")))
        .newPage();
    CDPSession tools = page.context().newCDPSession(page);
    AtomicReference<String> registration = new AtomicReference<>("");
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        event -> event
            .getAsJsonArray("registrations")
            .forEach(one ->
                registration.set(one.getAsJsonObject().get("registrationId").getAsString())));
    tools.send("ServiceWorker.enable");
    GuestTab guest = new GuestTab(scene, page, scene.site.page(scene.deployment) + "?push")
        .arrives()
        .starts("Ada", "");
    guest.button("More").click();
    guest.button(SWITCH).click();
    Locator banner = page.locator(".banner");
    assertThat(banner).containsText("Please allow them in your browser.");
    assertThat(guest.button(SWITCH)).hasAttribute("aria-pressed", "false");

    JsonObject push = new JsonObject();
    push.addProperty("origin", scene.site.origin() + "/");
    push.addProperty("registrationId", registration.get());
    push.addProperty("data", "{\"parlour\":1,\"title\":\"Ask us\",\"text\":\"New message\"}");
    tools.send("ServiceWorker.deliverPushMessage", push);
    page.waitForFunction("""
        async () => {
          const [one] = await navigator.serviceWorker.getRegistrations();
          const [shown] = await one.getNotifications();
          return shown?.title === 'Ask us' && shown.body === 'New message';
        }
        """);
  }
}
