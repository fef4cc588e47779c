package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ReducedMotion;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.GeneratedSecrets;
import parlour.config.Setting;
import parlour.inbox.Agents;
import parlour.process.ServiceDecorators;
import parlour.spec.BreakableNetwork;
import parlour.spec.Http;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/**
 * Everything that a test with browsers needs: an installation, a customer's site with the chat,
 * networks that can be interrupted, and a Chromium in which each guest and agent has a profile.
 */
final class Scene implements AutoCloseable {
  /** Screenshots of each state, for a developer who compares them. */
  private static final Path PICTURES = Path.of("target", "screenshots");

  /** A bound for presses of Tab: no page has so many elements that take the focus. */
  private static final int STOPS = 60;

  final Installation installation;
  final BreakableNetwork guestNetwork;
  final BreakableNetwork agentNetwork;
  final CustomerSite site;
  final Sid.Deployment deployment;

  private final List<BrowserContext> profiles = new ArrayList<>();
  private final List<String> consoleMessages = new ArrayList<>();

  Scene(Shape shape) {
    this(shape, Map.of());
  }

  /**
   * @param more settings of every process
   */
  Scene(Shape shape, Map<Setting, String> more) {
    installation = Installation.start(shape, ServiceDecorators.NONE, more);
    guestNetwork = new BreakableNetwork(installation.edge());
    agentNetwork = new BreakableNetwork(installation.edge());
    URI edge = guestNetwork.address();
    site = new CustomerSite(edge, more.getOrDefault(Setting.MEDIA_URL, edge.toString()));
    deployment = installation.deploy(
        settings(List.of(site.origin(), guestNetwork.address().toString())));
  }

  private Accounts.Settings settings(List<String> origins) {
    Accounts.Settings defaults = installation.defaults();
    return new Accounts.Settings(
        Optional.of(installation.address),
        new AllowedOrigins(origins),
        defaults.rules(),
        defaults.lifetimes());
  }

  // ---- guests and agents

  /** A guest in London, at the customer's site. */
  GuestTab guest() {
    return guest(options -> options);
  }

  GuestTab guest(UnaryOperator<Browser.NewContextOptions> profile) {
    return new GuestTab(this, page(profile), site.page(deployment)).arrives();
  }

  /** An agent who has signed in at the inbox. */
  InboxTab agent() {
    return agent(installation.agent());
  }

  /** An agent with a name for pictures, who has signed in at the inbox. */
  InboxTab agentNamed(String name) {
    Installation.NewAgent agent = new Installation.NewAgent(
        name, "the-password-of-" + name, Agents.Agent.nextIdentity(new SecureRandom()));
    installation.agents(agents -> agents.create(
        new Agents.Agent(
            name,
            installation.account,
            agent.identity(),
            name,
            Agents.Role.AGENT,
            installation.clock.instant()),
        GeneratedSecrets.digest(agent.password())));
    return agent(agent);
  }

  InboxTab agent(Installation.NewAgent agent) {
    return agent(agent, options -> options);
  }

  InboxTab agent(Installation.NewAgent agent, UnaryOperator<Browser.NewContextOptions> profile) {
    InboxTab inbox = new InboxTab(this, page(profile), agent);
    inbox.arrives();
    inbox.signsIn();
    inbox.button("All").click(); // also guests who do not wait, or wait no longer
    return inbox;
  }

  /** A tab in a new browser profile. */
  Page page(UnaryOperator<Browser.NewContextOptions> profile) {
    BrowserContext context = Chromium.shared()
        .newContext(profile.apply(new Browser.NewContextOptions()
            .setLocale("en-GB")
            .setTimezoneId("Europe/London")
            .setReducedMotion(ReducedMotion.REDUCE)
            .setViewportSize(1100, 760)));
    context.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    profiles.add(context);
    return withConsoleWatched(context.newPage());
  }

  /** Collects the errors and warnings of the page's console, except those about failed calls. */
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

  // ---- events

  /** Stops the servers as an operator does, and breaks all connections. */
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

  /** Sends a message through the API for the account's own servers. */
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

  boolean hasEnded(Sid.Conversation conversation) {
    return "closed"
        .equals(installation
            .server("GET", "/v1/Conversations/" + conversation.text(), "")
            .text("state"));
  }

  /** The one message of the consoles, which the test expects, and which is then not an error. */
  String expectedConsoleMessage() {
    assertThat(consoleMessages).hasSize(1);
    return consoleMessages.removeFirst();
  }

  void passTime(Duration time) {
    installation.clock.pass(time);
  }

  /** Presses Tab until the element has the focus. */
  static void walkTo(Page page, Locator element) {
    PlaywrightAssertions.assertThat(element).isVisible();
    for (int stop = 0; stop < STOPS; stop++) {
      if ((Boolean) element.evaluate("it => it.getRootNode().activeElement === it")) {
        return;
      }
      page.keyboard().press("Tab");
    }
    PlaywrightAssertions.assertThat(element).isFocused();
  }

  /** Saves a screenshot, compares it with the published one, and checks the page's accessibility. */
  static void picture(Page page, String name) {
    Path file = PICTURES.resolve(name + ".png");
    boolean isPublished = name.startsWith(PublishedPictures.PREFIX);
    if (isPublished) {
      page.evaluate(PublishedPictures.HIDE_TEST_VALUES);
    }
    page.screenshot(new Page.ScreenshotOptions().setPath(file));
    if (isPublished) {
      PublishedPictures.compare(file);
    }
    assertThat(Accessibility.violations(page)).as("accessibility of %s", name).isEmpty();
  }

  /** Closes all pages; fails if their consoles have errors or warnings. */
  void closePages() {
    profiles.forEach(BrowserContext::close);
    profiles.clear();
    guestNetwork.restore();
    agentNetwork.restore();
    List<String> found = List.copyOf(consoleMessages);
    consoleMessages.clear();
    assertThat(found).as("errors and warnings of the consoles").isEmpty();
  }

  @Override
  public void close() {
    try (installation;
        guestNetwork;
        agentNetwork;
        site) {
      profiles.forEach(BrowserContext::close);
      profiles.clear();
    }
  }
}
