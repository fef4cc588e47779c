package parlour.http;

import java.util.Objects;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Which client address a call is counted for: the edge determines it and hands it on inside, so
 * that what a client holds is bounded where it is held.
 */
public final class ClientMark {
  /** Between our processes only: the edge drops what a browser sends under such a name. */
  public static final String HEADER = "Parlour-Client";

  private static final String ATTRIBUTE = ClientMark.class.getName();

  private ClientMark() {}

  public static void mark(Request request, String client) {
    request.setAttribute(ATTRIBUTE, client);
  }

  /** On the internal listener, after the secret was checked. */
  static void markAsTold(Request request) {
    @Nullable String client = request.getHeaders().get(HEADER);
    if (client != null) {
      mark(request, client);
    }
  }

  /** The client; empty where no browser or server of others is behind the call. */
  public static String of(Request request) {
    return Objects.requireNonNullElse((String) request.getAttribute(ATTRIBUTE), "");
  }
}
