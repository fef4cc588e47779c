package parlour.spec;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.http.json.Json;

/** A guest's browser: keeps its token as the Twilio web app does, and sends the same calls. */
public final class Guest {

  /** An answer as a browser sees it. */
  public record Reply(int status, HttpResponse<String> response) {

    public Map<String, @Nullable Object> json() {
      return Json.object(response.body())
          .orElseThrow(() -> new IllegalStateException("no JSON object: " + response.body()));
    }

    public String text(String member) {
      return String.valueOf(json().get(member));
    }

    public @Nullable String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }

    public String traceId() {
      return Objects.requireNonNull(header("Parlour-Trace-Id"));
    }

    public int code() {
      return Integer.parseInt(text("code"));
    }
  }

  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

  private final Installation installation;
  private Browser browser;
  private @Nullable String origin = Installation.ORIGIN;
  private @Nullable String token;
  private @Nullable String conversation;
  private @Nullable GuestKey key;
  private Sid.Deployment deployment;

  Guest(Installation installation, Browser browser) {
    this.installation = installation;
    this.browser = browser;
    this.deployment = installation.deployment;
  }

  /** On a page that uses another deployment. */
  public Guest of(Sid.Deployment deployment) {
    this.deployment = deployment;
    return this;
  }

  public Sid.Deployment deployment() {
    return deployment;
  }

  public Guest from(@Nullable String origin) {
    this.origin = origin;
    return this;
  }

  /** The browser changes: an update, a journey. */
  public Guest becomes(Browser browser) {
    this.browser = browser;
    return this;
  }

  public String token() {
    return Objects.requireNonNull(token, "no chat was started");
  }

  /** Another browser that got hold of this one's token. */
  public Guest copiedTo(Browser other) {
    return new Guest(installation, other).of(deployment).from(origin).holding(token());
  }

  public Guest holding(String token) {
    this.token = token;
    return this;
  }

  /** From now on its browser signs its calls, by the server's clock. */
  public Guest withKey(GuestKey key) {
    this.key = key;
    return this;
  }

  public GuestKey key() {
    return Objects.requireNonNull(key, "this browser has no key");
  }

  /** Starts a chat and keeps its token; with a key, in a session that is bound to it. */
  public Guest starts() {
    begins();
    return this;
  }

  /** The same, and returns the answer. */
  public Reply begins() {
    Reply reply = init();
    if (reply.status() != 201) {
      throw new IllegalStateException("init: " + reply.response().body());
    }
    token = reply.text("token");
    conversation = reply.text("conversation_sid");
    if (key != null) {
      key.agree(reply.text("proof_key"), conversation);
    }
    return reply;
  }

  public String conversation() {
    return Objects.requireNonNull(conversation, "no chat was started");
  }

  public Reply init() {
    String proofKey = key == null ? "" : ",\"proofKey\":\"%s\"".formatted(key.publicKey());
    return send("POST", "/v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"Ada","preEngagementData":"{}"%s}\
        """.formatted(deployment.text(), proofKey), JSON);
  }

  /** Reloads, and keeps the new token where there is one. */
  public Reply reloads() {
    Reply reply = refreshes(token());
    if (reply.status() == 200) {
      token = reply.text("token");
    }
    return reply;
  }

  /** Reloads, and the answer is lost on the way. */
  public Reply losesTheAnswer() {
    return refreshes(token());
  }

  public Reply refreshes(String token) {
    return post("/v2/Webchat/Token/Refresh", """
        {"deploymentKey":"%s","token":"%s"}\
        """.formatted(deployment.text(), token));
  }

  /** The same call by the path, the form and the names of the web app that Parlour did not make. */
  public Reply refreshesAsTheWebApp() {
    return post(
        "/v2/Webchat/Tokens/Refresh",
        "DeploymentKey=%s&Token=%s".formatted(deployment.text(), token()),
        Map.of("Content-Type", "application/x-www-form-urlencoded"));
  }

  // ---- the conversation

  public Reply says(String body, String clientId) {
    return posts("/v2/Webchat/Messages", """
        {"body":"%s","client_id":"%s"}""".formatted(body, clientId));
  }

  /** With the token, as every call about the conversation. */
  public Reply posts(String path, String json) {
    Map<String, String> headers = new LinkedHashMap<>(bearer());
    headers.put("Content-Type", "application/json");
    return post(path, json, headers);
  }

  public Reply get(String path) {
    return send("GET", path, "", signed("GET", path, "", bearer()));
  }

  /** The headers of a call about the conversation, without the signature. */
  public Map<String, String> bearer() {
    return Map.of(
        "Authorization", "Bearer " + token(), "Webchat-Deployment-Key", deployment.text());
  }

  public GuestSocket opensSocket() {
    return GuestSocket.open(installation.edge(), browser, origin);
  }

  /** Opens a socket, and answers its challenge, if the browser has a key. */
  public GuestSocket entersSocket(long after) {
    GuestSocket socket = opensSocket();
    return socket.says(hello(after, key == null ? null : answer(socket)));
  }

  private String answer(GuestSocket socket) {
    return key().answer(socket.challenge(), token(), deployment.text());
  }

  /** The text that presents the newest token on an open socket. */
  public String presents(GuestSocket socket) {
    Map<String, Object> text = new LinkedHashMap<>();
    text.put("type", "token");
    text.put("token", token());
    if (key != null) {
      text.put("proof", answer(socket));
    }
    return new String(Json.write(text), StandardCharsets.UTF_8);
  }

  /** The first message of a socket, from a guest who knows everything up to a revision. */
  public String hello(long after) {
    return hello(after, null);
  }

  /** The same with a proof. */
  public String hello(long after, @Nullable String proof) {
    Map<String, Object> hello = new LinkedHashMap<>();
    hello.put("type", "hello");
    hello.put("deploymentKey", deployment.text());
    hello.put("token", token());
    Map<String, String> signals = new LinkedHashMap<>(browser.headers());
    signals.keySet().removeIf(name -> !name.startsWith("x-"));
    hello.put("signals", signals);
    hello.put("after", after);
    if (proof != null) {
      hello.put("proof", proof);
    }
    return new String(Json.write(hello), StandardCharsets.UTF_8);
  }

  public Reply post(String path, String json) {
    return post(path, json, JSON);
  }

  public Reply post(String path, String body, Map<String, String> more) {
    return send("POST", path, body, signed("POST", path, body, more));
  }

  /** Adds the signature, if the browser has a key. */
  private Map<String, String> signed(
      String method, String path, String body, Map<String, String> headers) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    if (key != null) {
      all.putAll(
          key.sign(GuestKey.Call.of(method, path, body, headers, installation.clock.instant())));
    }
    return all;
  }

  /** Sends a call with these headers and those of the browser, and adds no signature. */
  public Reply send(String method, String path, String body, Map<String, String> headers) {
    HttpRequest.Builder request = request(path, headers);
    if (method.equals("GET")) {
      request.GET(); // unlike method("GET", …), without a length, as browsers send it
    } else {
      request.method(method, HttpRequest.BodyPublishers.ofString(body));
    }
    HttpResponse<String> response = Http.send(request.build());
    return new Reply(response.statusCode(), response);
  }

  private HttpRequest.Builder request(String path, Map<String, String> more) {
    // Appended, because a proxy in front can have a path of its own.
    HttpRequest.Builder request = Http.request(URI.create(installation.edge() + path));
    Map<String, String> headers = new LinkedHashMap<>(browser.headers());
    headers.putAll(more);
    headers.forEach(request::setHeader);
    if (origin != null) {
      request.setHeader("Origin", origin);
    }
    return request;
  }
}
