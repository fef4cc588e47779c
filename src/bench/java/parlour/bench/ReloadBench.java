package parlour.bench;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import parlour.spec.chromium.Chromium;

/**
 * The waits of a guest after a reload, in Chromium: from the beginning of the navigation until the
 * first message is on the screen, which is the browser's own copy, and until the chat goes on, with
 * the token renewed, the history read and the socket welcomed.
 *
 * <p>{@code ./dev bench reload [reloads] [messages]}
 */
public final class ReloadBench {
  /** Looks at the chat before each frame, and notes when it first saw what it looks for. */
  private static final String STOPWATCH = """
      window.seen = {};
      const look = () => {
        const root = document.querySelector('[data-parlour]')?.shadowRoot;
        if (root?.querySelector('.line')) window.seen.line ??= performance.now();
        if (root?.querySelector('[data-state=live]')) window.seen.live ??= performance.now();
        if (!window.seen.live) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
      """;

  private ReloadBench() {}

  public static void main(String[] arguments) throws Exception {
    int reloads = Figures.argument(arguments, 0, 15);
    int messages = Figures.argument(arguments, 1, 50);
    try (Shop shop = Shop.open();
        Subject parlour = Subject.parlour(shop.folder(), Subject.freePort()).awaitPort();
        AutoCloseable _ = page(shop, parlour);
        Chromium chromium = new Chromium();
        BrowserContext context = chromium.browser().newContext()) {
      Page page = context.newPage();
      page.addInitScript(STOPWATCH);
      page.navigate(shop.page());
      page.getByLabel("Your name").fill("Ada");
      page.getByText("Start chat").click();
      page.waitForFunction("window.seen.live");
      for (int i = 0; i < messages; i++) {
        page.getByLabel("Write a message").fill("message " + i);
        page.getByLabel("Write a message").press("Enter");
      }
      page.locator(".body").nth(messages - 1).waitFor();
      double[] line = new double[reloads];
      double[] live = new double[reloads];
      for (int i = -3; i < reloads; i++) { // the first ones warm both sides up
        page.reload();
        page.waitForFunction("window.seen.live");
        if (i >= 0) {
          line[i] = seen(page, "line");
          live[i] = seen(page, "live");
        }
      }
      System.out.printf(
          "%s, Chromium %s; %d reloads of a chat of %d messages%n",
          Figures.machine(), chromium.browser().version(), reloads, messages);
      report("first message on the screen", line);
      report("history read, socket open", live);
    }
  }

  /** The customer's page, on an origin of its own. */
  private static AutoCloseable page(Shop shop, Subject parlour) throws IOException {
    byte[] html =
        """
        <!doctype html><title>Shop</title><h1>Shop</h1>
        <script src="http://127.0.0.1:%d/webchat.js"></script>
        <script>Parlour.initWebchat({ deploymentKey: '%s', appStatus: 'open' })</script>
        """.formatted(parlour.port(), shop.deployment().text()).getBytes(StandardCharsets.UTF_8);
    HttpServer server = HttpServer.create(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), shop.pagePort()), 0);
    server.createContext("/", exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "text/html");
      exchange.sendResponseHeaders(200, html.length);
      exchange.getResponseBody().write(html);
      exchange.close();
    });
    server.start();
    return () -> server.stop(0);
  }

  private static double seen(Page page, String what) {
    return ((Number) page.evaluate("window.seen." + what)).doubleValue();
  }

  private static void report(String what, double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    System.out.printf(
        "%-30s median %.0f ms (%.0f–%.0f)%n",
        what, Figures.median(millis), sorted[0], sorted[sorted.length - 1]);
  }
}
