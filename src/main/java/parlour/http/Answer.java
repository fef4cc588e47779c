package parlour.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

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
  public void send(Response response, Callback callback) {
    response.setStatus(status);
    var fields = response.getHeaders();
    fields.put(HttpHeader.CACHE_CONTROL, "no-store");
    if (!response.getRequest().consumeAvailable()) {
      // The connection ends with a body that nobody reads: a caller who used it again would fail.
      fields.put(HttpHeader.CONNECTION, "close");
    }
    headers.stream().map(Header::name).forEach(fields::remove);
    headers.forEach(header -> fields.add(header.name(), header.value()));
    if (status != 204 && status != 304) {
      fields.put(HttpHeader.CONTENT_LENGTH, body.length);
    }
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
