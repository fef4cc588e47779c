package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;
import static parlour.spec.chromium.ChatWalkthrough.PICTURES;

import com.microsoft.playwright.Browser.NewContextOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import parlour.Limits;
import parlour.LongForm;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.config.Role;
import parlour.scopedauth.Sensitivity;
import parlour.spec.AgentBrowser;
import parlour.spec.Browser;
import parlour.spec.DiagramTest;
import parlour.spec.Faults;
import parlour.spec.InBothShapes;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** Pages of a site with a chat of its own, on the unmodified published client, in real browsers. */
class SitesOwnChatTest {
  /** The newest version in Chromium. */
  static final List<Visit> VISITS =
      List.of(new Visit(Engine.CHROMIUM, "3-0", Shape.ROLES_OVER_POSTGRES));

  /** Every other version in Chromium, and the other engines. */
  static final List<Visit> MORE_VISITS = List.of(
      new Visit(Engine.CHROMIUM, "2-1", Shape.ONE_PROCESS),
      new Visit(Engine.CHROMIUM, "2-1", Shape.ROLES_OVER_POSTGRES),
      new Visit(Engine.CHROMIUM, "2-7", Shape.ONE_PROCESS),
      new Visit(Engine.FIREFOX, "2-1", Shape.ONE_PROCESS),
      new Visit(Engine.WEBKIT, "3-0", Shape.ONE_PROCESS));

  /** More than the last page holds. */
  private static final int EARLIER = 33;

  private static final Faults faults = new Faults();

  @AutoClose
  private static final Installation installation = Installation.start(Shape.ONE_PROCESS, faults);

  @AutoClose
  private static final Installation apart = Installation.start(Shape.ROLES_OVER_POSTGRES, faults);

  @AutoClose
  private static final SitesOwnChat site = new SitesOwnChat();

  @AutoClose
  private static final Engine.Started started = new Engine.Started();

  private static final Sid.Deployment deployment = deployed(TokenRules.DEFAULT.withRealtime());

  @AfterEach
  void repair() {
    faults.repair();
  }

  record Visit(Engine engine, String version, Shape shape) {
    Installation server() {
      return shape == Shape.ONE_PROCESS ? installation : apart;
    }

    String page() {
      Sid.Deployment key = server() == installation
          ? deployment
          : deployed(apart, TokenRules.DEFAULT.withRealtime());
      return site.page(version, key, server().edge());
    }
  }

  private static Sid.Deployment deployed(TokenRules rules) {
    return deployed(installation, rules);
  }

  private static Sid.Deployment deployed(Installation server, TokenRules rules) {
    return server.deploy(new Accounts.Settings(
        Optional.of(server.address),
        new AllowedOrigins(List.of(site.origin())),
        rules,
        Lifetimes.DEFAULT));
  }

  @ParameterizedTest
  @FieldSource("MORE_VISITS")
  @LongForm(instead = "the same walk with the newest version in Chromium, and EngineContract")
  void a_guest_chats_in_other_versions_and_engines(Visit visit) {
    a_guest_chats_reloads_and_continues_in_a_second_tab(visit);
  }

  @ParameterizedTest
  @FieldSource("VISITS")
  void a_guest_chats_reloads_and_continues_in_a_second_tab(Visit visit) {
    BrowserWindow window = started.of(visit.engine()).privateWindow();
    String address = visit.page();
    OwnChatPage page = OwnChatPage.starts(window, address);
    IntStream.range(0, EARLIER).forEach(n -> page.botSays(visit.server(), "Tea " + n));
    page.says("Which is the best?");
    AgentBrowser agent = new AgentBrowser(visit.server());
    agent.says(page.conversation(), "The green one.", "a-1");
    until(
        "the answer has a name",
        () -> page.lastLine().equals(agent.displayName() + ": The green one."));
    window.picture(PICTURES.resolve("own-chat-%s-%s.png"
        .formatted(visit.engine().name().toLowerCase(Locale.ROOT), visit.version())));
    List<String> before = page.lines();
    assertThat(before.subList(0, EARLIER + 1))
        .isEqualTo(Stream.concat(
                IntStream.range(0, EARLIER).mapToObj(n -> "bot: Tea " + n),
                Stream.of("Ada: Which is the best?"))
            .toList());
    page.reloads();
    until("the last page is shown", () -> page.lines().size() == 30);
    page.clicks("older");
    until("the whole history is shown", () -> page.lines().equals(before));
    page.says("After a reload");
    OwnChatPage second = new OwnChatPage(window.opensAnother(address));
    second.isReady();
    second.says("In a second tab");
    List<String> both = List.of("Ada: After a reload", "Ada: In a second tab");
    until(
        "both are shown once",
        () -> page.lines().stream().skip(before.size()).toList().equals(both));
    second.window().closes();
    page.isClosedByServer(visit.server());
    until("the page shows the end", () -> "closed".equals(page.data("ended")));
    window.runs("document.getElementById('alert').textContent = ''");
    page.sends("Too late");
    until("the page shows the refusal", () -> !page.text("alert").isEmpty());
  }

  /** The web app does so, too, and presents the new token on the open socket. */
  @Test
  void the_page_renews_its_token_while_it_is_open() {
    OwnChatPage page = starts(inChromium(Shape.ONE_PROCESS));
    String first = page.stored("token");
    installation.clock.pass(Limits.TOKEN_TTL_DEFAULT.minus(Duration.ofMinutes(2)));
    page.botSays(installation, "time passes"); // wakes the socket
    until("the page has presented another token", () -> "true".equals(page.data("renewed")));
    assertThat(page.stored("token")).isNotEqualTo(first);
    assertThat(page.data("call")).isEqualTo("/v2/Webchat/Tokens/Refresh");
    installation.clock.pass(Duration.ofMinutes(3));
    page.botSays(installation, "still here");
    until("the message is shown", () -> page.lastLine().endsWith("still here"));
    assertThat(page.text("state")).isEqualTo("connected");
  }

  @Test
  void the_socket_of_a_deployment_that_does_not_allow_it_is_denied() {
    BrowserWindow window = started.of(Engine.CHROMIUM).privateWindow();
    window.navigates(site.page("2-1", deployed(TokenRules.DEFAULT), installation.edge()));
    OwnChatPage page = new OwnChatPage(window);
    page.clicks("start");
    until("the socket is denied", () -> "denied".equals(page.text("state")));
    assertThat(page.data("ready")).isEqualTo("null");
  }

  /** The web app does not know its own log-in time yet at Init, and sends it from then on. */
  @Test
  void at_the_sensitivity_high_reloads_of_the_web_app_renew_its_token() {
    TokenRules usual = TokenRules.DEFAULT.withRealtime();
    TokenRules high =
        new TokenRules(Sensitivity.HIGH, usual.proof(), usual.revokeOnReplay(), usual.realtime());
    OwnChatPage page = OwnChatPage.starts(
        started.of(Engine.CHROMIUM).privateWindow(),
        site.page("2-1", deployed(high), installation.edge()));
    page.says("Hello");
    page.reloads();
    page.reloads();
    until("the message is shown", () -> page.lines().equals(List.of("Ada: Hello")));
  }

  // ---- the diagram

  @ParameterizedTest
  @InBothShapes
  void a_reload_makes_the_drawn_arrows(Shape shape) {
    Visit visit = inChromium(shape);
    OwnChatPage page = starts(visit);
    DiagramTest.assertSame(
        DiagramTest.drawn("create-session"), visit.server().trace(page.data("trace")));
    page.reloads();
    DiagramTest.assertSame(
        DiagramTest.drawn("refresh-succeeded"), visit.server().trace(page.data("trace")));
  }

  @ParameterizedTest
  @InBothShapes
  void a_refused_token_makes_the_drawn_arrows_and_the_page_shows_the_code(Shape shape) {
    Visit visit = inChromium(shape);
    OwnChatPage page = starts(visit);
    page.window().runs("""
        const session = JSON.parse(localStorage.getItem('TWILIO_WEBCHAT_WIDGET'));
        session.token = 'plr1.forged';
        localStorage.setItem('TWILIO_WEBCHAT_WIDGET', JSON.stringify(session))""");
    page.window().reloads();
    until("the page shows the code", () -> page.text("alert").startsWith("45775: "));
    DiagramTest.assertSame(
        DiagramTest.drawn("refresh-failed").alternative("token refused"),
        visit.server().trace(page.data("trace")));
  }

  @ParameterizedTest
  @InBothShapes
  void a_copied_token_makes_the_drawn_arrows_and_the_page_shows_the_code(Shape shape) {
    Visit visit = inChromium(shape);
    String address = visit.page();
    OwnChatPage page = OwnChatPage.starts(started.of(Engine.CHROMIUM).privateWindow(), address);
    String session =
        String.valueOf(page.window().runs("return localStorage.getItem('TWILIO_WEBCHAT_WIDGET')"));
    OwnChatPage thief = new OwnChatPage(PlaywrightWindow.in(Chromium.shared()
        .newContext(new NewContextOptions()
            .setUserAgent(Browser.FIREFOX_ON_LINUX.headers().get("User-Agent")))));
    thief.window().navigates(address);
    thief.window().runs("localStorage.setItem('TWILIO_WEBCHAT_WIDGET', '%s')".formatted(session));
    thief.window().reloads();
    until("the page shows the code", () -> thief.text("alert").startsWith("45779: "));
    DiagramTest.assertSame(
        DiagramTest.drawn("refresh-failed").alternative("good token, other fingerprint"),
        visit.server().trace(thief.data("trace")));
  }

  @ParameterizedTest
  @InBothShapes
  void a_reload_in_an_outage_makes_the_drawn_arrows_and_the_page_repeats_the_call(Shape shape) {
    Visit visit = inChromium(shape);
    OwnChatPage page = starts(visit);
    page.says("Before");
    faults.storeDown(Role.SCOPED_AUTH);
    reloadsInAnOutage(page, visit, "outage of ScopedAuth");
    faults.broken(Role.FEDERATED_AUTH, IllegalStateException::new);
    reloadsInAnOutage(page, visit, "outage of FederatedAuth");
  }

  private static void reloadsInAnOutage(OwnChatPage page, Visit visit, String alternative) {
    String token = page.stored("token");
    page.window().reloads();
    until("the page shows the outage", () -> page.text("alert").startsWith("45774: "));
    DiagramTest.assertSame(
        DiagramTest.drawn("refresh-unavailable").alternative(alternative),
        visit.server().trace(page.data("trace")));
    assertThat(page.stored("token")).isEqualTo(token);
    faults.repair();
    until("the page has repeated the call", () -> page.text("alert").isEmpty());
    page.isReady();
    assertThat(page.stored("token")).isNotEqualTo(token);
    assertThat(page.lines()).containsExactly("Ada: Before");
  }

  @ParameterizedTest
  @InBothShapes
  @LongForm(instead = "the reload in an outage")
  void an_open_page_keeps_its_messages_in_an_outage_and_renews_its_token_after_it(Shape shape) {
    Visit visit = inChromium(shape);
    OwnChatPage page = starts(visit);
    page.says("Before");
    String first = page.stored("token");
    faults.storeDown(Role.SCOPED_AUTH);
    visit.server().clock.pass(Limits.TOKEN_TTL_DEFAULT.minus(Duration.ofMinutes(2)));
    page.botSays(visit.server(), "Meanwhile"); // wakes the socket
    until("the page shows the outage", () -> page.text("alert").startsWith("45774: "));
    assertThat(page.lines()).contains("Ada: Before");
    assertThat(page.text("state")).isEqualTo("connected");
    assertThat(page.stored("token")).isEqualTo(first);
    faults.repair();
    until("the page has presented another token", () -> "true".equals(page.data("renewed")));
    assertThat(page.stored("token")).isNotEqualTo(first);
    assertThat(page.text("alert")).isEmpty();
    until(
        "the message of the outage is shown",
        () -> page.lines().equals(List.of("Ada: Before", "bot: Meanwhile")));
    assertThat(page.text("state")).isEqualTo("connected");
  }

  private static OwnChatPage starts(Visit visit) {
    return OwnChatPage.starts(started.of(visit.engine()).privateWindow(), visit.page());
  }

  private static Visit inChromium(Shape shape) {
    return new Visit(Engine.CHROMIUM, "2-1", shape);
  }
}
