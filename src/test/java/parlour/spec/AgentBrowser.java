package parlour.spec;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import parlour.spec.Guest.Reply;

/** An agent who is signed in to the inbox. */
final class AgentBrowser {
  private final Installation installation;
  private final String cookie;

  AgentBrowser(Installation installation) {
    this.installation = installation;
    Installation.NewAgent agent = installation.agent();
    HttpResponse<String> in = send(
        "/sign-in",
        "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), agent.password()),
        "none=0");
    String set = in.headers().firstValue("Set-Cookie").orElseThrow();
    cookie = set.substring(0, set.indexOf(';'));
  }

  /** A call about a conversation, such as {@code typing}. */
  Reply posts(String conversation, String what, String json) {
    HttpResponse<String> response =
        send("/conversations/" + conversation + "/" + what, json, cookie);
    if (response.statusCode() >= 400) {
      throw new IllegalStateException(what + ": " + response.body());
    }
    return new Reply(response.statusCode(), response);
  }

  Reply says(String conversation, String body, String clientId) {
    return posts(
        conversation,
        "messages",
        "{\"body\":\"%s\",\"client_id\":\"%s\"}".formatted(body, clientId));
  }

  private HttpResponse<String> send(String path, String json, String cookies) {
    return Http.send(Http.request(installation.edge().resolve("/inbox/api" + path))
        .header("Content-Type", "application/json")
        .header("Sec-Fetch-Site", "same-origin")
        .header("Cookie", cookies)
        .POST(HttpRequest.BodyPublishers.ofString(json))
        .build());
  }
}
