package parlour.spec.chromium;

import static parlour.Eventually.until;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Eventually;
import parlour.spec.Http;
import parlour.spec.Ports;

/**
 * The machine's own WebKitGTK, on a virtual screen, with a dark colour scheme: a client of
 * WebDriver (W3C Recommendation) with the commands that {@link ChatWalkthrough} needs. Its storage
 * is temporary.
 */
final class WebKit implements Engine.Running {
  private static final Gson gson = new Gson();

  private static final String MIDDLE = """
      const chat = document.querySelector('[data-parlour]')?.shadowRoot ?? document;
      const { x, y, width, height } = chat.querySelector(arguments[0]).getBoundingClientRect();
      return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
      """;

  private static final String TAKES_CLICKS = """
      const chat = document.querySelector('[data-parlour]')?.shadowRoot ?? document;
      const one = chat.querySelector(arguments[0]);
      return !!one && one.getAttribute('aria-disabled') !== 'true';
      """;

  /** A picture would show what was painted before. */
  private static final String AFTER_PAINTING = """
      const [painted] = arguments;
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(painted)));
      """;

  private final Process driver;
  private final URI address;
  private final Path miniBrowser;
  /** Empty: none. */
  private String session = "";

  WebKit(Path miniBrowser) {
    this.miniBrowser = miniBrowser;
    int port = Ports.free();
    address = URI.create("http://127.0.0.1:" + port);
    var starting = new ProcessBuilder(
            "xvfb-run", "-a", "-s", "-screen 0 1400x1000x24", "WebKitWebDriver", "--port=" + port)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD);
    starting.environment().put("GTK_THEME", "Adwaita:dark");
    try {
      driver = starting.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      until("WebKitWebDriver listens", this::listens);
    } catch (RuntimeException | Error e) {
      stop();
      throw e;
    }
  }

  @Override
  public BrowserWindow privateWindow() {
    endSession();
    Map<String, Object> browser =
        Map.of("binary", miniBrowser.toString(), "args", List.of("--automation"));
    Map<String, Object> always =
        Map.of("browserName", "MiniBrowser", "webkitgtk:browserOptions", browser);
    session = value("POST", "/session", Map.of("capabilities", Map.of("alwaysMatch", always)))
        .getAsJsonObject()
        .get("sessionId")
        .getAsString();
    return new Tab(inSession("GET", "/window", null).getAsString());
  }

  private boolean listens() {
    try {
      return Http.send(Http.request(address.resolve("/status")).GET().build()).statusCode() == 200;
    } catch (IllegalStateException e) {
      return false; // not yet
    }
  }

  private JsonElement inSession(String method, String path, @Nullable Object body) {
    return value(method, "/session/" + session + path, body);
  }

  private JsonElement value(String method, String path, @Nullable Object body) {
    HttpResponse<String> response = Http.send(Http.request(address.resolve(path))
        .timeout(Duration.ofMinutes(2))
        .method(
            method,
            body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(gson.toJson(body)))
        .build());
    JsonElement value =
        JsonParser.parseString(response.body()).getAsJsonObject().get("value");
    if (response.statusCode() != 200) {
      throw new IllegalStateException("WebKitWebDriver: " + path + ": " + value);
    }
    return value;
  }

  private final class Tab implements BrowserWindow {
    private final String handle;

    Tab(String handle) {
      this.handle = handle;
    }

    private JsonElement ask(String path, Object body) {
      inSession("POST", "/window", Map.of("handle", handle));
      return inSession("POST", path, body);
    }

    @Override
    public void navigates(String to) {
      ask("/url", Map.of("url", to));
    }

    @Override
    public void reloads() {
      ask("/refresh", Map.of());
    }

    @Override
    public BrowserWindow opensAnother(String to) {
      JsonObject made = ask("/window/new", Map.of("type", "window")).getAsJsonObject();
      Tab other = new Tab(made.get("handle").getAsString());
      other.navigates(to);
      return other;
    }

    @Override
    public void closes() {
      inSession("POST", "/window", Map.of("handle", handle));
      inSession("DELETE", "/window", null);
    }

    @Override
    public @Nullable Object runs(String script) {
      JsonElement value = ask("/execute/sync", Map.of("script", script, "args", List.of()));
      if (!(value instanceof JsonPrimitive simple)) {
        return null;
      }
      if (simple.isBoolean()) {
        return simple.getAsBoolean();
      }
      return simple.isNumber() ? (Object) simple.getAsDouble() : simple.getAsString();
    }

    @Override
    public void clicks(String selector) {
      Eventually.until(
          selector + " takes clicks",
          () -> ask("/execute/sync", Map.of("script", TAKES_CLICKS, "args", List.of(selector)))
              .getAsBoolean());
      JsonObject middle = ask("/execute/sync", Map.of("script", MIDDLE, "args", List.of(selector)))
          .getAsJsonObject();
      // WebDriver refuses a click on the element, because the host covers it for the page.
      ask(
          "/actions",
          Map.of(
              "actions",
              List.of(Map.of(
                  "type",
                  "pointer",
                  "id",
                  "mouse",
                  "actions",
                  List.of(
                      Map.of(
                          "type",
                          "pointerMove",
                          "x",
                          middle.get("x").getAsInt(),
                          "y",
                          middle.get("y").getAsInt()),
                      Map.of("type", "pointerDown", "button", 0),
                      Map.of("type", "pointerUp", "button", 0))))));
    }

    @Override
    public void types(String text) {
      var actions = new ArrayList<Map<String, String>>();
      text.codePoints().mapToObj(Character::toString).forEach(key -> {
        actions.add(Map.of("type", "keyDown", "value", key));
        actions.add(Map.of("type", "keyUp", "value", key));
      });
      ask(
          "/actions",
          Map.of("actions", List.of(Map.of("type", "key", "id", "keyboard", "actions", actions))));
    }

    @Override
    public void presses(Key key) {
      types(String.valueOf(key.inWebDriver));
    }

    @Override
    public void picture(Path file) {
      ask("/execute/async", Map.of("script", AFTER_PAINTING, "args", List.of()));
      try {
        Files.createDirectories(file.getParent());
        Files.write(
            file,
            Base64.getDecoder().decode(inSession("GET", "/screenshot", null).getAsString()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    try {
      endSession();
    } finally {
      stop();
    }
  }

  private void endSession() {
    if (!session.isEmpty()) {
      inSession("DELETE", "", null);
      session = "";
    }
  }

  private void stop() {
    Stream.concat(driver.descendants(), Stream.of(driver.toHandle()))
        .toList()
        .forEach(ProcessHandle::destroy);
  }
}
