package parlour.http;

import io.avaje.jsonb.Json;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * {@code GET /health/live}: the process runs. {@code GET /health/ready}: it should get calls; 503
 * where it should not. Says nothing that a stranger could use.
 */
public final class Health extends Handler.Wrapper {
  private final Supplier<Optional<String>> notReady;

  // Anyone may ask, as often as they like: one of them looks, the others are told what was seen.
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile @Nullable Seen seen;

  /**
   * @param notReady why not, in a few words; empty when ready
   */
  public Health(Supplier<Optional<String>> notReady, Handler handler) {
    super(handler);
    this.notReady = notReady;
  }

  @Json
  record Status(String status) {}

  private record Seen(Optional<String> reason, long nanoTime) {}

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    // CONNECT and OPTIONS * have no path.
    String path = Objects.requireNonNullElse(Request.getPathInContext(request), "");
    switch (path.toLowerCase(Locale.ROOT)) {
      case "/health/live" -> Answer.json(200, new Status("live")).send(response, callback);
      case "/health/ready" -> {
        Optional<String> reason = lately();
        Answer.json(reason.isEmpty() ? 200 : 503, new Status(reason.orElse("ready")))
            .send(response, callback);
      }
      default -> {
        return super.handle(request, response, callback);
      }
    }
    return true;
  }

  private Optional<String> lately() {
    Seen last = seen;
    if (last != null && System.nanoTime() - last.nanoTime() < Limits.READINESS_AGE.toNanos()) {
      return last.reason();
    }
    if (!looking.compareAndSet(false, true)) {
      return last == null ? Optional.of("starting") : last.reason();
    }
    try {
      Optional<String> reason = notReady.get();
      seen = new Seen(reason, System.nanoTime());
      return reason;
    } finally {
      looking.set(false);
    }
  }
}
