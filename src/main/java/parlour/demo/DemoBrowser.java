package parlour.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import parlour.StartupError;
import parlour.http.json.Json;

/**
 * The two participants of the diagram that are not services: the Customer and their Browser. Calls
 * the public API over real HTTP, as the widget does.
 *
 * <p>It keeps the token, its expiration, the identity, the conversation and a copy of the messages.
 * After a refusal it drops the token and keeps the copy, so that it never requests messages that it
 * may not read.
 */
public final class DemoBrowser {
  public static final Map<String, String> CHROME_ON_WINDOWS = Map.of(
      "User-Agent",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
          + " Chrome/142.0.0.0 Safari/537.36",
      "x-twilio-sec-usersettings",
      "{\"language\":\"en-GB\",\"cookieEnabled\":true,\"userTimezone\":0}");

  public static final Map<String, String> FIREFOX_ON_LINUX = Map.of(
      "User-Agent",
      "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
      "x-twilio-sec-usersettings",
      "{\"language\":\"fr-FR\",\"cookieEnabled\":true,\"userTimezone\":-60}");

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient http;
  private final URI edge;
  private final String origin;
  private final String deploymentKey;
  private final Map<String, String> headers;
  private final List<String> transcript = new ArrayList<>();
  private State state = new State.Idle();

  /**
   * @param origin of the page that the chat is on
   * @param headers the headers that identify this browser
   */
  public DemoBrowser(
      HttpClient http, URI edge, String origin, String deploymentKey, Map<String, String> headers) {
    this.http = http;
    this.edge = edge;
    this.origin = origin;
    this.deploymentKey = deploymentKey;
    this.headers = Map.copyOf(headers);
  }

  /** The state of the chat, which the page shows. */
  sealed interface State {
    record Idle() implements State {}

    record Live(String token, String expiration, String identity, String conversation)
        implements State {}

    /** The chat has ended. The identity is kept for the next chat. */
    record Interrupted(int code, String identity) implements State {}
  }

  /** An answer of the edge. */
  public record Reply(int status, String body, String traceId) {
    public int code() {
      return member("code") instanceof Number code ? code.intValue() : 0;
    }

    public String text(String name) {
      return String.valueOf(member(name));
    }

    private @Nullable Object member(String name) {
      return Json.object(body).map(object -> object.get(name)).orElse(null);
    }
  }

  State state() {
    return state;
  }

  /** Another browser, to which everything was copied that this one has stored. */
  public DemoBrowser copiedTo(Map<String, String> otherHeaders) {
    return holding(live(), otherHeaders);
  }

  /** The same browser, with one character of its stored token changed. */
  public DemoBrowser forging() {
    State.Live live = live();
    int middle = live.token().length() / 2;
    char changed = live.token().charAt(middle) == 'A' ? 'B' : 'A';
    String forged =
        live.token().substring(0, middle) + changed + live.token().substring(middle + 1);
    return holding(
        new State.Live(forged, live.expiration(), live.identity(), live.conversation()), headers);
  }

  private DemoBrowser holding(State.Live stored, Map<String, String> itsHeaders) {
    DemoBrowser other = new DemoBrowser(http, edge, origin, deploymentKey, itsHeaders);
    other.state = stored;
    other.transcript.addAll(transcript);
    return other;
  }

  public Reply startsChat() {
    Map<String, String> message = new LinkedHashMap<>();
    message.put("deploymentKey", deploymentKey);
    message.put("customerFriendlyName", "Ada");
    message.put("preEngagementData", "{\"page\":\"demo\"}");
    if (state instanceof State.Interrupted(int code, String identity)) {
      message.put("identity", identity);
    }
    Reply reply = post("/v2/Webchat/Init", message);
    if (reply.status() == 201) {
      transcript.clear();
      keep(reply);
    }
    return reply;
  }

  void says(String words) {
    transcript.add(words);
  }

  /** The guest reloads the page, and the browser refreshes its token. */
  public Reply reloads() {
    Map<String, String> message = new LinkedHashMap<>();
    message.put("deploymentKey", deploymentKey);
    message.put("token", live().token());
    Reply reply = post("/v2/Webchat/Token/Refresh", message);
    switch (reply.code()) {
      case 45775, 45779 -> state = new State.Interrupted(reply.code(), live().identity());
      default -> {
        if (reply.status() == 200) {
          keep(reply);
        }
        // Any other answer (429, 503) is not a refusal, so the session is kept.
      }
    }
    return reply;
  }

  /** The guest reloads the interrupted chat, which starts a new one with the same identity. */
  Reply reloadsAndStartsAgain() {
    if (!(state instanceof State.Interrupted)) {
      throw new IllegalStateException("only an interrupted chat is started again");
    }
    return startsChat();
  }

  /** The lines that the guest reads on the page. */
  List<String> page() {
    List<String> page = new ArrayList<>(transcript);
    if (state instanceof State.Interrupted(int code, String identity)) {
      page.add("session interrupted (" + code + "): reload to start a new chat");
    }
    return page;
  }

  private void keep(Reply reply) {
    state = new State.Live(
        reply.text("token"),
        reply.text("expiration"),
        reply.text("identity"),
        reply.text("conversation_sid"));
  }

  private State.Live live() {
    if (state instanceof State.Live live) {
      return live;
    }
    throw new IllegalStateException("no chat is open");
  }

  private Reply post(String path, Map<String, String> message) {
    HttpRequest.Builder request = HttpRequest.newBuilder(edge.resolve(path))
        .timeout(PATIENCE)
        .header("Origin", origin)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.write(message)));
    headers.forEach(request::header);
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Reply(
          response.statusCode(),
          response.body(),
          response.headers().firstValue("Parlour-Trace-Id").orElse(""));
    } catch (IOException e) {
      throw new StartupError("the demo's instance did not answer: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupError("interrupted");
    }
  }
}
