package parlour.http.server;

import java.util.Objects;
import java.util.Optional;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import parlour.http.InternalProtocol;

/**
 * Answers {@code GET /health/live}, by 200 while the process runs, and {@code GET /health/ready},
 * by 200 if it should get calls and by 503 if not. A {@code warning} is for the operator, and does
 * not stop calls. The answer contains nothing that an attacker could use.
 */
public final class Health extends Handler.Wrapper {
  private static final String LIVE_PATH = "/health/live";

  private final Readiness readiness;

  public Health(Readiness readiness, Handler handler) {
    super(handler);
    this.readiness = readiness;
  }

  /** Whether this handler answers a path. */
  public static boolean isAt(String path) {
    return LIVE_PATH.equalsIgnoreCase(path) || InternalProtocol.READY_PATH.equalsIgnoreCase(path);
  }

  record Status(String status) {}

  record Warned(String status, String warning) {}

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    // CONNECT and OPTIONS * have no path.
    String path = Objects.requireNonNullElse(Request.getPathInContext(request), "");
    if (!isAt(path)) {
      return super.handle(request, response, callback);
    }
    if (LIVE_PATH.equalsIgnoreCase(path)) {
      ApiResponse.json(200, new Status("live")).send(response, callback);
    } else {
      Optional<String> reason = readiness.reason();
      String status = reason.orElse("ready");
      Object body = readiness
          .warning()
          .<Object>map(warning -> new Warned(status, warning))
          .orElseGet(() -> new Status(status));
      ApiResponse.json(reason.isEmpty() ? 200 : 503, body).send(response, callback);
    }
    return true;
  }
}
