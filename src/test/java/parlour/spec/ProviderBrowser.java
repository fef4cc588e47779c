package parlour.spec;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.config.Setting;
import parlour.oidc.FakeProvider;
import parlour.spec.Guest.Reply;

/** A browser at the inbox whose agent signs in at an identity provider; it keeps cookies. */
public final class ProviderBrowser {
  private final Installation installation;
  private final @Nullable FakeProvider provider;
  private String cookies = "none=0";

  ProviderBrowser(Installation installation, FakeProvider provider) {
    this.installation = installation;
    this.provider = provider;
  }

  /** A browser whose person signs in at a provider that is not ours. */
  ProviderBrowser(Installation installation) {
    this.installation = installation;
    this.provider = null;
  }

  /** The settings of an installation whose agents can sign in at this provider. */
  public static Map<Setting, String> settings(FakeProvider provider) {
    return Map.of(
        Setting.PUBLIC_URL,
        "https://chat.example.com",
        Setting.OIDC_ISSUER,
        provider.issuer(),
        Setting.OIDC_CLIENT_ID,
        FakeProvider.CLIENT,
        Setting.OIDC_CLIENT_SECRET,
        FakeProvider.SECRET,
        Setting.OIDC_NAME,
        "Team",
        Setting.OIDC_ROLES,
        "leads=admin, /chat/team = agent, audit=auditor");
  }

  /** The cookies, as the browser sends them. */
  String cookies() {
    return cookies;
  }

  /** Sends these cookies from now on, as a copy of the browser would. */
  void sends(String copied) {
    cookies = copied;
  }

  Reply posts(String path, String json) {
    HttpResponse<String> response = Http.send(request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(json))
        .build());
    response.headers().allValues("Set-Cookie").forEach(this::keep);
    return new Reply(response.statusCode(), response);
  }

  Reply gets(String path) {
    HttpResponse<String> response = Http.send(request(path).GET().build());
    return new Reply(response.statusCode(), response);
  }

  private HttpRequest.Builder request(String path) {
    return Http.request(installation.edge().resolve("/inbox/api" + path))
        .header("Sec-Fetch-Site", "same-origin")
        .header("Cookie", cookies);
  }

  private void keep(String header) {
    String pair = header.substring(0, header.indexOf(';'));
    String name = pair.substring(0, pair.indexOf('=') + 1);
    cookies = Stream.concat(Stream.of(cookies.split("; ")), Stream.of(pair))
        .filter(one -> one.equals(pair) ? !pair.equals(name) : !one.startsWith(name))
        .collect(Collectors.joining("; "));
  }

  /** The page sends the agent to the provider, where the person signs in. */
  FakeProvider.Return visits(FakeProvider.Human person) {
    return Objects.requireNonNull(provider)
        .signIn(URI.create(posts("/oidc/begin", "{}").text("url")), person);
  }

  Reply returns(FakeProvider.Return with) {
    return posts(
        "/oidc/finish", "{\"code\":\"%s\",\"state\":\"%s\"}".formatted(with.code(), with.state()));
  }

  Reply signsIn(FakeProvider.Human person) {
    return returns(visits(person));
  }
}
