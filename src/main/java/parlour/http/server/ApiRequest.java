package parlour.http.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sha256;
import parlour.http.Header;
import parlour.http.json.Json;
import parlour.http.websocket.MessageMemory;

/** A request of a route, with Jetty hidden. */
public final class ApiRequest {
  private static final String JSON = "application/json";

  /** Memory for the bodies and long messages that are arriving, of all clients of this process. */
  private static final BytePool ARRIVING =
      new BytePool(Limits.BODY_MEMORY, Limits.BODY_MEMORY / Limits.BODY_MEMORY_SHARE);

  private final Request request;
  private final Map<String, String> parameters;
  private final BodyDeadline deadline;
  private final List<Header> answerHeaders = new ArrayList<>();
  private Optional<BytePool.Held> answerRoom = Optional.empty();
  private Optional<byte[]> expectedDigest = Optional.empty();
  private int bodyBytes;

  ApiRequest(Request request, Map<String, String> parameters, BodyDeadline deadline) {
    this.request = request;
    this.parameters = parameters;
    this.deadline = deadline;
  }

  /** The memory for long bodies and messages. */
  static BytePool arriving() {
    return ARRIVING;
  }

  public String method() {
    return request.getMethod();
  }

  public String path() {
    return Request.getPathInContext(request);
  }

  /** Whether the browser's own connection is encrypted. */
  public boolean isEncrypted() {
    return BrowserTls.isMarked(request);
  }

  /** The client that this call is counted for; see {@link ClientMark#of}. */
  public String client() {
    return ClientMark.of(request);
  }

  /** Whether the body is long, or its length is unknown. */
  public boolean hasLongBody() {
    long length = request.getLength();
    return length < 0 || length > Limits.BODY_UNRESERVED_BYTES;
  }

  /** The segment of the path that matches {@code {name}} in the route. */
  public String parameter(String name) {
    return Objects.requireNonNull(parameters.get(name), () -> "the route has no {" + name + "}");
  }

  /** The first value of a header, whatever its case. */
  public @Nullable String header(String name) {
    return request.getHeaders().get(name);
  }

  /** All values of a header, whatever its case: one for each of its lines. */
  public List<String> headerLines(String name) {
    List<String> lines =
        new ArrayList<>(1); // no stream, because each call looks for several headers
    for (HttpField field : request.getHeaders()) {
      if (field.is(name)) {
        lines.add(field.getValue());
      }
    }
    return lines;
  }

  /** The query as it was sent, without the question mark; empty if there is none. */
  public String rawQuery() {
    return Objects.requireNonNullElse(request.getHttpURI().getQuery(), "");
  }

  /** The announced length of the body; -1 if it was not announced. */
  public long contentLength() {
    return request.getLength();
  }

  /** Whether there is a body, or may be one because its length is unknown (RFC 9112 §6). */
  public boolean hasBody() {
    return request.getLength() > 0
        || (request.getLength() < 0 && request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING));
  }

  /** Sets a header of the answer, also if the answer is an error. */
  public void answerWith(String name, String value) {
    answerHeaders.add(new Header(name, value));
  }

  List<Header> answerHeaders() {
    return answerHeaders;
  }

  /** The length of the body, as far as it was read. */
  public int bodyBytes() {
    return bodyBytes;
  }

  /**
   * Reserves memory for a long answer to a change. Call it before the change: without memory
   * afterwards, the caller would receive a 503 and repeat a change that was made.
   *
   * @param textBytes the length in JSON of the texts that the answer repeats
   * @throws RefusedRequest if there is no memory
   */
  public void reserveAnswer(int textBytes) {
    int bytes = textBytes + Limits.RESPONSE_ENVELOPE_BYTES;
    if (bytes > Limits.RESPONSE_UNRESERVED_BYTES && answerRoom.isEmpty()) {
      answerRoom = Outflow.hold(client(), bytes, Limits.RESPONSE_MEMORY_TIMEOUT);
      if (answerRoom.isEmpty()) {
        throw new RefusedRequest(503);
      }
    }
  }

  /** The memory for long messages on the socket that this call opens; does not keep the call. */
  MessageMemory messageMemory() {
    String client = client();
    return bytes -> ARRIVING.hold(client, bytes, Duration.ZERO).map(held -> held::close);
  }

  /** The memory from {@link #reserveAnswer}, which the caller of this method must release. */
  Optional<BytePool.Held> answerRoom() {
    return answerRoom;
  }

  ApiResponse complete(ApiResponse answer) {
    return answer.with(answerHeaders);
  }

  /** The fields of the address's query. */
  public RequestFields query() {
    String query = rawQuery();
    return query.isEmpty()
        ? RequestFields.none()
        : RequestFields.ofForm(query.getBytes(StandardCharsets.UTF_8));
  }

  /** Does the same as {@link #fields}, but accepts an empty body. */
  public RequestFields fieldsIfAny(int atMostBytes) {
    return hasBody() ? fields(atMostBytes) : RequestFields.none();
  }

  /** Reads a JSON object or a form; refuses any other content type by 415. */
  public RequestFields fields(int atMostBytes) {
    return switch (contentType()) {
      case JSON -> RequestFields.ofJson(body(atMostBytes));
      case "application/x-www-form-urlencoded" -> RequestFields.ofForm(body(atMostBytes));
      default -> throw new RefusedRequest(415);
    };
  }

  /** Reads a record from the body of an internal call; see {@link Json#read}. */
  public <T> T json(Class<T> type, int atMostBytes) {
    return json(type, atMostBytes, Set.of());
  }

  /**
   * Reads a record of which some components are in the path.
   *
   * @param inPath the names of these components
   */
  public <T> T json(Class<T> type, int atMostBytes, Set<String> inPath) {
    if (!contentType().equals(JSON)) {
      throw new RefusedRequest(415);
    }
    try {
      Map<String, String> given =
          inPath.stream().collect(Collectors.toMap(name -> name, this::parameter));
      return Json.read(body(atMostBytes), type, given);
    } catch (Json.Malformed e) {
      throw RefusedRequest.malformed(RequestFields.sentence(e.why()));
    }
  }

  private String contentType() {
    String type = header("Content-Type");
    if (JSON.equals(type)) {
      return JSON; // as browsers send it
    }
    if (type == null || !isUtf8(type)) {
      throw new RefusedRequest(415);
    }
    return type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
  }

  private static boolean isUtf8(String type) {
    String charset = MimeTypes.getCharsetFromContentType(type);
    return charset == null || charset.equalsIgnoreCase("utf-8");
  }

  /** Refuses every other body than the one with this SHA-256, as soon as it was read. */
  public void expectBody(byte[] sha256) {
    expectedDigest = Optional.of(sha256);
  }

  /** Reads a body that the endpoint does not need, if only a certain one is accepted. */
  public void checkBody(int atMostBytes) {
    if (expectedDigest.isPresent()) {
      body(atMostBytes);
    }
  }

  /**
   * Reads the whole body.
   *
   * @throws RefusedRequest 413 if it is longer, 400 if it ends too early or is not the expected
   *     one, 408 if it arrives too slowly, 503 if there is no memory for it
   */
  public byte[] body(int atMostBytes) {
    if (request.getLength() > atMostBytes) {
      throw new RefusedRequest(413);
    }
    try (var body = new ArrivingBody(request, client(), atMostBytes, deadline)) {
      byte[] whole = body.whole();
      bodyBytes = whole.length;
      if (expectedDigest.isPresent()) {
        checkDigest(expectedDigest.get(), Sha256.of(whole));
      }
      return whole;
    }
  }

  /**
   * Reads a body in chunks, and passes each on as soon as it has arrived. The digest of the body is
   * checked at its end.
   *
   * @param chunkBytes the length of each chunk but the last one, which can be shorter
   * @param sink what it throws ends the reading
   * @return the length of the body
   * @throws RefusedRequest as {@link #body}; the sink may have got a part of the body before
   */
  public long bodyInChunks(int chunkBytes, long atMostBytes, Consumer<byte[]> sink) {
    if (request.getLength() > atMostBytes) {
      throw new RefusedRequest(413);
    }
    MessageDigest digest = Sha256.begin();
    try (var body = new ArrivingBody(request, client(), atMostBytes, BodyDeadline.OF_FILE)) {
      long length = body.inChunks(chunkBytes, chunk -> {
        digest.update(chunk);
        sink.accept(chunk);
      });
      if (expectedDigest.isPresent()) {
        checkDigest(expectedDigest.get(), digest.digest());
      }
      return length;
    }
  }

  private static void checkDigest(byte[] expected, byte[] actual) {
    if (!MessageDigest.isEqual(expected, actual)) {
      throw RefusedRequest.malformed("The body is not the one that Content-Digest describes:"
          + " it was changed on its way, or the client digested other bytes than it sent.");
    }
  }
}
