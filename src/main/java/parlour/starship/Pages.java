package parlour.starship;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import parlour.Sha256;
import parlour.http.server.Outflow;

/**
 * Serves the widget and the pages: a few files from the jar, kept in memory. Other paths go to the
 * next handler.
 */
public final class Pages extends Handler.Abstract.NonBlocking {
  private static final String FOLDER = "/parlour/browser/";

  /** Allows scripts, styles and images of this origin only, and nothing inline. */
  private static final String POLICY = policy("'self'", "'none'");

  /** The worker calls its own server alone, loads nothing else, and starts no other script. */
  private static final String POLICY_OF_WORKER = "default-src 'none'; connect-src 'self'";

  private static final String INBOX = "/inbox";
  private static final String INBOX_WORKER = "/inbox-worker.js";

  private static final String SCRIPT = "text/javascript;charset=utf-8";

  /** Of the pages that show previews of files. */
  private final String policyOfDemo;

  private final String policyOfInbox;

  private static final Map<String, Page> PAGES = Stream.concat(
          Stream.of(
              Page.html("/", "home.html"),
              Page.html("/demo", "demo.html"),
              Page.own("/demo.css", "text/css;charset=utf-8"),
              Page.own("/demo.js", SCRIPT),
              Page.own("/icon.svg", "image/svg+xml"),
              Page.own("/icon-unread.svg", "image/svg+xml"),
              Page.html("/console", "console.html"),
              Page.own("/console.css", "text/css;charset=utf-8"),
              Page.own("/console.js", SCRIPT),
              Page.html(INBOX, "inbox.html"),
              Page.own("/inbox.css", "text/css;charset=utf-8"),
              Page.own("/inbox.js", SCRIPT),
              Page.own(INBOX_WORKER, SCRIPT),
              Page.read("/push-worker.js", "push-worker.js", SCRIPT, Use.WIDGET),
              Page.read("/webchat.js", "webchat.js", SCRIPT, Use.WIDGET)),
          chunks())
      .collect(Collectors.toUnmodifiableMap(Page::path, page -> page));

  /**
   * @param files where the previews of files are
   */
  public Pages(FilesHost files) {
    String images = files.origin().map(host -> "'self' " + host).orElse("'self'");
    policyOfDemo = policy(images, "'none'");
    policyOfInbox = policy(images, "parlour-worker");
  }

  /**
   * @param trustedTypes the names of the policies that a script can make (Trusted Types): that of the
   *     inbox permits the address of its service worker
   */
  private static String policy(String images, String trustedTypes) {
    return String.join(
        "; ",
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src " + images,
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types " + trustedTypes);
  }

  /** The parts of the widget that it loads when it needs them. Their names contain their hash. */
  private static Stream<Page> chunks() {
    return new String(resource("chunks.txt"), StandardCharsets.UTF_8)
        .lines()
        .map(name -> Page.read("/" + name, name, SCRIPT, Use.CHUNK));
  }

  private static byte[] resource(String file) {
    try (InputStream in = Pages.class.getResourceAsStream(FOLDER + file)) {
      if (in == null) {
        throw new IllegalStateException(
            file + " is missing in the jar: build the program with browser/build.sh");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The sites whose pages load a file, and how long a browser may keep it. */
  private enum Use {
    /** Parlour's own pages. The browser asks each time. */
    OWN("no-cache"),
    /** Pages of other sites, under a name that stays the same. The browser asks each time. */
    WIDGET("no-cache"),
    /** Pages of other sites, under a name that changes with the content. */
    CHUNK("public, max-age=31536000, immutable");

    private final String caching;

    Use(String caching) {
      this.caching = caching;
    }
  }

  /**
   * @param gzipped the content, compressed by the build
   * @param tag the strong validator (RFC 9110 §8.8.3): the digest of its content
   */
  private record Page(String path, String type, Use use, byte[] plain, byte[] gzipped, String tag) {

    static Page html(String path, String file) {
      return read(path, file, "text/html;charset=utf-8", Use.OWN);
    }

    static Page own(String path, String type) {
      return read(path, path.substring(1), type, Use.OWN);
    }

    static Page read(String path, String file, String type, Use use) {
      byte[] plain = resource(file);
      String tag = HexFormat.of().formatHex(Sha256.of(plain), 0, 16);
      return new Page(path, type, use, plain, resource(file + ".gz"), tag);
    }
  }

  private String policyOf(String page) {
    return switch (page) {
      case INBOX -> policyOfInbox;
      case "/demo" -> policyOfDemo;
      default -> POLICY;
    };
  }

  /** Whether there is a page or a file at a path. */
  public boolean has(String path) {
    return PAGES.containsKey(path);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    String path = Request.getPathInContext(request);
    @Nullable Page page = path == null ? null : PAGES.get(path);
    if (page == null
        || !(request.getMethod().equals("GET") || request.getMethod().equals("HEAD"))) {
      return false;
    }
    boolean gzip = request.getHeaders().contains(HttpHeader.ACCEPT_ENCODING, "gzip");
    String tag = "\"" + page.tag() + (gzip ? "-gzip\"" : "\"");
    HttpFields.Mutable headers = response.getHeaders();
    headers
        .put(HttpHeader.CONTENT_TYPE, page.type())
        .put(HttpHeader.ETAG, tag)
        .put(HttpHeader.CACHE_CONTROL, page.use().caching)
        .put(HttpHeader.VARY, "Accept-Encoding")
        .put("X-Content-Type-Options", "nosniff")
        .put("Referrer-Policy", "no-referrer");
    if (page.use() != Use.OWN) {
      headers
          .put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
          .put("Cross-Origin-Resource-Policy", "cross-origin");
    } else {
      headers.put("Cross-Origin-Resource-Policy", "same-origin");
    }
    if (page.type().startsWith("text/html")) {
      headers
          .put("Content-Security-Policy", policyOf(page.path()))
          .put("Cross-Origin-Opener-Policy", "same-origin")
          .put("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
    }
    if (page.path().equals(INBOX_WORKER)) {
      headers.put("Content-Security-Policy", POLICY_OF_WORKER);
    }
    if (EntityTags.match(request.getHeaders().getValuesList(HttpHeader.IF_NONE_MATCH), tag)) {
      response.setStatus(304);
      response.write(true, ByteBuffer.allocate(0), callback);
      return true;
    }
    byte[] body = gzip ? page.gzipped() : page.plain();
    if (gzip) {
      headers.put(HttpHeader.CONTENT_ENCODING, "gzip");
    }
    response.setStatus(200);
    headers.put(HttpHeader.CONTENT_LENGTH, body.length);
    boolean whole = request.getMethod().equals("GET");
    Outflow.write(response, whole ? body : new byte[0], callback);
    return true;
  }
}
