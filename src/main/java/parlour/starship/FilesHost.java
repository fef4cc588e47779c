package parlour.starship;

import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.LoggerFactory;
import parlour.OutageLog;
import parlour.PlainText;
import parlour.trace.Lifeline;
import parlour.trace.Trace;

/**
 * The host that answers the contents of files and nothing else, if an operator has set one. No other
 * host answers them then, so that a file never has the origin of a page or of an API.
 *
 * <p>A proxy that changes Host turns such answers into 404. So each 404 that only the host causes is
 * explained in the trace and, at a bounded rate, in the log. Strangers try paths like {@code /} and
 * {@code /media/x.js} at every host; the log leaves these out.
 */
public final class FilesHost {
  private static final String REMEDY =
      "; if browsers sent another Host, let the proxy pass on that Host (in nginx:"
          + " proxy_set_header Host $http_host)";

  private static final Pattern LINK =
      Pattern.compile("/media/ac[0-9a-f]{32}/me[0-9a-f]{32}/.+", Pattern.CASE_INSENSITIVE);

  private final Optional<URI> url;

  /** Files at other hosts. A stranger can invent such hosts, so other calls have another log. */
  private final OutageLog files = log();

  private final OutageLog others = log();
  private final OutageLog pages = log();

  /**
   * @param url its origin
   */
  public FilesHost(Optional<URI> url) {
    this.url = url;
  }

  private static OutageLog log() {
    return new OutageLog(
        LoggerFactory.getLogger(FilesHost.class), "a call is answered 404, because of its host");
  }

  /** Its origin, for the policies of our pages. */
  Optional<String> origin() {
    return url.map(URI::toString);
  }

  /** Whether the request was sent to it. */
  boolean isCalled(Request request) {
    return url.filter(own -> isSame(own.getHost(), Request.getServerName(request)))
        .isPresent();
  }

  /** "files.example.com." is the same host in DNS. */
  private static boolean isSame(String host, String called) {
    return host.equalsIgnoreCase(
        called.endsWith(".") ? called.substring(0, called.length() - 1) : called);
  }

  /** Whether the host of a request answers a call. */
  boolean answers(PublicCall call, Request request) {
    return url.isEmpty() || isCalled(request) == (call == PublicCall.CONTENT);
  }

  /**
   * Explains why a call that the host of the request does not answer gets 404.
   *
   * @param client the address that the call is counted for; empty if calls are not counted
   */
  void explain(PublicCall call, Request request, String client, Trace trace) {
    boolean isFile = call == PublicCall.CONTENT;
    String why = isFile
        ? "%s came with the Host %s, and only that of media.url, %s, answers it"
            .formatted(call.inWords(), host(request), url.orElseThrow())
        : here(call.inWords());
    trace.action(Lifeline.S, "does not answer this call at this host", why);
    if (!isFile) {
      others.failedFor(client, why + REMEDY, trace.id());
    } else if (LINK.matcher(path(request)).matches()) {
      files.failedFor(client, why + REMEDY, trace.id());
    }
  }

  /** Without the Host as it came, because it differs only in its case and its port. */
  private String here(String call) {
    return "%s came with the Host of media.url, %s, which answers only files"
        .formatted(call, url.orElseThrow());
  }

  private static String host(Request request) {
    return PlainText.shown(request.getHeaders().get(HttpHeader.HOST));
  }

  /** A caller can send any text as a method. */
  private static String method(Request request) {
    return HttpMethod.fromString(request.getMethod()) == null ? "UNKNOWN" : request.getMethod();
  }

  /** CONNECT and OPTIONS * have none. */
  private static String path(Request request) {
    return Objects.requireNonNullElse(Request.getPathInContext(request), "");
  }

  /**
   * A handler of all other hosts.
   *
   * @param answers whether the handler answers a path
   */
  public Handler elsewhere(Handler handler, Predicate<String> answers) {
    if (url.isEmpty()) {
      return handler;
    }
    return new Handler.Wrapper(handler) {
      @Override
      public boolean handle(Request request, Response response, Callback callback)
          throws Exception {
        if (!isCalled(request)) {
          return super.handle(request, response, callback);
        }
        String path = path(request);
        if (!path.equals("/") && answers.test(path)) {
          pages.failed(here(method(request) + " " + PlainText.shown(path)) + REMEDY);
        }
        return false;
      }
    };
  }
}
