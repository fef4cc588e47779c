package parlour.http.server;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Whether the browser's own connection is encrypted. The public listener knows it from its own
 * connection or from a trusted proxy, and the edge passes it on to the other processes. Encryption
 * between our processes does not count.
 */
public final class BrowserTls {
  public static final String HEADER = HttpHeader.X_FORWARDED_PROTO.asString();

  private static final String ATTRIBUTE = BrowserTls.class.getName();

  private BrowserTls() {}

  /** Reads the last value, which is that of the nearest proxy. */
  static boolean isReportedBy(Proxies proxies, Request request) {
    String said = request.getHeaders().getLast(HttpHeader.X_FORWARDED_PROTO);
    return said != null
        && proxies.contains(Request.getRemoteAddr(request))
        && said.substring(said.lastIndexOf(',') + 1).strip().equalsIgnoreCase("https");
  }

  static void mark(Request request) {
    request.setAttribute(ATTRIBUTE, true);
  }

  public static boolean isMarked(Request request) {
    return request.getAttribute(ATTRIBUTE) != null;
  }
}
