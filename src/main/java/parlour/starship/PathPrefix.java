package parlour.starship;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;

/**
 * The prefix that the unmodified client puts before every path if its site gives it the name of
 * another host as its region: {@code chat.example.com/webchat} becomes {@code
 * https://flex-api.chat.example.com/webchat.twilio.com/v2/…}.
 */
final class PathPrefix {
  private static final String DOMAIN = ".twilio.com";

  private static final Pattern PREFIXED =
      Pattern.compile("/[A-Za-z0-9._~-]{0,63}" + Pattern.quote(DOMAIN) + "(/.*)?");

  /** All paths of that client. So a path cannot climb above its prefix, in any spelling. */
  private static final Pattern PLAIN = Pattern.compile("(/[A-Za-z0-9_-]+)+");

  private PathPrefix() {}

  /** Whether a request's path begins with a segment that is such a prefix. */
  static boolean isOn(Request request) {
    return isOn(path(request));
  }

  /** Nearly no path contains the domain, and searching for it is faster than matching the pattern. */
  private static boolean isOn(String path) {
    return path.contains(DOMAIN) && PREFIXED.matcher(path).matches();
  }

  private static String path(Request request) {
    return Objects.requireNonNullElse(request.getHttpURI().getPath(), "");
  }

  /**
   * Takes the prefix off, for everything that reads the path afterwards, also a proof: a browser
   * signs the path without it. Returns a request without the prefix as it is; empty if no path of
   * the client follows the prefix.
   */
  static Optional<Request> takenOff(Request request) {
    String path = path(request);
    if (!isOn(path)) {
      return Optional.of(request);
    }
    int end = path.indexOf('/', 1);
    String rest = end < 0 ? "" : path.substring(end);
    if (!PLAIN.matcher(rest).matches()) {
      return Optional.empty();
    }
    HttpURI uri = request.getHttpURI();
    String query = uri.getQuery();
    return Optional.of(Request.serveAs(
        request, HttpURI.build(uri).pathQuery(query == null ? rest : rest + "?" + query)));
  }
}
