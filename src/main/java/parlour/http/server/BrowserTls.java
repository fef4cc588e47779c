package parlour.http.server;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Whether the browser's own connection is encrypted: seen by the listener that it talks to, or
 * said by a proxy of ours in front, and handed on inside. It has nothing to do with how our
 * processes talk to each other.
 */
public final class BrowserTls {
  public static final String HEADER = HttpHeader.X_FORWARDED_PROTO.asString();

  private static final String ATTRIBUTE = BrowserTls.class.getName();

  private BrowserTls() {}

  /** The proxy next to us decides: what came to it stands before what it adds, if it adds. */
  static boolean isSaidBy(Proxies proxies, Request request) {
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
