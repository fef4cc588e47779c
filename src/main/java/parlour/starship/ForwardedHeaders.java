package parlour.starship;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import parlour.http.websocket.Sockets;

/** Decides which headers the edge forwards unchanged, and which it removes. */
final class ForwardedHeaders {
  /** Headers that concern one connection only (RFC 9110 §7.6.1). */
  private static final Set<HttpHeader> OF_ONE_CONNECTION = EnumSet.of(
      HttpHeader.CONNECTION,
      HttpHeader.KEEP_ALIVE,
      HttpHeader.PROXY_AUTHORIZATION,
      HttpHeader.PROXY_AUTHENTICATE,
      HttpHeader.PROXY_CONNECTION,
      HttpHeader.TRANSFER_ENCODING,
      HttpHeader.TE,
      HttpHeader.TRAILER,
      HttpHeader.UPGRADE);

  /** Headers that services believe, and that the edge sets itself; besides those with a prefix. */
  private static final Set<String> BELIEVED_INSIDE =
      Set.of("forwarded", "x-real-ip", "traceparent", "tracestate", "baggage");

  private ForwardedHeaders() {}

  /** Copies the headers of a browser's request; those of a handshake without its extensions. */
  static void copy(Request request, org.eclipse.jetty.client.Request forwarded) {
    Set<String> named = namedByConnection(request);
    forwarded.headers(headers -> {
      for (HttpField field : request.getHeaders()) {
        if (!OF_ONE_CONNECTION.contains(field.getHeader())
            && !named.contains(field.getLowerCaseName())
            && !isBelievedInside(field.getLowerCaseName())) {
          headers.add(field);
        }
      }
    });
    if (Sockets.isHandshake(request)) {
      forwarded.headers(headers -> headers
          .remove(HttpHeader.SEC_WEBSOCKET_EXTENSIONS)
          .put(HttpHeader.UPGRADE, "websocket")
          .put(HttpHeader.CONNECTION, "Upgrade"));
    }
  }

  /** Copies the headers with which a service accepted a handshake; Jetty sets the rest. */
  static void copyHandshake(HttpFields accepted, HttpFields.Mutable answer) {
    for (HttpField field : accepted) {
      if (!OF_ONE_CONNECTION.contains(field.getHeader())
          && field.getHeader() != HttpHeader.SEC_WEBSOCKET_ACCEPT
          && field.getHeader() != HttpHeader.DATE
          && !isInternal(field.getLowerCaseName())) {
        answer.add(field);
      }
    }
  }

  /** Whether a header is only for processes of one installation, in lower case. */
  static boolean isInternal(String name) {
    return name.startsWith("parlour-");
  }

  private static Set<String> namedByConnection(Request request) {
    var named = new HashSet<String>();
    for (String names : request.getHeaders().getValuesList(HttpHeader.CONNECTION)) {
      for (String name : names.split(",", -1)) { // names are tokens: quotes have no meaning
        named.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    return named;
  }

  private static boolean isBelievedInside(String name) {
    return isInternal(name) || name.startsWith("x-forwarded-") || BELIEVED_INSIDE.contains(name);
  }
}
