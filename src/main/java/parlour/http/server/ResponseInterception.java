package parlour.http.server;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets an interceptor change the headers of every response, also of those that Jetty makes for a
 * handler that failed or did not answer.
 */
public final class ResponseInterception extends Handler.Wrapper {
  private final ResponseInterceptor interceptor;

  /** Changes headers just before they are sent, once, on whichever thread sends them. */
  @FunctionalInterface
  public interface ResponseInterceptor {
    void on(int status, HttpFields.Mutable headers);
  }

  private ResponseInterception(Handler handler, ResponseInterceptor interceptor) {
    super(handler);
    this.interceptor = interceptor;
  }

  public static Handler beforeCommit(Handler handler, ResponseInterceptor interceptor) {
    return new ResponseInterception(handler, interceptor);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    return handle(getHandler(), request, response, callback, interceptor);
  }

  /** Does the same for one request, with an interceptor that depends on it. */
  public static boolean handle(
      Request.Handler handler,
      Request request,
      Response response,
      Callback callback,
      ResponseInterceptor interceptor) {
    var intercepted = new Intercepted(request, response, interceptor);
    var ending = new Callback() {
      @Override
      public void succeeded() {
        intercepted.intercept(); // if nothing was written, Jetty sends only the headers now
        callback.succeeded();
      }

      @Override
      public void failed(Throwable failure) {
        if (intercepted.isCommitted()) {
          callback.failed(failure);
        } else {
          Response.writeError(request, intercepted, callback, failure);
        }
      }
    };
    try {
      if (!handler.handle(request, intercepted, ending)) {
        Response.writeError(request, intercepted, ending, 404);
      }
    } catch (Throwable failure) {
      Response.writeError(request, intercepted, ending, failure);
    }
    return true;
  }

  private static final class Intercepted extends Response.Wrapper {
    private final ResponseInterceptor interceptor;
    private final AtomicBoolean intercepted = new AtomicBoolean();

    Intercepted(Request request, Response response, ResponseInterceptor interceptor) {
      super(request, response);
      this.interceptor = interceptor;
    }

    void intercept() {
      if (!isCommitted() && intercepted.compareAndSet(false, true)) {
        interceptor.on(getStatus() == 0 ? 200 : getStatus(), getHeaders());
      }
    }

    @Override
    public void write(boolean last, ByteBuffer content, Callback callback) {
      intercept();
      super.write(last, content, callback);
    }
  }
}
