package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.chromium.ChatWalkthrough.PICTURES;
import static parlour.spec.chromium.ChatWalkthrough.until;

import com.microsoft.playwright.Browser.NewContextOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.http.TestAuthority;
import parlour.spec.AgentBrowser;
import parlour.spec.Browser;
import parlour.spec.DiagramTest;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.spec.Neighbour;
import parlour.spec.Ports;

/** Pages of a site with a chat of its own, on the unmodified client package, in real browsers. */
class SitesOwnChatTest {
  /** Every version in Chromium, and a short walk in each of the other engines. */
  static final List<Visit> VISITS = List.of(
      new Visit(Engine.CHROMIUM, "2-1"),
      new Visit(Engine.CHROMIUM, "2-7"),
      new Visit(Engine.CHROMIUM, "3-0"),
      new Visit(Engine.FIREFOX, "2-1"),
      new Visit(Engine.WEBKIT, "3-0"));

  /** More than the last page holds. */
  private static final int EARLIER = 33;

  @AutoClose
  private static final Installation installation = Installation.start(Shape.ONE_PROCESS);

  @AutoClose
  private static final SitesOwnChat site = new SitesOwnChat();

  @AutoClose
  private static final Engine.Started started = new Engine.Started();

  private static final Sid.Deployment deployment = deployed(TokenRules.DEFAULT.withRealtime());

  @TempDir
  private Path folder;

  record Visit(Engine engine, String version) {
    String page() {
      return site.page(version, deployment, installation.edge());
    }
  }

  private static Sid.Deployment deployed(TokenRules rules) {
    return installation.deploy(new Accounts.Settings(
        Optional.of(installation.address),
        new AllowedOrigins(List.of(site.origin())),
        rules,
        Lifetimes.DEFAULT));
  }

  @ParameterizedTest
  @FieldSource("VISITS")
  void a_guest_chats_reloads_and_continues_in_a_second_tab(Visit visit) {
    BrowserWindow window = started.of(visit.engine()).privateWindow();
    String conversation = starts(window, visit.page());
    IntStream.range(0, EARLIER).forEach(n -> botSays(conversation, "Tea " + n));
    says(window, "Which is the best?");
    new AgentBrowser(installation).says(conversation, "The green one.", "a-1");
    until("the answer has a name", () -> lastLine(window).matches("ann\\d+: The green one."));
    window.picture(PICTURES.resolve("own-chat-%s-%s.png"
        .formatted(visit.engine().name().toLowerCase(Locale.ROOT), visit.version())));
    List<String> before = lines(window);
    assertThat(before.subList(0, EARLIER + 1))
        .isEqualTo(Stream.concat(
                IntStream.range(0, EARLIER).mapToObj(n -> "bot: Tea " + n),
                Stream.of("Ada: Which is the best?"))
            .toList());
    reloads(window);
    until("the last page is shown", () -> lines(window).size() == 30);
    window.runs("document.getElementById('older').click()");
    until("the whole history is shown", () -> lines(window).equals(before));
    says(window, "After a reload");
    BrowserWindow second = window.opensAnother(visit.page());
    isReady(second);
    says(second, "In a second tab");
    List<String> both = List.of("Ada: After a reload", "Ada: In a second tab");
    until(
        "both are shown once",
        () -> lines(window).stream().skip(before.size()).toList().equals(both));
    second.closes();
    closes(conversation);
    until("the page shows the end", () -> "closed".equals(data(window, "ended")));
    window.runs("document.getElementById('alert').textContent = ''");
    sends(window, "Too late");
    until("the page shows the refusal", () -> !text(window, "alert").isEmpty());
  }

  /** The web app does so, too, and presents the new token on the open socket. */
  @Test
  void the_page_renews_its_token_while_it_is_open() {
    BrowserWindow window = started.of(Engine.CHROMIUM).privateWindow();
    String conversation = starts(window, new Visit(Engine.CHROMIUM, "2-1").page());
    String first = token(window);
    installation.clock.pass(Limits.TOKEN_TTL_DEFAULT.minus(Duration.ofMinutes(2)));
    botSays(conversation, "time passes"); // wakes the socket
    until("the page has another token", () -> !first.equals(token(window)));
    assertThat(data(window, "call")).isEqualTo("/v2/Webchat/Tokens/Refresh");
    installation.clock.pass(Duration.ofMinutes(3));
    botSays(conversation, "still here");
    until("the message is shown", () -> lastLine(window).endsWith("still here"));
    assertThat(text(window, "state")).isEqualTo("connected");
  }

  @Test
  void the_socket_of_a_deployment_that_does_not_allow_it_is_denied() {
    BrowserWindow window = started.of(Engine.CHROMIUM).privateWindow();
    window.navigates(site.page("2-1", deployed(TokenRules.DEFAULT), installation.edge()));
    window.runs("document.getElementById('start').click()");
    until("the socket is denied", () -> "denied".equals(text(window, "state")));
    assertThat(data(window, "ready")).isEqualTo("null");
  }

  // ---- behind the proxies of docs/migrating.md, with the option region

  @Test
  void a_page_that_only_sets_the_region_chats_through_the_nginx_of_the_guide() throws IOException {
    int port = Ports.free();
    TestAuthority.Pair pair = certificate();
    String settings = example("nginx.conf")
        .replace("listen 443 ssl", "listen 127.0.0.1:" + port + " ssl")
        .replaceFirst("ssl_certificate +\\S+;", "ssl_certificate " + pair.certificate() + ";")
        .replaceFirst("ssl_certificate_key +\\S+;", "ssl_certificate_key " + pair.key() + ";");
    try (Neighbour _ = Neighbour.nginx(folder, port, settings)) {
      chatsByRegion(port);
    }
  }

  @Test
  void a_page_that_only_sets_the_region_chats_through_the_caddy_of_the_guide() throws IOException {
    Path caddy = Neighbour.installed("caddy");
    int port = Ports.free();
    TestAuthority.Pair pair = certificate();
    String settings = """
        {
        	admin off
        	auto_https disable_redirects
        	https_port %d
        	default_bind 127.0.0.1
        	storage file_system %s
        }
        """.formatted(port, folder)
        + example("Caddyfile")
            .replaceFirst(
                "(?m)^(localhost.*\\{)$", "$1\n\ttls " + pair.certificate() + " " + pair.key());
    Path file = Files.writeString(folder.resolve("Caddyfile"), settings);
    try (Neighbour _ = Neighbour.start(
        folder,
        port,
        caddy.toString(),
        "run",
        "--config",
        file.toString(),
        "--adapter",
        "caddyfile")) {
      chatsByRegion(port);
    }
  }

  private void chatsByRegion(int port) {
    BrowserWindow window = PlaywrightWindow.in(
        Chromium.shared().newContext(new NewContextOptions().setIgnoreHTTPSErrors(true)));
    String conversation =
        starts(window, site.page("2-1", deployment, "localhost:" + port + "/webchat"));
    says(window, "By nothing but the region");
    botSays(conversation, "Welcome");
    until("the answer is shown", () -> lines(window).contains("bot: Welcome"));
    reloads(window);
    until("the messages are shown", () -> lines(window).size() == 2);
    window.closes();
  }

  /** The example of the guide, for names that each browser resolves itself. */
  private static String example(String file) throws IOException {
    return Files.readString(Path.of("deploy", "migrating", file))
        .replace("chat.example.com", "localhost")
        .replace("127.0.0.1:8080", installation.edge().getAuthority());
  }

  private TestAuthority.Pair certificate() throws IOException {
    return new TestAuthority(Files.createDirectory(folder.resolve("ca")))
        .signs("dns:localhost,dns:flex-api.localhost,dns:tsock.localhost");
  }

  // ---- the diagram

  @Test
  void a_reload_makes_the_drawn_arrows() {
    BrowserWindow window = started.of(Engine.CHROMIUM).privateWindow();
    starts(window, new Visit(Engine.CHROMIUM, "2-1").page());
    DiagramTest.assertSame(
        DiagramTest.drawn("create-session"), installation.trace(data(window, "trace")));
    reloads(window);
    DiagramTest.assertSame(
        DiagramTest.drawn("refresh-succeeded"), installation.trace(data(window, "trace")));
  }

  @Test
  void a_refused_token_makes_the_drawn_arrows_and_the_page_shows_the_code() {
    BrowserWindow window = started.of(Engine.CHROMIUM).privateWindow();
    starts(window, new Visit(Engine.CHROMIUM, "2-1").page());
    window.runs("""
        const session = JSON.parse(localStorage.getItem('TWILIO_WEBCHAT_WIDGET'));
        session.token = 'plr1.forged';
        localStorage.setItem('TWILIO_WEBCHAT_WIDGET', JSON.stringify(session))""");
    window.reloads();
    until("the page shows the code", () -> text(window, "alert").startsWith("45775: "));
    DiagramTest.assertSame(
        DiagramTest.drawn("refresh-failed").alternative("token refused"),
        installation.trace(data(window, "trace")));
  }

  @Test
  void a_copied_token_makes_the_drawn_arrows_and_the_page_shows_the_code() {
    BrowserWindow window = started.of(Engine.CHROMIUM).privateWindow();
    String page = new Visit(Engine.CHROMIUM, "2-1").page();
    starts(window, page);
    String session =
        String.valueOf(window.runs("return localStorage.getItem('TWILIO_WEBCHAT_WIDGET')"));
    BrowserWindow thief = PlaywrightWindow.in(Chromium.shared()
        .newContext(new NewContextOptions()
            .setUserAgent(Browser.FIREFOX_ON_LINUX.headers().get("User-Agent"))));
    thief.navigates(page);
    thief.runs("localStorage.setItem('TWILIO_WEBCHAT_WIDGET', '%s')".formatted(session));
    thief.reloads();
    until("the page shows the code", () -> text(thief, "alert").startsWith("45779: "));
    DiagramTest.assertSame(
        DiagramTest.drawn("refresh-failed").alternative("good token, other fingerprint"),
        installation.trace(data(thief, "trace")));
  }

  // ---- steps

  /** Returns the sid of the conversation. */
  private static String starts(BrowserWindow window, String page) {
    window.navigates(page);
    window.runs("document.getElementById('start').click()");
    isReady(window);
    assertThat(data(window, "call")).endsWith("/v2/Webchat/Init");
    return String.valueOf(window.runs(
        "return JSON.parse(localStorage.getItem('TWILIO_WEBCHAT_WIDGET')).conversationSid"));
  }

  private static void isReady(BrowserWindow window) {
    until("the chat is connected", () -> {
      assertThat(text(window, "alert")).isEmpty();
      return "true".equals(data(window, "ready")) && "connected".equals(text(window, "state"));
    });
  }

  private static void reloads(BrowserWindow window) {
    String before = token(window);
    window.reloads();
    isReady(window);
    assertThat(data(window, "call")).endsWith("/v2/Webchat/Tokens/Refresh");
    assertThat(token(window)).isNotEqualTo(before);
  }

  private static void says(BrowserWindow window, String body) {
    sends(window, body);
    until("the message is shown", () -> lastLine(window).endsWith(": " + body));
  }

  private static void sends(BrowserWindow window, String body) {
    window.runs("""
        document.getElementById('text').value = '%s';
        document.getElementById('form').requestSubmit()""".formatted(body));
  }

  /** The messages with their authors' names, in the page's order. */
  private static List<String> lines(BrowserWindow window) {
    String all = String.valueOf(window.runs("""
        return [...document.querySelectorAll('#messages li')].map((line) =>
          line.firstChild.textContent + ': ' + line.lastChild.textContent).join('\\n')"""));
    return all.lines().toList();
  }

  /** Empty while there is none. */
  private static String lastLine(BrowserWindow window) {
    List<String> all = lines(window);
    return all.isEmpty() ? "" : all.getLast();
  }

  private static String text(BrowserWindow window, String id) {
    return String.valueOf(
        window.runs("return document.getElementById('%s').textContent".formatted(id)));
  }

  private static String data(BrowserWindow window, String name) {
    return String.valueOf(window.runs("return document.body.dataset.%s ?? null".formatted(name)));
  }

  private static String token(BrowserWindow window) {
    return String.valueOf(
        window.runs("return JSON.parse(localStorage.getItem('TWILIO_WEBCHAT_WIDGET')).token"));
  }

  private static void botSays(String conversation, String body) {
    installation.server(
        "POST",
        "/v1/Conversations/" + conversation + "/Messages",
        "Author=bot&Body=" + body.replace(' ', '+'));
  }

  private static void closes(String conversation) {
    installation.server("POST", "/v1/Conversations/" + conversation, "State=closed");
  }
}
