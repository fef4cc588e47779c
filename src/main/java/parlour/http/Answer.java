package parlour.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import parlour.Limits;

/**
 * What an endpoint says. Nothing of it may be cached unless a header says so: answers have tokens.
 */
public record Answer(int status, byte[] body, List<Header> headers) {
  private static final Header JSON = new Header("Content-Type", "application/json");

  public Answer {
    headers = List.copyOf(headers);
  }

  public static Answer json(int status, Object body) {
    return new Answer(status, Json.write(body), List.of(JSON));
  }

  public static Answer text(int status, String text) {
    Header plain = new Header("Content-Type", "text/plain;charset=utf-8");
    return new Answer(status, text.getBytes(StandardCharsets.UTF_8), List.of(plain));
  }

  public static Answer empty(int status) {
    return new Answer(status, new byte[0], List.of());
  }

  public Answer with(String name, String value) {
    var more = new ArrayList<>(headers);
    more.add(new Header(name, value));
    return new Answer(status, body, more);
  }

  /** Sends this answer, over headers that a handler further out has already set. */
  public void send(Response response, Callback done) {
    Callback callback;
    response.setStatus(status);
    var fields = response.getHeaders();
    fields.put(HttpHeader.CACHE_CONTROL, "no-store");
    Request request = response.getRequest();
    if (request.consumeAvailable()) {
      callback = done;
    } else {
      // The connection ends with a body that nobody reads: a caller who used it again would fail.
      fields.put(HttpHeader.CONNECTION, "close");
      long end = System.nanoTime() + Limits.BODY_DEADLINE.toNanos();
      callback = Callback.from(() -> linger(request, 0, end, done), done::failed);
    }
    headers.stream().map(Header::name).forEach(fields::remove);
    headers.forEach(header -> fields.add(header.name(), header.value()));
    if (status != 204 && status != 304) {
      fields.put(HttpHeader.CONTENT_LENGTH, body.length);
    }
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  /**
   * Reads what the caller still sends, within bounds, before the connection is closed: to close it
   * with bytes unread would reset it, and the caller might never see the answer.
   */
  private static void linger(Request request, int read, long end, Callback done) {
    int total = read;
    while (total <= Limits.LINGER_BYTES && System.nanoTime() - end < 0) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        int soFar = total;
        request.demand(() -> linger(request, soFar, end, done));
        return;
      }
      total += chunk.remaining();
      chunk.release();
      if (chunk.isLast() || Content.Chunk.isFailure(chunk)) {
        break;
      }
    }
    done.succeeded();
  }
}
