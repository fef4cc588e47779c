package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.config.Setting;
import parlour.spec.Guest;
import parlour.spec.Installation.Shape;

/**
 * Web Push to agents in Chromium: the settings in the account's menu, and the worker of the inbox.
 */
@LongForm(instead = "PushPageTest, inbox-push.test.ts and AgentPushTest")
class InboxPushPageTest {
  @AutoClose
  private static final Scene scene =
      new Scene(Shape.ONE_PROCESS, Map.of(Setting.PUSH_CONTACT, "mailto:ops@example.com"));

  @AutoClose
  private static final Chromium chromium = new Chromium();

  @Test
  void the_worker_shows_a_push_and_its_link_opens_the_conversation() {
    Guest guest = scene.installation.guest().starts();
    guest.says("Hello?", "a");
    PushWorker worker = new PushWorker(chromium);
    Page page = worker.page();
    InboxTab inbox = new InboxTab(scene, page, scene.installation.agent());
    inbox.arrives();
    inbox.signsIn();
    String address = page.url();
    inbox.opensAccountMenu().button("Push notifications").click();
    assertThat(page.getByText("Switched off in this browser.")).isVisible();
    inbox.button("Switch on").click();
    assertThat(page.getByText("The notifications could not be switched on.")).isVisible();

    worker.receives(
        URI.create(address).resolve("/").toString(), """
        {"parlour":1,"title":"Inbox","text":"New message in Sales","conversation":"%s"}""".formatted(guest.conversation()));
    page.waitForFunction("""
        async () => {
          const [one] = await navigator.serviceWorker.getRegistrations();
          const [shown] = await one.getNotifications();
          return shown?.body === 'New message in Sales' && shown.data.startsWith('CH');
        }
        """);

    page.navigate("about:blank");
    page.navigate(address + "#" + guest.conversation());
    assertThat(page.locator(".place .log").getByText("Hello?")).isVisible();
    page.waitForFunction("""
        async () => {
          const [one] = await navigator.serviceWorker.getRegistrations();
          return (await one.getNotifications()).length === 0 && location.hash === '';
        }
        """);
  }
}
