package parlour.spec;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import parlour.spec.Guest.Reply;

/** An agent who is signed in to the inbox. */
public final class AgentBrowser {
  private final Installation installation;
  private final Installation.NewAgent agent;
  private final String cookie;

  public AgentBrowser(Installation installation) {
    this(installation, installation.agent());
  }

  AgentBrowser(Installation installation, Installation.NewAgent agent) {
    this.installation = installation;
    this.agent = agent;
    HttpResponse<String> in = send(
        "/sign-in",
        "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), agent.password()),
        "none=0");
    String set = in.headers().firstValue("Set-Cookie").orElseThrow();
    cookie = set.substring(0, set.indexOf(';'));
  }

  /** A call about a conversation, such as {@code typing}. */
  public Reply posts(String conversation, String what, String json) {
    HttpResponse<String> response =
        send("/conversations/" + conversation + "/" + what, json, cookie);
    if (response.statusCode() >= 400) {
      throw new IllegalStateException(what + ": " + response.body());
    }
    return new Reply(response.statusCode(), response);
  }

  /** A read about a conversation, such as {@code changes?after=0}. */
  Reply gets(String conversation, String what) {
    HttpResponse<String> response =
        Http.send(request("/conversations/" + conversation + "/" + what).build());
    return new Reply(response.statusCode(), response);
  }

  /** A call that is about no conversation; the answer can be a refusal. */
  public Reply posts(String path, String json) {
    HttpResponse<String> response = send(path, json, cookie);
    return new Reply(response.statusCode(), response);
  }

  /** A call that a page of another site sends with this browser's cookie. */
  Reply postsFromAnotherSite(String path) {
    HttpResponse<String> response =
        Http.send(Http.request(installation.edge().resolve("/inbox/api" + path))
            .header("Sec-Fetch-Site", "cross-site")
            .header("Cookie", cookie)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build());
    return new Reply(response.statusCode(), response);
  }

  /** A read that is about no conversation; the answer can be a refusal. */
  Reply gets(String path) {
    HttpResponse<String> response = Http.send(request(path).build());
    return new Reply(response.statusCode(), response);
  }

  /** Opens the stream of the inbox. */
  GuestSocket opensStream() {
    return GuestSocket.open(
        installation.edge(),
        "/inbox/api/stream",
        Map.of("Cookie", cookie, "Sec-Fetch-Site", "same-origin"),
        Installation.origin(installation));
  }

  public Reply says(String conversation, String body, String clientId) {
    return posts(
        conversation,
        "messages",
        "{\"body\":\"%s\",\"client_id\":\"%s\"}".formatted(body, clientId));
  }

  /** The newest messages of a conversation. */
  Reply reads(String conversation) {
    HttpResponse<String> response =
        Http.send(request("/conversations/" + conversation + "/messages").GET().build());
    return new Reply(response.statusCode(), response);
  }

  public String name() {
    return agent.name();
  }

  /** The name that guests see. */
  public String displayName() {
    return agent.displayName();
  }

  String identity() {
    return agent.identity().text();
  }

  /** The cookie, as the browser sends it. */
  String cookie() {
    return cookie;
  }

  /** Uploads a file for a conversation; the answer can be a refusal. */
  Reply uploads(String conversation, String name, String clientId, String text) {
    HttpResponse<String> response =
        Http.send(request("/conversations/%s/media?Filename=%s&ClientId=%s"
                .formatted(conversation, name, clientId))
            .header("Content-Type", "application/octet-stream")
            .POST(HttpRequest.BodyPublishers.ofString(text))
            .build());
    return new Reply(response.statusCode(), response);
  }

  /** Sends a reply with files; the answer can be a refusal. */
  Reply sends(String conversation, String body, String clientId, String... files) {
    HttpResponse<String> response = send(
        "/conversations/" + conversation + "/messages",
        "{\"body\":\"%s\",\"client_id\":\"%s\",\"media_sids\":[\"%s\"]}"
            .formatted(body, clientId, String.join("\",\"", files)),
        cookie);
    return new Reply(response.statusCode(), response);
  }

  /** Reads the record of a file, with its links; the answer can be a refusal. */
  Reply file(String conversation, String media) {
    HttpResponse<String> response = Http.send(
        request("/conversations/" + conversation + "/media/" + media).GET().build());
    return new Reply(response.statusCode(), response);
  }

  private HttpRequest.Builder request(String path) {
    return request(path, cookie);
  }

  private HttpResponse<String> send(String path, String json, String cookies) {
    return Http.send(request(path, cookies)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(json))
        .build());
  }

  private HttpRequest.Builder request(String path, String cookies) {
    return Http.request(installation.edge().resolve("/inbox/api" + path))
        .header("Sec-Fetch-Site", "same-origin")
        .header("Cookie", cookies);
  }
}
