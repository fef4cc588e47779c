package parlour.starship;

import java.net.URI;
import java.util.Optional;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The host that answers the contents of files and nothing else, if an operator has set one. No other
 * host answers them then, so that a file never has the origin of a page or of an API.
 */
public final class FilesHost {
  private final Optional<URI> url;

  /**
   * @param url its origin
   */
  public FilesHost(Optional<URI> url) {
    this.url = url;
  }

  /** Its origin, for the policies of our pages. */
  Optional<String> origin() {
    return url.map(URI::toString);
  }

  /** Whether the request was sent to it. */
  boolean isCalled(Request request) {
    // "files.example.com." is the same host in DNS.
    String called = Request.getServerName(request).replaceFirst("\\.$", "");
    return url.filter(own -> own.getHost().equalsIgnoreCase(called)).isPresent();
  }

  /** Whether the host of a request answers a call. */
  boolean answers(PublicCall call, Request request) {
    return url.isEmpty() || isCalled(request) == (call == PublicCall.CONTENT);
  }

  /** A handler of all other hosts. */
  public Handler elsewhere(Handler handler) {
    return new Handler.Wrapper(handler) {
      @Override
      public boolean handle(Request request, Response response, Callback callback)
          throws Exception {
        return !isCalled(request) && super.handle(request, response, callback);
      }
    };
  }
}
