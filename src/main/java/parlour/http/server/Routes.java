package parlour.http.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.Header;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketHandler;
import parlour.http.websocket.SocketKind;
import parlour.http.websocket.Sockets;
import parlour.trace.Trace;

/**
 * A table of routes, which cannot change after its start. The fixed segments of a path match
 * without regard to case, a {@code {Name}} matches any whole segment, and the first match is used.
 */
public final class Routes extends Handler.Abstract {
  private final List<Route> routes = new ArrayList<>();
  private final ErrorResponses errors;
  private final BodyDeadline bodyDeadline;

  /**
   * @param errors of the routes that are added without their own, and of calls without a route
   */
  public Routes(ErrorResponses errors) {
    this(errors, BodyDeadline.DEFAULT);
  }

  public Routes(ErrorResponses errors, BodyDeadline bodyDeadline) {
    this.errors = errors;
    this.bodyDeadline = bodyDeadline;
  }

  /** Adds a read. Memory for its answer is reserved before the endpoint runs. */
  public Routes get(String path, Endpoint endpoint) {
    return add("GET", path, endpoint, errors);
  }

  public Routes post(String path, Endpoint endpoint) {
    return add("POST", path, endpoint, errors);
  }

  public Routes post(String path, Endpoint endpoint, ErrorResponses errors) {
    return add("POST", path, endpoint, errors);
  }

  /**
   * Adds a route that matches only requests with the given header. Add it before the route without
   * the header.
   *
   * @param header in any case
   */
  public Routes withHeader(String header, String method, String path, Endpoint endpoint) {
    add(method, path, endpoint, errors);
    routes.add(routes.removeLast().onlyWith(header));
    return this;
  }

  public Routes delete(String path, Endpoint endpoint) {
    return add("DELETE", path, endpoint, errors);
  }

  /** Adds a read whose answer is a file. */
  public Routes download(String path, Download.Endpoint endpoint) {
    return add("GET", path, (call, exchange) -> send(endpoint, call, exchange), errors, 0);
  }

  /** Adds a WebSocket for texts. A call that is not a handshake is refused by 400. */
  public Routes socket(String path, SocketEndpoint endpoint) {
    return socket(path, endpoint, SocketKind.TEXT);
  }

  public Routes socket(String path, SocketEndpoint endpoint, SocketKind kind) {
    return add("GET", path, (call, exchange) -> open(endpoint, kind, call, exchange), errors, 0);
  }

  private Routes add(String method, String path, Endpoint endpoint, ErrorResponses errors) {
    return add(
        method,
        path,
        (call, exchange) -> Optional.of(endpoint.answer(call)),
        errors,
        method.equals("GET") ? Limits.PAGE_MEMORY : 0);
  }

  private Routes add(String method, String path, Action action, ErrorResponses errors, int room) {
    if (isStarted()) {
      throw new IllegalStateException("routes cannot be added after the start");
    }
    List<String> pattern = List.of(path.substring(1).split("/", -1));
    routes.add(new Route(method, pattern, Optional.empty(), action, errors, room));
    return this;
  }

  private Optional<ApiResponse> open(
      SocketEndpoint endpoint, SocketKind kind, ApiRequest call, Exchange exchange) {
    if (!Sockets.isHandshake(exchange.request)) {
      throw noHandshake();
    }
    SocketHandler handler = endpoint.accept(call);
    Sockets sockets = Sockets.of(getServer());
    call.answerHeaders()
        .forEach(header -> exchange.response.getHeaders().add(header.name(), header.value()));
    boolean opened = sockets.open(
        exchange.request,
        exchange.response,
        exchange.callback,
        new Socket(sockets, handler, kind, call.messageMemory(), Trace.current()).frames());
    if (!opened) {
      exchange.send(errors.answer(noHandshake()));
    }
    return Optional.empty();
  }

  private static Optional<ApiResponse> send(
      Download.Endpoint endpoint, ApiRequest call, Exchange exchange) {
    Download file = endpoint.answer(call);
    Optional<BytePool.Held> room =
        Outflow.hold(call.client(), file.maxChunkBytes(), Limits.RESPONSE_MEMORY_TIMEOUT);
    if (room.isEmpty()) {
      throw new RefusedRequest(503);
    }
    try (BytePool.Held _ = room.get()) {
      exchange.send(file, call.answerHeaders());
    }
    return Optional.empty();
  }

  /** The refusal of a call without handshake on the path of a WebSocket. */
  private static RefusedRequest noHandshake() {
    return RefusedRequest.malformed(
            "There is a WebSocket at this path: ask for the upgrade to one.")
        .withHeader("Sec-WebSocket-Version", Sockets.VERSION);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    find(request, new Exchange(request, response, callback));
    return true;
  }

  private void find(Request request, Exchange exchange) {
    String path = Request.getPathInContext(request);
    if (path == null || !path.startsWith("/")) { // CONNECT and OPTIONS *
      exchange.send(errors.answer(new RefusedRequest(404)));
      return;
    }
    var segments = List.of(path.substring(1).split("/", -1));
    var allowed = new ArrayList<String>();
    for (Route route : routes) {
      var parameters = route.match(segments);
      if (parameters == null) {
        continue;
      }
      if (!route.isFor(request.getHeaders())) {
        continue;
      }
      if (!route.takes(request.getMethod())) {
        allowed.add(route.method);
        continue;
      }
      answer(route, new ApiRequest(request, parameters, bodyDeadline), exchange);
      return;
    }
    exchange.send(errors.answer(
        allowed.isEmpty()
            ? new RefusedRequest(404)
            : new RefusedRequest(405).withHeader("Allow", allow(allowed))));
  }

  private static void answer(Route route, ApiRequest call, Exchange exchange) {
    Optional<BytePool.Held> room = Optional.empty();
    if (route.room > 0) {
      room = Outflow.hold(call.client(), route.room, Limits.RESPONSE_MEMORY_TIMEOUT);
      if (room.isEmpty()) {
        exchange.send(call.complete(route.errors.answer(new RefusedRequest(503))));
        return;
      }
    }
    Optional<ApiResponse> answer;
    try {
      answer = route.action.on(call, exchange);
    } catch (RuntimeException failure) {
      answer = Optional.of(route.errors.answer(failure));
    } catch (Error failure) {
      room.or(call::answerRoom).ifPresent(BytePool.Held::close);
      throw failure;
    }
    if (answer.isPresent()) {
      send(call.complete(answer.get()), room.or(call::answerRoom), route, call, exchange);
    }
  }

  /**
   * Sends an answer. If no memory or too little was reserved, it is reserved only now, as for the
   * answer to a message that was sent before: the caller can repeat such a call.
   */
  private static void send(
      ApiResponse answer,
      Optional<BytePool.Held> reserved,
      Route route,
      ApiRequest call,
      Exchange exchange) {
    int bytes = answer.body().length;
    if (bytes <= Limits.RESPONSE_UNRESERVED_BYTES) {
      reserved.ifPresent(BytePool.Held::close);
      exchange.send(answer);
      return;
    }
    Optional<BytePool.Held> room = reserved;
    if (room.isEmpty() || (route.room == 0 && room.get().bytes() < bytes)) {
      reserved.ifPresent(BytePool.Held::close);
      room = Outflow.hold(call.client(), bytes, Limits.RESPONSE_MEMORY_TIMEOUT);
    }
    if (room.isEmpty()) {
      exchange.send(call.complete(route.errors.answer(new RefusedRequest(503))));
      return;
    }
    BytePool.Held held = room.get();
    held.shrinkTo(bytes);
    answer.send(exchange.response, Callback.from(exchange.callback, held::close));
  }

  /** A request and the response to it. */
  private record Exchange(Request request, Response response, Callback callback) {
    void send(ApiResponse answer) {
      answer.send(response, callback);
    }

    void send(Download file, List<Header> more) {
      HttpFields.Mutable fields = response.getHeaders();
      fields.put(HttpHeader.CACHE_CONTROL, "no-store");
      Stream.of(file.headers(), more)
          .flatMap(List::stream)
          .forEach(header -> fields.put(header.name(), header.value()));
      fields.put(HttpHeader.CONTENT_LENGTH, file.length());
      try {
        if (HttpMethod.HEAD.is(request.getMethod()) || file.length() == 0) {
          Outflow.writePart(response, true, new byte[0]);
        } else {
          write(file);
        }
      } catch (IOException | RuntimeException failure) {
        callback.failed(failure); // closes the connection: a part must not pass for the whole
        return;
      }
      callback.succeeded();
    }

    private void write(Download file) throws IOException {
      long sent = 0;
      while (sent < file.length()) {
        byte[] chunk = file.source().read(sent);
        if (chunk.length == 0) {
          throw new IOException("the file ends too early");
        }
        sent += chunk.length;
        Outflow.writePart(response, sent >= file.length(), chunk);
      }
    }
  }

  /** Makes the answer; empty if it was sent already. */
  @FunctionalInterface
  private interface Action {
    Optional<ApiResponse> on(ApiRequest call, Exchange exchange);
  }

  private static String allow(List<String> methods) {
    return methods.stream()
        .flatMap(method -> method.equals("GET") ? Stream.of("GET", "HEAD") : Stream.of(method))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /**
   * @param header that its requests have
   * @param room bytes that are reserved for the answer before it is made
   */
  private record Route(
      String method,
      List<String> pattern,
      Optional<String> header,
      Action action,
      ErrorResponses errors,
      int room) {

    Route onlyWith(String name) {
      return new Route(method, pattern, Optional.of(name), action, errors, room);
    }

    boolean isFor(HttpFields headers) {
      return header.map(headers::contains).orElse(true);
    }

    boolean takes(String requested) {
      return requested.equals(method) || (requested.equals("HEAD") && method.equals("GET"));
    }

    /** The parameters in the path, or null if the path does not match. */
    @Nullable
    Map<String, String> match(List<String> segments) {
      if (segments.size() != pattern.size()) {
        return null;
      }
      Map<String, String> parameters = Map.of(); // most patterns have none, or do not match
      for (int i = 0; i < segments.size(); i++) {
        String fixed = pattern.get(i);
        String given = segments.get(i);
        if (fixed.startsWith("{") && !given.isEmpty()) {
          parameters = parameters.isEmpty() ? new HashMap<>() : parameters;
          parameters.put(fixed.substring(1, fixed.length() - 1), given);
        } else if (!fixed.equalsIgnoreCase(given)) {
          return null;
        }
      }
      return parameters;
    }
  }
}
