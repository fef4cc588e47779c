package parlour.inbox;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Limits;
import parlour.accounts.Origin;
import parlour.http.server.ApiRequest;
import parlour.oidc.Attempt;

/**
 * The cookies that identify agents' browsers (RFC 6265bis).
 *
 * <p>Over https the name begins with {@code __Host-}: no other host of the domain, and no page
 * without TLS, can set such a cookie. If the address has a port, the name has it, too, because a
 * browser sends a cookie to every port of a host: two installations on one host stay separate.
 */
final class AgentCookies {
  private static final String HOST_ONLY = "__Host-";
  private static final String PLAIN_PATH = "/inbox/api";

  /** The secret of a browser that is signed in. */
  private static final Kind AGENT = new Kind("parlour_agent", 32);

  /** The secret of an attempt to sign in at the identity provider. */
  static final Kind ATTEMPT = new Kind("parlour_sign_in", Attempt.COOKIE_DIGITS);

  private final Optional<Origin> publicOrigin;
  private final Kind kind;

  AgentCookies(Optional<Origin> publicOrigin) {
    this(publicOrigin, AGENT);
  }

  AgentCookies(Optional<Origin> publicOrigin, Kind kind) {
    this.publicOrigin = publicOrigin;
    this.kind = kind;
  }

  /**
   * A kind of cookie.
   *
   * @param inHeader finds it among the others
   */
  record Kind(String name, Pattern inHeader) {
    private Kind(String name, int digits) {
      this(
          name,
          Pattern.compile("(?:^|;\\s*)((" + HOST_ONLY + ")?" + name + "(?:_\\d{1,5})?)=([0-9a-f]{"
              + digits + "})(?=;|$)"));
    }
  }

  /**
   * A secret that a browser sent.
   *
   * @param secure whether only a page with TLS of this very host can have set it
   */
  record ReceivedCookie(String secret, boolean secure) {}

  /**
   * The secrets that a browser sent, each once: those under this address's own name, or else those
   * from another port. If a browser sends a secure one, all others are ignored.
   */
  List<ReceivedCookie> received(ApiRequest request) {
    String header = request.header("Cookie");
    Set<ReceivedCookie> own = new LinkedHashSet<>();
    Set<ReceivedCookie> others = new LinkedHashSet<>();
    Matcher found = kind.inHeader().matcher(header == null ? "" : header);
    while (found.find()) {
      ReceivedCookie one = new ReceivedCookie(found.group(3), found.group(2) != null);
      boolean isOwn = found.group(1).equals(name(request, one.secure()));
      Set<ReceivedCookie> alike = isOwn ? own : others;
      if (alike.size() < Limits.AGENT_COOKIES) { // each set apart: others cannot displace our own
        alike.add(one);
      }
    }
    List<ReceivedCookie> shown = new ArrayList<>(own.isEmpty() ? others : own);
    if (isHttps(request) || shown.stream().anyMatch(ReceivedCookie::secure)) {
      shown.removeIf(one -> !one.secure());
    }
    return List.copyOf(shown);
  }

  /** The header that sets a browser's secret, or with an empty one removes it. */
  String header(ApiRequest request, boolean secure, String secret, long seconds) {
    return "%s=%s; Path=%s; Max-Age=%d; HttpOnly; SameSite=Strict%s"
        .formatted(
            name(request, secure),
            secret,
            secure ? "/" : PLAIN_PATH, // __Host- requires "/"
            seconds,
            secure ? "; Secure" : "");
  }

  /** Whether it is certain that the browser uses https for this address. */
  boolean isHttps(ApiRequest request) {
    return request.isEncrypted() || publicOrigin.filter(Origin::isHttps).isPresent();
  }

  private String name(ApiRequest request, boolean secure) {
    String port = publicOrigin
        .or(() -> Origin.ofHost(secure, request.header("Host")))
        .filter(origin -> !origin.isDefaultPort())
        .map(origin -> "_" + origin.port())
        .orElse("");
    return (secure ? HOST_ONLY : "") + kind.name() + port;
  }
}
