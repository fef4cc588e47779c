package parlour.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import parlour.cli.DemoBrowser.Reply;
import parlour.process.ServiceDecorators;
import parlour.trace.Diagram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    header = "Plays every way in which a reload can end, and compares.",
    description = "Starts a throw-away instance, plays over real HTTP, and prints what was"
        + " observed. Exits with 1 where anything differs from docs/diagrams.",
    footer = {
      "",
      "Examples:",
      "  parlour demo",
      "  parlour demo --apart      each part on its own, over HTTP, as on many machines",
    })
final class DemoCommand implements Callable<Integer> {
  private static final Pattern TOKEN = Pattern.compile("plr1\\.[A-Za-z0-9_-]+");
  private static final String GOOD_TOKEN_OTHER_FINGERPRINT = "good token, other fingerprint";
  private static final String TOKEN_REFUSED = "token refused";

  private final Terminal terminal;
  private final ServiceDecorators decorators;

  @Option(names = "--apart", description = "Run each role as a process of its own would.")
  private boolean apart;

  DemoCommand(Terminal terminal) {
    this(terminal, ServiceDecorators.NONE);
  }

  /**
   * @param decorators where a test plants a fault, to see that the demo sees it
   */
  DemoCommand(Terminal terminal, ServiceDecorators decorators) {
    this.terminal = terminal;
    this.decorators = decorators;
  }

  @Override
  public Integer call() {
    Logs.write("text", "warn");
    try (DemoInstance instance = DemoInstance.start(terminal, decorators, apart);
        HttpClient http = HttpClient.newHttpClient()) {
      terminal.say("a throw-away instance in %s, %s: %s"
          .formatted(
              instance.folder(),
              apart ? "each role on its own" : "all roles together",
              instance.edge()));
      List<String> differences = new Play(instance, http).scenes();
      terminal.say("");
      if (differences.isEmpty()) {
        terminal.say("5 scenes, all as drawn");
        return 0;
      }
      terminal.say("not as drawn:");
      differences.forEach(difference -> terminal.say("  " + difference));
      return 1;
    }
  }

  /** The five scenes, and what was seen of them. */
  private final class Play {
    private final DemoInstance instance;
    private final HttpClient http;
    private final List<String> differences = new ArrayList<>();
    private String scene = "";

    Play(DemoInstance instance, HttpClient http) {
      this.instance = instance;
      this.http = http;
    }

    List<String> scenes() {
      Diagram created = drawn("create-session").seenByServers();
      Diagram refreshed = drawn("refresh-succeeded").seenByServers();
      Diagram refused = drawn("refresh-failed");

      scene("1. a guest starts a chat");
      DemoBrowser guest = new DemoBrowser(
          http,
          instance.edge(),
          instance.origin(),
          instance.deploymentKey(),
          DemoBrowser.CHROME_ON_WINDOWS);
      observe(guest.startsChat(), 201, 0, created);
      guest.says("Ada: is my parcel on its way?");
      guest.says("Front desk: it leaves tonight.");
      shows(guest, false);

      scene("2. the guest reloads the page, and the chat goes on");
      observe(guest.reloads(), 200, 0, refreshed);
      shows(guest, false);

      scene("3. the same token from another browser");
      DemoBrowser thief = guest.copiedTo(DemoBrowser.FIREFOX_ON_LINUX);
      observe(
          thief.reloads(),
          403,
          45779,
          refused.alternative(GOOD_TOKEN_OTHER_FINGERPRINT).seenByServers());
      shows(thief, true);

      scene("4. a forged token");
      DemoBrowser forger = guest.forging();
      observe(forger.reloads(), 401, 45775, refused.alternative(TOKEN_REFUSED).seenByServers());
      shows(forger, true);

      scene("5. the interrupted guest reloads and starts again; the first guest never noticed");
      observe(forger.reloadsAndStartsAgain(), 201, 0, created);
      shows(forger, false);
      observe(guest.reloads(), 200, 0, refreshed);
      shows(guest, false);
      return differences;
    }

    private void scene(String title) {
      scene = title;
      terminal.say("\n== " + title);
    }

    /** Prints an answer and what the servers did for it, and holds both against the drawing. */
    private void observe(Reply reply, int status, int code, Diagram drawn) {
      terminal.say("\nHTTP %d %s\n".formatted(reply.status(), harmless(reply.body())));
      if (reply.status() != status || reply.code() != code) {
        differ("expected HTTP %d with code %d, got HTTP %d with code %d"
            .formatted(status, code, reply.status(), reply.code()));
      }
      String picture = instance.trace(reply.traceId());
      terminal.say(picture.stripTrailing());
      drawn.differences(Diagram.parse(picture)).forEach(this::differ);
    }

    /** The arrows that only the browser and its guest can see. */
    private void shows(DemoBrowser browser, boolean interrupted) {
      terminal.say("\nthe page shows:");
      browser.page().forEach(line -> terminal.say("  | " + line));
      if (browser.state() instanceof DemoBrowser.State.Interrupted != interrupted) {
        differ(interrupted ? "the session goes on" : "the session is interrupted");
      }
    }

    private void differ(String what) {
      differences.add(scene + ": " + what);
    }
  }

  /** Tokens are as good as passwords, also on a screen. */
  private static String harmless(String body) {
    return TOKEN.matcher(body).replaceAll("plr1.…");
  }

  private static Diagram drawn(String name) {
    String path = "/parlour/diagrams/" + name + ".mmd";
    try (InputStream stream = DemoCommand.class.getResourceAsStream(path)) {
      if (stream == null) {
        throw new IllegalStateException("not on the class path: " + path);
      }
      return Diagram.parse(new String(stream.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
