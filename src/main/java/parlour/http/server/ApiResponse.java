package parlour.http.server;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import parlour.Limits;
import parlour.http.Header;
import parlour.http.json.Json;

/**
 * An answer of a route, with Jetty hidden. It must not be cached unless a header allows it, because
 * answers contain tokens.
 *
 * @param code the code of an error, which its body has, too
 */
public record ApiResponse(int status, byte[] body, List<Header> headers, OptionalInt code) {
  private static final Header JSON = new Header("Content-Type", "application/json");

  /** Encoded once, because each answer has it. */
  private static final HttpField NO_STORE =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "no-store");

  public ApiResponse {
    headers = List.copyOf(headers);
  }

  public ApiResponse(int status, byte[] body, List<Header> headers) {
    this(status, body, headers, OptionalInt.empty());
  }

  public static ApiResponse json(int status, Object body) {
    return ofJson(status, Json.write(body));
  }

  /** An answer whose JSON was written before. */
  public static ApiResponse ofJson(int status, byte[] body) {
    return new ApiResponse(status, body, List.of(JSON));
  }

  public static ApiResponse text(int status, String text) {
    Header plain = new Header("Content-Type", "text/plain;charset=utf-8");
    return new ApiResponse(status, text.getBytes(StandardCharsets.UTF_8), List.of(plain));
  }

  public static ApiResponse empty(int status) {
    return new ApiResponse(status, new byte[0], List.of());
  }

  /** An error with this code. */
  public static ApiResponse error(int status, int code, Object body) {
    return new ApiResponse(status, Json.write(body), List.of(JSON), OptionalInt.of(code));
  }

  public ApiResponse with(String name, String value) {
    return with(List.of(new Header(name, value)));
  }

  ApiResponse with(List<Header> more) {
    if (more.isEmpty()) {
      return this;
    }
    var all = new ArrayList<>(headers);
    all.addAll(more);
    return new ApiResponse(status, body, all, code);
  }

  /**
   * Sends this answer. Its headers replace equal ones that an outer handler has set.
   *
   * <p>First it reads the rest of the request, within bounds: to close a connection with unread
   * bytes would reset it, and the caller might not receive the answer.
   */
  public void send(Response response, Callback callback) {
    new Rest(response.getRequest(), whole -> write(response, whole, callback)).discard();
  }

  private void write(Response response, boolean wholeRequest, Callback callback) {
    code.ifPresent(known -> response.getRequest().setAttribute(ErrorResponses.CODE, known));
    response.setStatus(status);
    var fields = response.getHeaders();
    fields.put(NO_STORE);
    if (!wholeRequest) {
      fields.put(HttpHeader.CONNECTION, "close");
    }
    for (Header header : headers) {
      fields.remove(header.name());
    }
    for (Header header : headers) {
      fields.add(header.name(), header.value());
    }
    if (status != 204 && status != 304) {
      fields.put(HttpHeader.CONTENT_LENGTH, body.length);
    }
    Outflow.write(response, body, callback);
  }

  /** Reads and discards the rest of a request's body, within the limits. */
  private static final class Rest {
    private final Request request;
    private final Consumer<Boolean> then;
    private final AtomicBoolean ended = new AtomicBoolean();
    private int discarded;
    private boolean waiting;

    /**
     * @param then is called once, with whether the whole body was read
     */
    Rest(Request request, Consumer<Boolean> then) {
      this.request = request;
      this.then = then;
    }

    void discard() {
      while (!ended.get() && discarded <= Limits.DISCARDED_BYTES) {
        Content.Chunk chunk = request.read();
        if (chunk == null) {
          await();
          return;
        }
        if (Content.Chunk.isFailure(chunk)) {
          break;
        }
        discarded += chunk.remaining();
        chunk.release();
        if (chunk.isLast()) {
          end(true);
        }
      }
      end(false);
    }

    private void await() {
      if (!waiting) {
        waiting = true;
        long millis = Limits.DISCARD_TIMEOUT.toMillis();
        request
            .getComponents()
            .getScheduler()
            .schedule(() -> end(false), millis, TimeUnit.MILLISECONDS);
      }
      request.demand(this::discard);
    }

    private void end(boolean whole) {
      if (ended.compareAndSet(false, true)) {
        then.accept(whole);
      }
    }
  }
}
