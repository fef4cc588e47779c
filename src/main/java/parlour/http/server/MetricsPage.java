package parlour.http.server;

import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import parlour.http.Header;
import parlour.metrics.Metrics;

/**
 * Answers {@code GET /metrics} of the internal listener in the text format of Prometheus, without a
 * secret: the answer has none, and a monitor must not hold the secret that opens everything else.
 */
public final class MetricsPage extends Handler.Wrapper {
  private static final String PATH = "/metrics";

  private final Metrics metrics;

  public MetricsPage(Metrics metrics, Handler handler) {
    super(handler);
    this.metrics = metrics;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!PATH.equals(Request.getPathInContext(request)) || !request.getMethod().equals("GET")) {
      return super.handle(request, response, callback);
    }
    new ApiResponse(200, metrics.text(), List.of(new Header("Content-Type", metrics.contentType())))
        .send(response, callback);
    return true;
  }
}
