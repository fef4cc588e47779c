package parlour.http.server;

import java.util.Objects;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * The client address that a call is counted for. The edge determines it and sends it to the other
 * processes, so that the process that holds memory for a client can bound it.
 */
public final class ClientMark {
  /** Sent only between our processes: the edge removes it from the request of a browser. */
  public static final String HEADER = "Parlour-Client";

  private static final String ATTRIBUTE = ClientMark.class.getName();

  private ClientMark() {}

  public static void mark(Request request, String client) {
    request.setAttribute(ATTRIBUTE, client);
  }

  /** Reads the mark on the internal listener, after the secret was checked. */
  static void markFromHeader(Request request) {
    @Nullable String client = request.getHeaders().get(HEADER);
    if (client != null) {
      mark(request, client);
    }
  }

  /** The client; empty if the call comes from one of our own processes. */
  public static String of(Request request) {
    return Objects.requireNonNullElse((String) request.getAttribute(ATTRIBUTE), "");
  }
}
