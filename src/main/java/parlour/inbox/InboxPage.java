package parlour.inbox;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.PlainText;
import parlour.accounts.Origin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;

/**
 * Distinguishes calls of the inbox's own page from calls of other pages. If the browser does not
 * report it ({@code Sec-Fetch-Site}), the page's origin must be that of {@code public.url}, or of
 * the called address.
 */
final class InboxPage {
  private static final Logger log = LoggerFactory.getLogger(InboxPage.class);

  private final Optional<Origin> publicOrigin;
  private final AgentCookies cookies;
  private final AtomicLong logged =
      new AtomicLong(System.nanoTime() - Limits.ORIGIN_REFUSAL_LOG_INTERVAL.toNanos());

  InboxPage(Optional<Origin> publicOrigin, AgentCookies cookies) {
    this.publicOrigin = publicOrigin;
    this.cookies = cookies;
  }

  /** Throws {@link Problem} if the call comes from another page. */
  void check(ApiRequest request) {
    String site = request.header("Sec-Fetch-Site");
    String origin = request.header("Origin");
    if (site == null) {
      check(origin, request);
    } else if (!site.equals("same-origin")) {
      throw refused(origin, request);
    }
  }

  /** Checks an origin that the page itself reports, as its next handshake will. */
  void check(@Nullable String origin, ApiRequest request) {
    if (Origin.of(origin).filter(page -> isOurs(page, request)).isEmpty()) {
      throw refused(origin, request);
    }
  }

  private boolean isOurs(Origin page, ApiRequest request) {
    return publicOrigin.filter(page::equals).isPresent()
        || Origin.ofHost(page.isHttps(), request.header("Host"))
            .filter(page::equals)
            .filter(_ -> isSchemeOf(page, request))
            .isPresent();
  }

  /**
   * A page without TLS must not be accepted as one with TLS, or vice versa. Our page has the scheme
   * of the connection or of public.url, or else that of the cookie. Before the first cookie a proxy
   * may have terminated TLS, and the scheme is unknown.
   */
  private boolean isSchemeOf(Origin page, ApiRequest request) {
    if (cookies.isHttps(request)) {
      return page.isHttps();
    }
    List<AgentCookies.ReceivedCookie> shown = cookies.received(request);
    if (shown.isEmpty()) {
      return publicOrigin.isEmpty() || !page.isHttps();
    }
    return page.isHttps() == shown.getFirst().secure();
  }

  private Problem refused(@Nullable String origin, ApiRequest request) {
    long before = logged.get();
    long now = System.nanoTime();
    if (now - before >= Limits.ORIGIN_REFUSAL_LOG_INTERVAL.toNanos()
        && logged.compareAndSet(before, now)) {
      log.warn(
          "the inbox refused a call of a page at {}: Host is {}, public.url {}; if agents use that"
              + " address, set public.url to it",
          PlainText.shown(origin),
          PlainText.shown(request.header("Host")),
          publicOrigin.map(Origin::toString).orElse("not set"));
    }
    return new Problem(
        ErrorCode.ORIGIN_NOT_ALLOWED,
        "This call is for the inbox's own page, and no other. If this page is the inbox, an"
            + " operator must set public.url to its address, and the proxy must pass on Host.");
  }
}
