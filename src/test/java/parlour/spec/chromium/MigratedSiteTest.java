package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Download;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.LongForm;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.config.Setting;
import parlour.http.TestAuthority;
import parlour.process.ServiceDecorators;
import parlour.spec.AgentBrowser;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.spec.Neighbour;
import parlour.spec.Ports;

/**
 * A site that followed docs/migrating.md: its page, which does what the web app does, knows only the
 * option {@code region}, and reaches Parlour over TLS through a proxy of the guide.
 */
@LongForm(instead = "BalancedTest and SitesOwnChatTest")
class MigratedSiteTest {
  /** More than the first page of the history has. */
  private static final int EARLIER = 33;

  /** Of each proxy in turn, in the settings of Parlour. */
  private static final int PORT = Ports.free();

  @AutoClose
  private static final Installation installation = Installation.start(
      Shape.ONE_PROCESS,
      ServiceDecorators.NONE,
      Map.of(
          Setting.PUBLIC_URL, "https://localhost:" + PORT,
          Setting.MEDIA_URL, "https://files.localhost:" + PORT,
          Setting.TRUSTED_PROXIES, "127.0.0.1"));

  @AutoClose
  private static final SitesOwnChat site = new SitesOwnChat();

  private static final Sid.Deployment deployment = installation.deploy(new Accounts.Settings(
      Optional.of(installation.address),
      new AllowedOrigins(List.of(site.origin())),
      TokenRules.DEFAULT.withRealtime(),
      Lifetimes.DEFAULT));

  @TempDir
  private Path folder;

  @Test
  void the_site_does_all_that_the_web_app_does_through_the_nginx_of_the_guide() throws IOException {
    TestAuthority.Pair pair = certificate();
    String settings = example("nginx.conf")
        .replace("listen 443 ssl", "listen 127.0.0.1:" + PORT + " ssl")
        .replaceFirst("ssl_certificate +\\S+;", "ssl_certificate " + pair.certificate() + ";")
        .replaceFirst("ssl_certificate_key +\\S+;", "ssl_certificate_key " + pair.key() + ";");
    try (Neighbour _ = Neighbour.nginx(folder, PORT, settings)) {
      doesAllThatTheWebAppDoes();
    }
  }

  @Test
  void the_site_does_all_that_the_web_app_does_through_the_caddy_of_the_guide() throws IOException {
    Path caddy = Neighbour.installed("caddy");
    TestAuthority.Pair pair = certificate();
    String settings = """
        {
        	admin off
        	auto_https disable_redirects
        	https_port %d
        	default_bind 127.0.0.1
        	storage file_system %s
        }
        """.formatted(PORT, folder)
        + example("Caddyfile")
            .replaceFirst(
                "(?m)^(localhost.*\\{)$", "$1\n\ttls " + pair.certificate() + " " + pair.key());
    Path file = Files.writeString(folder.resolve("Caddyfile"), settings);
    try (Neighbour _ = Neighbour.start(
        folder,
        PORT,
        caddy.toString(),
        "run",
        "--config",
        file.toString(),
        "--adapter",
        "caddyfile")) {
      doesAllThatTheWebAppDoes();
    }
  }

  /** The example of the guide, for names that each browser resolves itself. */
  private static String example(String file) throws IOException {
    return Files.readString(Path.of("deploy", "migrating", file))
        .replace("chat.example.com", "localhost")
        .replace("files.example.net", "files.localhost")
        .replace("127.0.0.1:8080", installation.edge().getAuthority());
  }

  private TestAuthority.Pair certificate() throws IOException {
    return new TestAuthority(Files.createDirectory(folder.resolve("ca")))
        .signs("dns:localhost,dns:flex-api.localhost,dns:tsock.localhost,dns:files.localhost");
  }

  private static void doesAllThatTheWebAppDoes() throws IOException {
    PlaywrightWindow window = PlaywrightWindow.in(
        Chromium.shared().newContext(new NewContextOptions().setIgnoreHTTPSErrors(true)));
    OwnChatPage page =
        OwnChatPage.starts(window, site.page("2-1", deployment, "localhost:" + PORT + "/webchat"));
    until(
        "the first question is sent",
        () -> page.lines().equals(List.of("Ada: Which teas do you have?")));
    AgentBrowser agent = new AgentBrowser(installation);
    typesReadsAndIsRead(page, agent);
    sendsAndOpensFiles(page, window);
    resumes(page);
    page.isClosedByServer(installation);
    until("the page shows the end", () -> "closed".equals(page.data("ended")));
    downloadsTheTranscript(page);
    startsAnotherChat(page);
    window.page().context().close();
  }

  private static void typesReadsAndIsRead(OwnChatPage page, AgentBrowser agent) {
    agent.says(page.conversation(), "One moment.", "a-0"); // joins
    until("the agent is typing", () -> {
      agent.posts(page.conversation(), "typing", "{}"); // a sign of typing lasts for seconds only
      return page.text("typing").equals(agent.displayName() + " is typing…");
    });
    agent.says(page.conversation(), "Green ones.", "a-1");
    until("the answer ends the typing", () -> page.text("typing").isEmpty());
    page.window().runs("""
        const text = document.getElementById('text');
        text.focus();
        text.value = 'So';
        text.dispatchEvent(new Event('input'))""");
    page.says("So few?");
    agent.posts(page.conversation(), "read", "{\"index\":3}");
    until("the page shows that it was read", () -> page.text("read").equals("Read"));
  }

  /** The longest file and a short one in one message; a proxy must not refuse or buffer them. */
  private static void sendsAndOpensFiles(OwnChatPage page, PlaywrightWindow window)
      throws IOException {
    page.window().runs("""
        const files = new DataTransfer();
        files.items.add(new File(['tea '.repeat(%d)], 'large.txt', { type: 'text/plain' }));
        files.items.add(new File(['green tea'], 'list.txt', { type: 'text/plain' }));
        document.getElementById('files').files = files.files""".formatted(Limits.MEDIA_FILE_BYTES / 4));
    page.sends("My lists");
    until("the message with the files is shown", () -> {
      assertThat(page.text("alert")).isEmpty();
      return page.lastLine().equals("Ada: My lists");
    });
    List<Download> opened = new ArrayList<>();
    window.page().onDownload(opened::add); // also of the windows that it opens
    window.clicks("li:last-child button:last-of-type");
    until("the file is opened", () -> {
      page.text("alert"); // Playwright delivers events during a call
      return !opened.isEmpty();
    });
    assertThat(opened.getFirst().suggestedFilename()).isEqualTo("list.txt");
    assertThat(opened.getFirst().url()).startsWith("https://files.localhost:" + PORT + "/media/");
    assertThat(Files.readString(opened.getFirst().path())).isEqualTo("green tea");
  }

  /** As the web app: with the stored token, and earlier messages by their number. */
  private static void resumes(OwnChatPage page) {
    List<String> before = page.lines();
    String token = page.stored("token");
    page.window().reloads();
    page.isReady();
    assertThat(page.data("call")).isEqualTo("null");
    assertThat(page.stored("token")).isEqualTo(token);
    until("the messages are shown", () -> page.lines().equals(before));
    IntStream.range(0, EARLIER).forEach(n -> page.botSays(installation, "Tea " + n));
    until("all are shown", () -> page.lines().size() == before.size() + EARLIER);
    List<String> all = page.lines();
    page.window().reloads();
    page.isReady();
    until(
        "the last page is shown",
        () -> page.lines().equals(all.subList(all.size() - 30, all.size())));
    page.clicks("older");
    until("the whole history is shown", () -> page.lines().equals(all));
  }

  /** After the end, with the answers of the form and the bytes of the files. */
  private static void downloadsTheTranscript(OwnChatPage page) {
    page.clicks("transcript");
    until("the transcript is made", () -> !"null".equals(page.data("transcript")));
    assertThat(page.data("transcript").lines().toList())
        .startsWith(
            "Answers: {\"friendlyName\":\"Ada\",\"query\":\"Which teas do you have?\"}",
            "Which teas do you have?",
            "One moment.",
            "Green ones.",
            "So few?",
            "My lists",
            "large.txt: 200, %d bytes".formatted(Limits.MEDIA_FILE_BYTES),
            "list.txt: 200, 9 bytes",
            "Tea 0");
  }

  private static void startsAnotherChat(OwnChatPage page) {
    String first = page.conversation();
    page.startsChat();
    assertThat(page.conversation()).isNotEqualTo(first);
    until(
        "the question is sent again",
        () -> page.lines().equals(List.of("Ada: Which teas do you have?")));
  }
}
