package parlour.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * A table of routes, fixed once it is started. The fixed parts of a path match in any case, a
 * {@code {Name}} matches one whole segment as it is written, and the first route that matches wins.
 */
public final class Routes extends Handler.Abstract {
  private final List<Route> routes = new ArrayList<>();
  private final Duration bodyDeadline;

  public Routes() {
    this(Limits.BODY_DEADLINE);
  }

  public Routes(Duration bodyDeadline) {
    this.bodyDeadline = bodyDeadline;
  }

  public Routes get(String path, Endpoint endpoint) {
    return add("GET", path, endpoint, Errors.PLAIN);
  }

  public Routes get(String path, Endpoint endpoint, Errors errors) {
    return add("GET", path, endpoint, errors);
  }

  public Routes post(String path, Endpoint endpoint) {
    return add("POST", path, endpoint, Errors.PLAIN);
  }

  public Routes post(String path, Endpoint endpoint, Errors errors) {
    return add("POST", path, endpoint, errors);
  }

  private Routes add(String method, String path, Endpoint endpoint, Errors errors) {
    if (isStarted()) {
      throw new IllegalStateException("the routes are fixed once started");
    }
    routes.add(new Route(method, List.of(path.substring(1).split("/", -1)), endpoint, errors));
    return this;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    answer(request).send(response, callback);
    return true;
  }

  private Answer answer(Request request) {
    String path = Request.getPathInContext(request);
    if (path == null || !path.startsWith("/")) { // CONNECT and OPTIONS *
      return Errors.PLAIN.answer(new Problem(ErrorCode.NOT_FOUND));
    }
    var segments = List.of(path.substring(1).split("/", -1));
    var allowed = new ArrayList<String>();
    for (Route route : routes) {
      var parameters = route.match(segments);
      if (parameters == null) {
        continue;
      }
      if (!route.takes(request.getMethod())) {
        allowed.add(route.method);
        continue;
      }
      var call = new Call(request, parameters, bodyDeadline);
      try {
        return call.complete(route.endpoint.answer(call));
      } catch (RuntimeException failure) {
        return call.complete(route.errors.answer(failure));
      }
    }
    return Errors.PLAIN.answer(
        allowed.isEmpty()
            ? new Problem(ErrorCode.NOT_FOUND)
            : new Problem(ErrorCode.METHOD_NOT_ALLOWED).withHeader("Allow", allow(allowed)));
  }

  private static String allow(List<String> methods) {
    return methods.stream()
        .flatMap(method -> method.equals("GET") ? Stream.of("GET", "HEAD") : Stream.of(method))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private record Route(String method, List<String> pattern, Endpoint endpoint, Errors errors) {

    boolean takes(String asked) {
      return asked.equals(method) || (asked.equals("HEAD") && method.equals("GET"));
    }

    /** The parameters of the path, or null when it is not this route's. */
    @Nullable
    Map<String, String> match(List<String> segments) {
      if (segments.size() != pattern.size()) {
        return null;
      }
      var parameters = new HashMap<String, String>();
      for (int i = 0; i < segments.size(); i++) {
        String fixed = pattern.get(i);
        String given = segments.get(i);
        if (fixed.startsWith("{") && !given.isEmpty()) {
          parameters.put(fixed.substring(1, fixed.length() - 1), given);
        } else if (!fixed.equalsIgnoreCase(given)) {
          return null;
        }
      }
      return parameters;
    }
  }
}
