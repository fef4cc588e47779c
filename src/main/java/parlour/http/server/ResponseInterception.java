package parlour.http.server;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The last word on a response's headers, whoever made it: a route, a forwarded service, or Jetty
 * for a handler that failed or did not answer.
 */
public final class ResponseInterception extends Handler.Wrapper {
  private final ResponseInterceptor lastWord;

  /** Changes headers just before they are sent, once, on whichever thread sends them. */
  @FunctionalInterface
  public interface ResponseInterceptor {
    void on(int status, HttpFields.Mutable headers);
  }

  private ResponseInterception(Handler handler, ResponseInterceptor lastWord) {
    super(handler);
    this.lastWord = lastWord;
  }

  public static Handler beforeCommit(Handler handler, ResponseInterceptor lastWord) {
    return new ResponseInterception(handler, lastWord);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    return handle(getHandler(), request, response, callback, lastWord);
  }

  /** As the handler does it, for a last word that depends on the call. */
  public static boolean handle(
      Request.Handler handler,
      Request request,
      Response response,
      Callback callback,
      ResponseInterceptor lastWord) {
    var watched = new Watched(request, response, lastWord);
    var ending = new Callback() {
      @Override
      public void succeeded() {
        watched.intercept(); // nothing was written: Jetty is about to send the headers alone
        callback.succeeded();
      }

      @Override
      public void failed(Throwable failure) {
        if (watched.isCommitted()) {
          callback.failed(failure);
        } else {
          Response.writeError(request, watched, callback, failure);
        }
      }
    };
    try {
      if (!handler.handle(request, watched, ending)) {
        Response.writeError(request, watched, ending, 404);
      }
    } catch (Throwable failure) {
      Response.writeError(request, watched, ending, failure);
    }
    return true;
  }

  private static final class Watched extends Response.Wrapper {
    private final ResponseInterceptor lastWord;
    private final AtomicBoolean spoken = new AtomicBoolean();

    Watched(Request request, Response response, ResponseInterceptor lastWord) {
      super(request, response);
      this.lastWord = lastWord;
    }

    void intercept() {
      if (!isCommitted() && spoken.compareAndSet(false, true)) {
        lastWord.on(getStatus() == 0 ? 200 : getStatus(), getHeaders());
      }
    }

    @Override
    public void write(boolean last, ByteBuffer content, Callback callback) {
      intercept();
      super.write(last, content, callback);
    }
  }
}
