package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ReducedMotion;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.spec.Http;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/**
 * Everything that a test with browsers needs: a Parlour, a shop with its chat, a proxy between them,
 * and a Chromium in which each guest and agent has a profile.
 */
final class Scene implements AutoCloseable {
  /** Screenshots of each state, for a developer who compares them. */
  private static final Path PICTURES = Path.of("target", "screenshots");

  final Installation installation;
  final BreakableNetwork guestNetwork;
  final BreakableNetwork agentNetwork;
  final CustomerSite site;
  final Sid.Deployment deployment;

  private final Chromium chromium;
  private final List<BrowserContext> profiles = new ArrayList<>();
  private final List<String> consoleMessages = new ArrayList<>();

  Scene(Shape shape) {
    chromium = new Chromium();
    installation = Installation.start(shape);
    guestNetwork = new BreakableNetwork(installation.edge());
    agentNetwork = new BreakableNetwork(installation.edge());
    site = new CustomerSite(guestNetwork.address());
    deployment =
        installation.deploy(settings(List.of(site.origin(), guestNetwork.address().toString())));
  }

  private Accounts.Settings settings(List<String> origins) {
    Accounts.Settings defaults = installation.defaults();
    return new Accounts.Settings(
        Optional.of(installation.address),
        new AllowedOrigins(origins),
        defaults.rules(),
        defaults.lifetimes());
  }

  // ---- who comes

  /** Somebody at the shop, in London. */
  GuestTab guest() {
    return guest(options -> options);
  }

  GuestTab guest(UnaryOperator<Browser.NewContextOptions> profile) {
    return new GuestTab(this, page(profile), site.page(deployment)).arrives();
  }

  /** Somebody who signed in at the inbox. */
  InboxTab agent() {
    return agent(installation.agent());
  }

  InboxTab agent(Installation.NewAgent agent) {
    return agent(agent, options -> options);
  }

  InboxTab agent(Installation.NewAgent agent, UnaryOperator<Browser.NewContextOptions> profile) {
    InboxTab desk = new InboxTab(this, page(profile), agent);
    desk.arrives();
    desk.signsIn();
    return desk;
  }

  /** A tab in a browser that was never here before. */
  Page page(UnaryOperator<Browser.NewContextOptions> profile) {
    BrowserContext context = chromium
        .browser()
        .newContext(profile.apply(new Browser.NewContextOptions()
            .setLocale("en-GB")
            .setTimezoneId("Europe/London")
            .setReducedMotion(ReducedMotion.REDUCE)
            .setViewportSize(1100, 760)));
    context.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    profiles.add(context);
    return withConsoleWatched(context.newPage());
  }

  /** Each complaint in a page's console is our mistake, except for calls that failed. */
  Page withConsoleWatched(Page page) {
    page.onPageError(consoleMessages::add);
    page.onConsoleMessage(message -> {
      String text = message.text();
      boolean ofTheNetwork = text.contains("net::ERR_")
          || text.contains("Failed to load resource")
          || text.contains("WebSocket connection to")
          || text.contains("blocked by CORS policy");
      if ((message.type().equals("error") || message.type().equals("warning")) && !ofTheNetwork) {
        consoleMessages.add(text);
      }
    });
    return page;
  }

  // ---- what happens

  /** The server stops as by an operator, and all connections break. */
  void stopServer() {
    installation.stopAll();
    guestNetwork.breakConnections();
    agentNetwork.breakConnections();
  }

  void restartServer() {
    installation.startAllAgain();
    guestNetwork.connectTo(installation.edge());
    agentNetwork.connectTo(installation.edge());
  }

  /** By the API for the account's own servers. */
  void botSays(String conversation, String body) {
    String account = installation.account.text() + ":" + installation.authToken();
    int status = Http.send(Http.request(
                installation.edge().resolve("/v1/Conversations/" + conversation + "/Messages"))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString(account.getBytes(StandardCharsets.UTF_8)))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(
                "Author=bot&Body=" + URLEncoder.encode(body, StandardCharsets.UTF_8)))
            .build())
        .statusCode();
    assertThat(status).isEqualTo(201);
  }

  /** The complaints that a test expects of a page, which are then not reported as errors. */
  String expectedConsoleMessage() {
    assertThat(consoleMessages).hasSize(1);
    return consoleMessages.removeFirst();
  }

  void passTime(Duration time) {
    installation.clock.pass(time);
  }

  /** Keeps a picture, and holds what is on it to the rules of accessibility. */
  static void picture(Page page, String name) {
    page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")));
    assertThat(Accessibility.violations(page)).as("accessibility of %s", name).isEmpty();
  }

  /** Closes all pages, and reports the complaints of their consoles. */
  void closePages() {
    profiles.forEach(BrowserContext::close);
    profiles.clear();
    guestNetwork.restore();
    agentNetwork.restore();
    List<String> found = List.copyOf(consoleMessages);
    consoleMessages.clear();
    assertThat(found).as("what pages complained of").isEmpty();
  }

  @Override
  public void close() {
    try (chromium;
        installation;
        guestNetwork;
        agentNetwork;
        site) {
      profiles.clear();
    }
  }
}
