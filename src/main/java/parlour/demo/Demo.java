package parlour.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import parlour.demo.DemoBrowser.Reply;
import parlour.process.ServiceDecorators;
import parlour.trace.Diagram;

/**
 * The scripted demo: plays five scenes of the diagrams over real HTTP against a temporary
 * installation, and compares each with docs/diagrams.
 */
public final class Demo {
  private static final Pattern TOKEN = Pattern.compile("plr1\\.[A-Za-z0-9_-]+");
  private static final String GOOD_TOKEN_OTHER_FINGERPRINT = "good token, other fingerprint";
  private static final String TOKEN_REFUSED = "token refused";

  private final Operator operator;
  private final InstantSource clock;
  private final ServiceDecorators decorators;

  /**
   * @param decorators where a test injects a fault, to see that the demo notices it
   */
  public Demo(Operator operator, InstantSource clock, ServiceDecorators decorators) {
    this.operator = operator;
    this.clock = clock;
    this.decorators = decorators;
  }

  /**
   * Plays all scenes.
   *
   * @param apart whether each role runs as a process of its own, which the others call over HTTP
   * @return whether all answers and traces equal the diagrams
   */
  public boolean play(boolean apart) {
    try (DemoInstance instance = DemoInstance.start(operator, clock, decorators, apart);
        HttpClient http = HttpClient.newHttpClient()) {
      operator.say("a temporary installation in %s, %s: %s"
          .formatted(
              instance.folder(),
              apart ? "each role on its own" : "all roles together",
              instance.edge()));
      List<String> differences = new Play(instance, http).scenes();
      operator.say("");
      if (differences.isEmpty()) {
        operator.say("5 scenes, all as drawn");
        return true;
      }
      operator.say("not as drawn:");
      differences.forEach(difference -> operator.say("  " + difference));
      return false;
    }
  }

  /** One run of the five scenes, with the differences that were found. */
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
      operator.say("\n== " + title);
    }

    /** Prints an answer and its trace, and compares both with the diagram. */
    private void observe(Reply reply, int status, int code, Diagram drawn) {
      operator.say("\nHTTP %d %s\n".formatted(reply.status(), withoutTokens(reply.body())));
      if (reply.status() != status || reply.code() != code) {
        differ("expected HTTP %d with code %d, got HTTP %d with code %d"
            .formatted(status, code, reply.status(), reply.code()));
      }
      String picture = instance.trace(reply.traceId());
      operator.say(picture.stripTrailing());
      drawn.differences(Diagram.parse(picture)).forEach(this::differ);
    }

    /** Prints what the guest reads: the arrows that no server can record. */
    private void shows(DemoBrowser browser, boolean interrupted) {
      operator.say("\nthe page shows:");
      browser.page().forEach(line -> operator.say("  | " + line));
      if (browser.state() instanceof DemoBrowser.State.Interrupted != interrupted) {
        differ(interrupted ? "the session goes on" : "the session is interrupted");
      }
    }

    private void differ(String what) {
      differences.add(scene + ": " + what);
    }
  }

  /** Hides tokens: one on a screen can be used by anybody who reads it. */
  private static String withoutTokens(String body) {
    return TOKEN.matcher(body).replaceAll("plr1.…");
  }

  private static Diagram drawn(String name) {
    String path = "/parlour/diagrams/" + name + ".mmd";
    try (InputStream stream = Demo.class.getResourceAsStream(path)) {
      if (stream == null) {
        throw new IllegalStateException("not on the class path: " + path);
      }
      return Diagram.parse(new String(stream.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
