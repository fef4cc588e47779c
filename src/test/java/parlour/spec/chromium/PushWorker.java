package parlour.spec.chromium;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A page that may show notifications, and its worker, to which a test delivers pushes: the push
 * service of Chromium is not reachable from a test, so that Chromium cannot subscribe.
 */
final class PushWorker {
  private final Page page;
  private final CDPSession tools;
  private final AtomicReference<String> registration = new AtomicReference<>("");

  /**
   * @param chromium the whole browser: its shell without windows shows no notifications
   */
  PushWorker(Chromium chromium) {
    page = chromium
        .browser()
        .newContext(new Browser.NewContextOptions().setPermissions(List.of("notifications")))
        .newPage();
    tools = page.context().newCDPSession(page);
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        event -> event
            .getAsJsonArray("registrations")
            .forEach(one ->
                registration.set(one.getAsJsonObject().get("registrationId").getAsString())));
    tools.send("ServiceWorker.enable");
  }

  Page page() {
    return page;
  }

  /**
   * @param origin of the page that registered the worker, with a slash at the end
   */
  void receives(String origin, String data) {
    JsonObject push = new JsonObject();
    push.addProperty("origin", origin);
    push.addProperty("registrationId", registration.get());
    push.addProperty("data", data);
    tools.send("ServiceWorker.deliverPushMessage", push);
  }
}
